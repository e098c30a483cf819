"""From the source of a stage in C to a module, in this process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from harness.native.c_source import CSource
from harness.native.compiling import compiled, runtime_library
from harness.native.glue import NativeGlue
from harness.native.layout import Layout
from harness.native.library import Library
from harness.native.native_module import NativeModule
from harness.native.runtime import runtime
from harness.native.stage_module import stage_module


def load_stage(source: CSource, glue: NativeGlue, name: str, intended_races: tuple[str, ...] = ()) -> NativeModule:
    """The stage as a module of that name; raises `DoesNotCompile`, `NoCompiler` and `LacksFunction`.

    `intended_races` names variables, and members of structures ("request.done"), whose plain accesses count as marked ones.

    It has to be compiled if nobody has done that. A library is loaded once, and each execution has its memory as it was then.
    """
    return stage_module(library_at(compiled(source), runtime_library(source.cc), intended_races), glue, name)


@lru_cache(maxsize=64)
def library_at(path: Path, of_runtime: Path, intended_races: tuple[str, ...]) -> Library:
    """A library that has been compiled, with the runtime that it needs."""
    return Library(path, Layout.of(path), runtime(of_runtime), intended_races)
