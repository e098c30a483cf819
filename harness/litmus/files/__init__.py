"""Litmus tests of the Linux kernel, as herd7 reads them: files in C are read, run under a memory model, and judged by their condition."""
