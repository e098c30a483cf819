"""Turns `[[accepted]]` tables, of whatever file, into changes of the contract that are accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.sources.safe_git import NoSource
from harness.suite.suite import Suite
from harness.suite.whole_numbers import quoted
from stages.api import AcceptedChange

TABLES = "accepted"
KEYS = ("clause", "kinds", "patch", "why")
# This one may be left out.
PROGRAMS = "programs"


def accepted_changes(tables: object, suite: Suite, series: str, patches: Sequence[int] | None) -> tuple[AcceptedChange, ...]:
    """The changes that a list of tables declares; raises `NoSource`. `patches`: the numbers that the series has, if those are known."""
    if not isinstance(tables, list) or not all(isinstance(entry, dict) for entry in tables):
        raise NoSource(f"{TABLES} is no list of tables: begin each with [[{TABLES}]]")
    return tuple(_change(entry, suite, series, patches) for entry in tables)


def _change(entry: dict[str, Any], suite: Suite, series: str, patches: Sequence[int] | None) -> AcceptedChange:
    for key in entry:
        if key not in (*KEYS, PROGRAMS):
            raise NoSource(f"unknown key {quoted(key)}: choose from {', '.join((*KEYS, PROGRAMS))}")
    for key in KEYS:
        if key not in entry:
            raise NoSource(f"an accepted change needs {key}")
    clause, kinds, patch, why = (entry[key] for key in KEYS)
    if not isinstance(clause, str) or clause not in suite.clauses:
        raise NoSource(f"unknown clause {quoted(clause)}: choose from {', '.join(suite.clauses)}")
    _require_some("kinds", clause, kinds, suite.clauses[clause].kinds)
    programs = entry.get(PROGRAMS)
    if programs is not None:
        _require_some(PROGRAMS, clause, programs, [program.name for program in suite.clauses[clause].programs])
    _require_patch(patch, series, patches)
    if not isinstance(why, str) or not why.strip():
        raise NoSource(f"why is {clause} accepted? `why` is a sentence")
    return AcceptedChange(clause, tuple(kinds), patch, " ".join(why.split()), tuple(programs or ()))


def _require_patch(patch: object, series: str, patches: Sequence[int] | None) -> None:
    known = "" if patches is None else f"series {series} has {', '.join(map(str, patches))}"
    if type(patch) is not int or (patches is not None and patch not in patches):
        raise NoSource(f"unknown patch {quoted(patch)}: {known or 'write its number'}")


def _require_some(what: str, clause: str, named: object, known: Sequence[str]) -> None:
    """`named` is what the file has for the key `what`: some of those that are known."""
    if not isinstance(named, list) or not named:
        raise NoSource(f"{what} of {clause} is a list: {', '.join(known)}")
    for name in named:
        if name not in known:
            raise NoSource(f"{clause} has no {what[:-1]} {quoted(name)}: choose from {', '.join(known)}")
