"""Reduced searches against the unreduced one on thousands of random programs: `python -m tests.campaign.reductions` in the root.

Prints for each kind of program and each memory model how many programs were compared, how many were too large for the unreduced search,
and of how many the two searches differ; and those, as small as they get. `--seed` makes other programs. With `--robust` executions without
store buffers, of programs that are said to need none under tso, are compared with those that have them.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as reproducible

from harness.explored.models import ENGINES, TSO
from harness.search.search import Diverged
from tests.search.random_programs import Op, Program, late_programs, list_programs
from tests.search.test_random_programs import KINDS, LIMITS, REDUCED, compare
from tests.search.test_robustness import shows_nothing_more

PROGRAMS = {**KINDS, "late": late_programs, "lists": list_programs}
COMPARED, LARGE, DIFFER = "compared", "too large", "differ"
# What becomes of a program.
Judge = Callable[[Program], str]


def judge(model: str, strategy: str, executions: int) -> Judge:
    """Tell whether the searches differ under a memory model, if the unreduced one needs no more than so many executions."""
    limits = replace(LIMITS, executions=executions)

    def judged(program: Program) -> str:
        try:
            return COMPARED if compare(model, program, strategy, limits) else LARGE
        except (AssertionError, Diverged):
            return DIFFER

    return judged


def judge_robust(program: Program) -> str:
    """Tell whether store buffers show more of a program that is said to need none; those that are not said to are too large, too."""
    try:
        return COMPARED if shows_nothing_more(program) else LARGE
    except (AssertionError, Diverged):
        return DIFFER


def shorter(ops: list[Op]) -> Iterator[list[Op]]:
    """Without one operation, or without one of those inside of another."""
    for i, (head, *rest) in enumerate(ops):
        yield ops[:i] + ops[i + 1 :]
        for at, inner in enumerate(rest):
            if isinstance(inner, list):
                yield from ([*ops[:i], (head, *rest[:at], less, *rest[at + 1 :]), *ops[i + 1 :]] for less in shorter(inner))


def smaller(program: Program) -> Iterator[Program]:
    """The programs that lack one operation of this one."""
    cpus, device = program
    for i, cpu in enumerate(cpus):
        yield from (([*cpus[:i], less, *cpus[i + 1 :]], device) for less in shorter(cpu))
    yield from ((cpus, less) for less in shorter(device))


def smallest(program: Program, differs: Callable[[Program], bool]) -> Program:
    """A program that still makes a difference, and makes none without any one of its operations."""
    while less := next(filter(differs, smaller(program)), None):
        program = less
    return program


def compared(kind: str, judged: Judge, programs: int, seed: int) -> tuple[Counter[str], list[Program]]:
    """How many programs were judged how, and those of which the searches differ, made small."""
    counts: Counter[str] = Counter()
    differing: list[Program] = []

    @reproducible(seed)
    @settings(max_examples=programs, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(program=PROGRAMS[kind])
    def look(program: Program) -> None:
        found = judged(program)
        counts[found] += 1
        if found == DIFFER:
            differing.append(smallest(program, lambda less: judged(less) == DIFFER))

    look()
    return counts, differing


def main() -> int:
    """Compare what the command line asks for; exit code 1 if two searches differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", choices=PROGRAMS, default=list(PROGRAMS), metavar="KIND", help=", ".join(PROGRAMS))
    parser.add_argument("--models", nargs="+", choices=ENGINES, default=list(ENGINES), metavar="MODEL", help=", ".join(ENGINES))
    parser.add_argument("--strategy", choices=REDUCED, default="optimal", help="default: %(default)s")
    parser.add_argument("--programs", type=int, default=1_000, help="of each kind, under each model (default: %(default)s)")
    parser.add_argument("--executions", type=int, default=LIMITS.executions, help="of the unreduced search (default: %(default)s)")
    parser.add_argument("--robust", action="store_true", help="without store buffers against with them, where none are said to be needed")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    total: Counter[str] = Counter()
    for kind in asked.kinds:
        for model in [TSO] if asked.robust else asked.models:
            judged = judge_robust if asked.robust else judge(model, asked.strategy, asked.executions)
            counts, differing = compared(kind, judged, asked.programs, asked.seed)
            total += counts
            print(f"{kind}, {model}: {summary(counts)}", *(f"\n  {program}" for program in differing), flush=True)
    print(f"in all: {summary(total)}; seed {asked.seed}")
    return 1 if total[DIFFER] else 0


def summary(counts: Counter[str]) -> str:
    """The counts in words."""
    return ", ".join(f"{counts[how]} {how}" for how in (COMPARED, LARGE, DIFFER))


if __name__ == "__main__":
    sys.exit(main())
