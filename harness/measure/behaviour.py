"""What a stage does: the probes of a suite, taken on it, and what differs between two stages. Nothing is judged here.

A stage that computes for ever without touching the machine is stopped by nobody here: call `probe` in a process with a time limit, as for
everything that runs a stage.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from harness.jobs.stage_loading import NotAStage
from harness.machine.diagnosis import LacksCalled, Violation
from harness.suite.probe import Probe, Value
from harness.suite.program import SuiteMistake, crash_of_stage, line_of
from harness.suite.stuck import suite_on_watch

# Source lines move with every patch: they say nothing about behaviour.
PLACE = re.compile(r",? at \S+:\d+ \([^)]*\)")
LONGEST_TEXT = 90


def probe(probes: Sequence[Probe], module: ModuleType) -> dict[str, Any]:
    """Take every probe on a stage: name, with the kind in parentheses, to a number, a short text or a list of names."""
    found: dict[str, Any] = {}
    for row in probes:
        for kind, name in zip(row.kinds or ("",), row.names, strict=True):
            found[name] = _measure(row, module, kind)
    return found


def _measure(row: Probe, module: ModuleType, kind: str) -> Value:
    """One probe on one stage, and what it prints is dropped; one that cannot do it gives its diagnosis, or raises `NotAStage`."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            with suite_on_watch():
                found = row.measure(module, kind)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            violation = crash_of_stage(error)
            if isinstance(violation, LacksCalled):
                raise NotAStage(violation.message) from None
            return _diagnosis(violation)
    if isinstance(found, int | str) or (isinstance(found, list) and all(isinstance(each, str) for each in found)):
        return found
    kinds = "a whole number, a text or a list of texts"
    raise SuiteMistake(f"{line_of(row.measure)}: probe {row.name!r} has to return {kinds}, and returns {type(found).__name__}")


def _diagnosis(violation: Violation) -> str:
    """The violation in a few words, without places."""
    text = PLACE.sub("", f"{violation.kind}: {violation.message}")
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The probes that differ between two stages, as (name, before, after); of lists of names, only those that the other lacks."""
    rows = []
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old != new:
            rows.append((name, _only(old, new), _only(new, old)))
    return rows


def _only(value: Any, other: Any) -> str:
    if isinstance(value, list) and isinstance(other, list):
        return ", ".join(item for item in value if item not in other) or "–"
    return "–" if value is None else str(value)
