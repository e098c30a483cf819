"""Finds the loads of a suite by its name, in any process: names cross from process to process, rows of functions do not."""

from __future__ import annotations

from collections.abc import Mapping

from harness.suite.load import Load
from harness.suite.registry import suite_named


def loads_named(suite: str) -> Mapping[str, Load]:
    """The loads of a suite, by name; the first one is the usual one."""
    return suite_named(suite).loads


def usual_load(suite: str) -> str | None:
    """The name of the load that is measured where nothing else is asked for; None if the suite has no loads."""
    return next(iter(loads_named(suite)), None)
