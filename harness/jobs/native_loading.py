"""Turns a stage in C into a module: its library has been compiled by the parent. To be called in worker processes only."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

from harness.jobs.native_building import Built, build, key_of, told
from harness.native.loading import library_at
from harness.native.native_options import NativeOptions
from harness.native.stage_module import LacksFunction, stage_module
from harness.sources.target import Target
from harness.suite.registry import suite_named
from harness.suite.suite import LACKS


class NotNative(Exception):
    """There is no loading it; the message completes "the stage …"."""


def load_native(target: Target, name: str) -> ModuleType:
    """The stage as a module of that name; raises `NotNative`. What it has of its own is in C memory, which every execution begins anew."""
    built = _built(target)
    glue = suite_named(target.suite).native
    if built.problem or glue is None:
        raise NotNative(built.problem)
    try:
        options = target.native or NativeOptions()
        module = stage_module(library_at(Path(built.library), Path(built.runtime), options.intended_races), glue, name)
    except LacksFunction as error:
        raise NotNative(f"{LACKS}: {error}") from None
    module.words = options.words
    return module


def _built(target: Target) -> Built:
    """What the parent has said; it may be that nobody has, or that somebody has removed the library meanwhile."""
    found = told.built.get(key_of(target))
    there = found is not None and (found.problem or all(map(os.path.exists, (found.library, found.runtime))))
    return found if found is not None and there else build(target)
