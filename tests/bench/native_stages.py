"""How fast stages in C are against the same stages in Python: executions per second of CPU time, in turns, in one process.

Usage: `python -m tests.bench.native_stages [ROUNDS] [--profile]`. A row has the best round of each side and the median of the
rounds' ratios. The counter is the smallest of all: two CPUs add one to a variable, twice. With `--profile`, it prints where the time of the
stages in C goes instead.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from time import process_time
from types import ModuleType
from typing import Any

from tabulate import tabulate

from harness.explored.models import ENGINES
from harness.jobs.watchdog import on_duty
from harness.search.search import Execute, Limits, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.tasklets.contract import CLAUSES
from stages.shared_memory import Cell
from tests.native.running import executing
from tests.native.twins import STAGES, executed, in_c, in_python

EXECUTIONS = 300
# Clause, program and kind: short ones and long ones, with IPIs, locks, kills and loops that wait.
PROGRAMS = (
    ("exactly-once", "scheduled-often", "softirq"),
    ("no-lost-schedule", "by-another-cpu", "vcpu"),
    ("never-concurrent", "two-cpus-schedule", "softirq"),
    ("kill-returns", "kill-pending-elsewhere", "softirq"),
    ("hotplug", "dies-while-fed", "vcpu"),
    ("clients", "dpci-next-to-console", "irq-client"),
)
MODELS = ("sc", "tso", "arm")

# What is run for one row: so many executions; returns how many there were.
Run = Callable[[], int]


class Counter:
    """The counter in Python."""

    def __init__(self, hv: Any) -> None:
        self.hv, self.number = hv, Cell(hv, "number", 0, "number")

    def __call__(self, _: object) -> None:
        """Add one, twice."""
        for _ in range(2):
            self.hv.store(self.number, self.hv.load(self.number) + 1)


class Nothing:
    """What the counter in Python works on: it has its own."""

    def __init__(self, hv: Any, name: str) -> None: ...


def counter_in_python() -> ModuleType:
    """The counter as a stage."""
    module = ModuleType("counter")
    functions = type("Functions", (Counter,), {"adds_twice": Counter.__call__})
    module.__dict__.update(Functions=functions, Thing=Nothing)
    return module


def runs(execute: Execute, model: str) -> int:
    """So many executions, or all."""
    with on_duty():
        result = search(execute, OptimalDpor(ENGINES[model]), Limits(executions=EXECUTIONS))
    assert result.failure is None, result.failure
    return result.executions + result.blocked


def rows() -> list[tuple[str, str, str, Run, Run]]:
    """Stage, program, model, and how it runs in Python and in C."""
    found: list[tuple[str, str, str, Run, Run]] = []
    names = ("adds_twice", "adds_twice")
    for model in MODELS:
        python, c = executing(*names, module=counter_in_python()), executing(*names)
        found.append(("", "counter", model, partial(runs, python, model), partial(runs, c, model)))
    for stage in (STAGES[0], STAGES[-1]):
        for clause, name, kind in PROGRAMS:
            program = CLAUSES[clause].program_named(name)
            python, c = executed(program, in_python(stage), kind), executed(program, in_c(stage), kind)
            found += [(stage, name, model, partial(runs, python, model), partial(runs, c, model)) for model in MODELS]
    return found


def rate(run: Run) -> float:
    """Executions per second of CPU time, over at least a fifth of a second."""
    executions, start = 0, process_time()
    while (taken := process_time() - start) < 0.2:
        executions += run()
    return executions / taken


def measured(rounds: int) -> list[tuple[str, str, str, float, float, float]]:
    """The table; both sides of a row are run in turns."""
    found = []
    for stage, name, model, python, c in rows():
        python(), c()
        pairs = [(rate(python), rate(c)) for _ in range(rounds)]
        found.append((stage, name, model, max(p for p, _ in pairs), max(n for _, n in pairs), median(n / p for p, n in pairs)))
    return found


def profile() -> None:
    """Where the time of the stages in C goes."""
    profiler = cProfile.Profile()
    chosen = [run for *_, model, _, run in rows() if model == "sc"]
    for run in chosen:
        run()
    profiler.enable()
    for run in chosen:
        run()
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(35)


def main(arguments: Sequence[str]) -> int:
    """Print."""
    if "--profile" in arguments:
        profile()
        return 0
    found = measured(int(arguments[0]) if arguments else 3)
    print(tabulate(found, ["stage", "program", "model", "Python: per s", "C: per s", "ratio"], floatfmt=("", "", "", ".0f", ".0f", ".2f")))
    print(f"median of the ratios: {median(row[-1] for row in found):.2f}, least: {min(row[-1] for row in found):.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
