"""The program that an execution is one of, as its suite has it: the function, its place, and the file around it, as they were executed."""

from __future__ import annotations

import ast
import inspect
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import FunctionType

from harness.report.html.source_texts import SourceText, source_text
from harness.suite.own_suite import OwnSuite
from harness.suite.program import Program
from harness.suite.suite import Suite

# Of a function around a program that is longer than that, only the program is shown.
MOST_LINES = 80


@dataclass(frozen=True)
class ProgramSource:
    """`place`: where it is, such as `harness/tasklets/clauses/fifo.py:12`; `first`: the number of the first of its `lines`, from 1 on."""

    place: str
    first: int
    lines: tuple[str, ...]
    file: SourceText


def program_source(suite: Suite, clause: str, program: str) -> ProgramSource | None:
    """The source of a program of a suite; None where nobody can tell for sure which lines it is."""
    found = suite.clauses.get(clause)
    named = next((each for each in found.programs if each.name == program), None) if found else None
    return None if named is None else _source_of(named)


def _source_of(program: Program) -> ProgramSource | None:
    function = inspect.unwrap(program.body or program.arrange)
    if not isinstance(function, FunctionType):
        return None
    content, place, code = _content(function), program.place, function.__code__
    lines = _extent(content, code.co_firstlineno, code.co_name)
    if place is None or lines is None:
        return None
    file = source_text(Path(place[0]).name, content)
    return ProgramSource(f"{place[0]}:{lines.start}", lines.start, file.lines[lines.start - 1 : lines.stop - 1], file)


def _content(function: FunctionType) -> bytes:
    """What was executed, of a suite of one's own; of another one, the file that it comes from; nothing if that cannot be read."""
    spec = getattr(sys.modules.get(function.__module__), "__spec__", None)
    if spec is not None and isinstance(spec.loader, OwnSuite):
        return spec.loader.contents[spec.loader_state]
    try:
        return Path(function.__code__.co_filename).read_bytes()
    except (OSError, ValueError):
        return b""


def _extent(content: bytes, first: int, name: str) -> range | None:
    """The lines of the outermost function around the one of that name that begins in line `first`; None if it is not there."""
    around = [(lines, called) for lines, called in _functions(content) if first in lines]
    if not any(lines.start == first and called == name for lines, called in around):
        return None
    outer, inner = around[0][0], around[-1][0]
    return outer if len(outer) <= MOST_LINES else inner


@lru_cache(maxsize=64)
def _functions(content: bytes) -> list[tuple[range, str]]:
    """The lines of every function, with its decorators, and its name; the outer ones first."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return []
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [(range(_begin(node), (node.end_lineno or node.lineno) + 1), node.name) for node in found]


def _begin(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])
