"""Stages in C: a C file, compiled with a hook at every access to memory, runs on the emulated machine as a stage in Python does.

`runtime.c` and `include/` are the C side. Nothing here knows of a suite, a search or a memory model by name: what C asks for is asked of
the hypervisor that it runs on.
"""
