"""Holds the stages in C against those in Python, or against themselves as other compilers make them: verdicts, and numbers of executions.

Usage: `python -m tests.campaign.c_against_python [--compilers] [--stages NAMES] [--models NAMES] [--clauses NAMES] [--limit MODEL=N …]`.
Every program and kind of the contract, or of these clauses, is searched on each. Verdicts have to be the same. The table has the
executions, summed; below it is each program of which both sides have executed all with other numbers, with the reason if they have the
same numbers once a known difference is taken away (`tests.native.twins`), else with `?`. Ends with status 1 if a verdict differs, or a
number without a reason.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from time import process_time
from types import ModuleType

from tabulate import tabulate

from harness.explored.models import ENGINES
from harness.search.search import PASSED, UNDECIDED
from harness.suite.program import Program
from harness.tasklets.contract import CHECKED
from tests.native.twins import STAGES, Found, in_c, in_python, searched, waiting_at_once, with_flag

LIMITS = {"sc": 300, "tso": 300, "pso": 60, "arm": 60}
COMPILERS = (("cc", "-O0"), ("cc", "-O1"), ("cc", "-O2"), ("clang", "-O0"), ("clang", "-O1"), ("clang", "-O2"))
FLAG = "the flag tasklets_initialised is memory in C"
TURN = "a loop is known to wait a turn later in C"
TURN_OF_STACK = "when a loop is known to wait depends on what the compiler keeps on its stack"
NO_REASON = "?"

# How many times the limit there is where only one side has come to an end within it.
ROOM = (1, 2, 8)

# Each side: its name, and what makes the module of a stage.
Side = tuple[str, Callable[[str], ModuleType]]


@dataclass
class Sums:
    """Of one side, stage and model."""

    executions: int = 0
    exhausted: int = 0
    seconds: float = 0.0

    def add(self, found: Found, seconds: float) -> None:
        """Count a program."""
        self.executions += found.executions + found.blocked
        self.exhausted += found.verdict != UNDECIDED
        self.seconds += seconds


@dataclass
class Comparison:
    """What was found: sums by stage, model and side; a line for each difference."""

    sums: dict[tuple[str, str, str], Sums] = field(default_factory=lambda: defaultdict(Sums))
    programs: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    wrong: list[str] = field(default_factory=list)
    other_numbers: list[tuple[str, ...]] = field(default_factory=list)
    clauses: Collection[str] = ()


def programs(clauses: Collection[str]) -> Iterator[tuple[str, Program, str]]:
    """Clause, program and kind of all there are in these clauses."""
    for clause in CHECKED:
        for program in clause.programs if clause.id in clauses else ():
            for kind in program.kinds:
                yield clause.id, program, kind


def reason_for(stage: str, program: Program, kind: str, model: str, limit: int) -> str:
    """Which known differences have to be taken away for both to have the same number."""

    def numbers(module: ModuleType) -> Found:
        return searched(program, module, kind, model, limit)

    for reason, make, patience in (
        (FLAG, with_flag, nullcontext),
        (TURN, in_python, waiting_at_once),
        (f"{FLAG}; {TURN}", with_flag, waiting_at_once),
    ):
        with patience():
            if numbers(in_c(stage)) == numbers(make(stage)):
                return reason
    return NO_REASON


def compare(stage: str, model: str, limit: int, sides: tuple[Side, ...], found: Comparison, against_python: bool) -> None:
    """Search every program on all sides, one after the other; the first side is what the others are held against."""
    modules = [(name, make(stage)) for name, make in sides]
    for clause, program, kind in programs(found.clauses):
        found.programs[stage, model] += 1
        first: Found | None = None
        for name, module in modules:
            start = process_time()
            one = searched(program, module, kind, model, limit)
            found.sums[stage, model, name].add(one, process_time() - start)
            if first is None:
                first = one
            elif one != first:
                explain = _Difference(stage, model, limit, (program, modules[0][1], module, kind), against_python)
                explain.note(found, (stage, model, clause, program.name, kind, name))


@dataclass
class _Difference:
    """One program on two sides which do not come to the same."""

    stage: str
    model: str
    limit: int
    what: tuple[Program, ModuleType, ModuleType, str]
    against_python: bool

    def note(self, found: Comparison, where: tuple[str, ...]) -> None:
        """Look whether it is one; where only one side has come to an end, with room for the other one to do so."""
        program, reference, module, kind = self.what
        for times in ROOM:
            room = self.limit * times
            first, one = (searched(program, each, kind, self.model, room) for each in (reference, module))
            if (first.verdict == UNDECIDED) == (one.verdict == UNDECIDED):
                break
        undecided = UNDECIDED in (first.verdict, one.verdict) and first.failure == one.failure == ""
        if one.agrees_with != first.agrees_with and not undecided:
            found.wrong.append(f"{' '.join(where)}: {first} and {one}")
        elif one != first and (undecided or one.verdict == PASSED):
            reason = reason_for(self.stage, program, kind, self.model, room) if self.against_python else self._of_compilers(room)
            found.other_numbers.append((*where, _number(first), _number(one), reason))

    def _of_compilers(self, room: int) -> str:
        program, reference, module, kind = self.what
        with waiting_at_once():
            first, one = (searched(program, each, kind, self.model, room) for each in (reference, module))
        return TURN_OF_STACK if first == one else NO_REASON


def _number(found: Found) -> str:
    """Executions, and how many more were cut off; there may be more of them where the limit was reached."""
    number = f"{found.executions}+{found.blocked}" if found.blocked else str(found.executions)
    return f"{number} …" if found.verdict == UNDECIDED else number


def table(found: Comparison, sides: tuple[Side, ...]) -> str:
    """A row for each stage and model: how many programs there are, how many were exhausted, executions, and how many in a second."""
    rows = []
    for (stage, model), count in found.programs.items():
        sums = [found.sums[stage, model, name] for name, _ in sides]
        rates = [f"{each.executions / max(each.seconds, 1e-9):.0f}" for each in sums]
        rows.append((stage, model, count, *(each.exhausted for each in sums), *(each.executions for each in sums), *rates))
    names = [name for name, _ in sides]
    headers = ["stage", "model", "programs", *(f"{name}: decided" for name in names)]
    return tabulate(rows, [*headers, *(f"{name}: executions" for name in names), *(f"{name}: per s" for name in names)], tablefmt="github")


def reasons(found: Comparison) -> str:
    """The programs with other numbers, and how often each reason was found."""
    counted: dict[str, int] = defaultdict(int)
    for *_, reason in found.other_numbers:
        counted[reason] += 1
    lines = [f"{count} × {reason}" for reason, count in counted.items()]
    headers = ["stage", "model", "clause", "program", "kind", "side", "first", "this", "reason"]
    return "\n".join(["other numbers:", *lines, "", tabulate(found.other_numbers, headers)])


def main(arguments: list[str]) -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign.c_against_python")
    parser.add_argument("--compilers", action="store_true", help="each compiler that is there, at each level, against cc at -O0")
    parser.add_argument("--stages", default=",".join(STAGES))
    parser.add_argument("--models", default=",".join(ENGINES))
    parser.add_argument("--clauses", default=",".join(clause.id for clause in CHECKED))
    parser.add_argument("--limit", action="append", default=[], metavar="MODEL=EXECUTIONS")
    chosen = parser.parse_args(arguments)
    limits = LIMITS | {model: int(number) for model, _, number in (each.partition("=") for each in chosen.limit)}
    sides = compilers() if chosen.compilers else (("Python", in_python), ("C", in_c))
    found = Comparison(clauses=chosen.clauses.split(","))
    for model in chosen.models.split(","):
        for stage in chosen.stages.split(","):
            compare(stage, model, limits[model], sides, found, not chosen.compilers)
            print(
                f"{model} {stage}: {len(found.wrong)} verdicts and {len(found.other_numbers)} numbers differ so far",
                file=sys.stderr,
                flush=True,
            )
    print(table(found, sides), reasons(found), "other verdicts:", *found.wrong or ["none"], sep="\n")
    return 1 if found.wrong or any(row[-1] == NO_REASON for row in found.other_numbers) else 0


def compilers() -> tuple[Side, ...]:
    """A side for each compiler and level."""

    def side(cc: str, level: str) -> Side:
        return f"{cc} {level}", lambda stage: in_c(stage, cc, (level,))

    return tuple(side(cc, level) for cc, level in COMPILERS if shutil.which(cc))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
