"""Reads the changes of the contract that a user accepts: a TOML file of `[[accepted]]` tables."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.cli.exit_codes import UsageError
from harness.suite.suite import Suite
from harness.suite.whole_numbers import quoted
from stages.api import AcceptedChange, Series

TABLES = "accepted"
KEYS = ("clause", "kinds", "patch", "why")
# This one may be left out.
PROGRAMS = "programs"


def accepted_in(path: str | None, suite: Suite, series: Series | None = None) -> tuple[AcceptedChange, ...]:
    """The changes in the file at `path`, none without a file; raises `UsageError`. Without a series, no patch is unknown."""
    if path is None:
        return ()
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    try:
        return tuple(_change(entry, suite, series) for entry in _tables(document))
    except _Wrong as error:
        raise UsageError(f"{path}: {error}") from None


class _Wrong(Exception):
    """What is wrong with the file."""


def _tables(document: dict[str, Any]) -> list[dict[str, Any]]:
    for key in document:
        if key != TABLES:
            raise _Wrong(f"unknown key {quoted(key)}: only [[{TABLES}]] tables are known")
    tables = document.get(TABLES, [])
    if not isinstance(tables, list) or not all(isinstance(entry, dict) for entry in tables):
        raise _Wrong(f"{TABLES} is no list of tables: begin each with [[{TABLES}]]")
    return tables


def _change(entry: dict[str, Any], suite: Suite, series: Series | None) -> AcceptedChange:
    for key in entry:
        if key not in (*KEYS, PROGRAMS):
            raise _Wrong(f"unknown key {quoted(key)}: choose from {', '.join((*KEYS, PROGRAMS))}")
    for key in KEYS:
        if key not in entry:
            raise _Wrong(f"an accepted change needs {key}")
    clause, kinds, patch, why = (entry[key] for key in KEYS)
    if not isinstance(clause, str) or clause not in suite.clauses:
        raise _Wrong(f"unknown clause {quoted(clause)}: choose from {', '.join(suite.clauses)}")
    _require_some("kinds", clause, kinds, suite.clauses[clause].kinds)
    programs = entry.get(PROGRAMS)
    if programs is not None:
        _require_some(PROGRAMS, clause, programs, [program.name for program in suite.clauses[clause].programs])
    _require_patch(patch, series)
    if not isinstance(why, str) or not why.strip():
        raise _Wrong(f"why is {clause} accepted? `why` is a sentence")
    return AcceptedChange(clause, tuple(kinds), patch, " ".join(why.split()), tuple(programs or ()))


def _require_patch(patch: object, series: Series | None) -> None:
    known = "" if series is None else f"series {series.name} has {', '.join(str(stage.index) for stage in series.stages[1:])}"
    if type(patch) is not int or (series is not None and patch not in [stage.index for stage in series.stages[1:]]):
        raise _Wrong(f"unknown patch {quoted(patch)}: {known or 'write its number'}")


def _require_some(what: str, clause: str, named: object, known: Sequence[str]) -> None:
    """`named` is what the file has for the key `what`: some of those that are known."""
    if not isinstance(named, list) or not named:
        raise _Wrong(f"{what} of {clause} is a list: {', '.join(known)}")
    for name in named:
        if name not in known:
            raise _Wrong(f"{clause} has no {what[:-1]} {quoted(name)}: choose from {', '.join(known)}")
