"""Where a barrier could stand in a stage: in front of each statement of its functions, and behind the last one of a loop or a function.

The stage's source is compiled with a call at each of them, so that barriers can be there in one execution and not in the next. Lines keep
their numbers, and where nothing is to stand, a call changes nothing that an engine sees. Which barriers to try is not decided here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import CodeType, ModuleType

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ARM, PSO, TSO
from harness.explored.views import ALL, READS, WRITES
from harness.machine.diagnosis import inner

WMB, RMB, MB = WRITES, READS, ALL

# The barriers that do anything under a memory model, the weakest first.
KINDS: Mapping[str, tuple[str, ...]] = {TSO: (MB,), PSO: (WMB, MB), ARM: (WMB, RMB, MB)}

_PERFORM: Mapping[str, Callable[[ExploredEngine], None]] = {
    WMB: lambda engine: engine.write_fence(),
    RMB: lambda engine: engine.read_fence(),
    MB: lambda engine: engine.fence(),
}

# What the stage calls it; no name of a stage is like that.
CALL = "__barrier__"

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)

# The barriers at each place that has any.
Placed = Mapping[int, Collection[str]]

inner(__file__)


@dataclass(frozen=True)
class Place:
    """In front of the statement that begins in `line`; with `behind`, after the one that ends there."""

    line: int
    behind: bool = False

    def __str__(self) -> str:
        return f"{'after' if self.behind else 'before'} line {self.line}"


class Barriers:
    """Performs the barriers that are `placed`. `engine`: what executes, if anything does; `passed` is told of every place."""

    def __init__(self) -> None:
        self.engine: ExploredEngine | None = None
        self.placed: Placed = {}
        self.passed: Callable[[int], None] | None = None

    def __call__(self, number: int) -> None:
        engine = self.engine
        if engine is None or engine.frozen:
            return
        if self.passed is not None:
            self.passed(number)
        for kind in self.placed.get(number, ()):
            _PERFORM[kind](engine)


class Instrumented:
    """A stage's source with a call of `barriers` at each of its `places`, which have numbers."""

    def __init__(self, path: str, source: bytes) -> None:
        self.path = path
        self.source = source
        self.places: list[Place] = []
        self.barriers = Barriers()

    def compiled(self, module: ModuleType) -> CodeType:
        """The code to run as this module, which gets what the code calls; to be called once."""
        module.__dict__[CALL] = lambda number: self.barriers(number)
        tree = ast.parse(self.source, self.path)
        for node in ast.walk(tree):
            if isinstance(node, _FUNCTIONS):
                first = 1 if ast.get_docstring(node, clean=False) is not None else 0
                node.body[first:] = self._block(node.body[first:], ends=True)
        return compile(ast.fix_missing_locations(tree), self.path, "exec", dont_inherit=True, optimize=0)

    def text(self, place: Place) -> str:
        """The line of a place, as it stands in the source."""
        lines = self.source.decode("utf-8", "replace").split("\n")
        return lines[place.line - 1].strip() if place.line <= len(lines) else ""

    def _block(self, statements: list[ast.stmt], ends: bool) -> list[ast.stmt]:
        """These statements with calls in front of them, and, if the block `ends` a function or a turn of a loop, behind them."""
        found: list[ast.stmt] = []
        for statement in statements:
            found += [self._call(Place(statement.lineno)), statement]
            if not isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
                self._inside(statement)
        if ends and statements and not isinstance(statements[-1], _LEAVING):
            last = statements[-1]
            found.append(self._call(Place(last.end_lineno or last.lineno, behind=True)))
        return found

    def _inside(self, statement: ast.stmt) -> None:
        for node in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                if isinstance(block, list) and block:
                    setattr(node, name, self._block(block, ends=isinstance(node, _LOOPS) and name == "body"))

    def _call(self, place: Place) -> ast.stmt:
        """A call for a new place."""
        self.places.append(place)
        call = ast.Call(ast.Name(CALL, ast.Load()), [ast.Constant(len(self.places) - 1)], [])
        return ast.Expr(call, lineno=place.line, col_offset=0, end_lineno=place.line, end_col_offset=0)
