"""Finds the loads of a suite by its name, in any process: names cross from process to process, rows of functions do not.

This is the only place in the generic rooms that knows where a suite's loads are.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from harness.suite.load import Load

# What is measured where nothing else is asked for.
USUAL_SUITE = "tasklets"


def loads_named(suite: str) -> Mapping[str, Load]:
    """The loads of a suite, by name; the first one is the usual one."""
    loads: Mapping[str, Load] = import_module(f"harness.{suite}.loads.scenarios").LOADS
    return loads


def usual_load(suite: str = USUAL_SUITE) -> str:
    """The name of the load that is measured where nothing else is asked for."""
    return next(iter(loads_named(suite)))
