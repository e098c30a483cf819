"""How fast contracts are explored: a fixed set of programs on three stages, searched to the end by optimal DPOR, races looked for.

Prints executions, operations, executions per second of CPU time (best of several rounds), and in a round of its own, slowed by looking at
the clock, where the time goes:

- *set up*: a stage and a program are put on an engine, processes are added;
- *run*: the operations themselves; a search executes the beginning that two executions share again;
- *watch*: what guards against a stage that never comes back, and the end of an execution;
- *races*: the search for data races;
- *learn*: what an execution suggests, and *next*: which one comes next.

At last it compares the memory models, which take turns, on these programs and on the counter 2×2.

The digest is over every operation, failure and final state of every execution: two versions that explore the same have the same. Usage:
`python -m tests.bench.exploration [ROUNDS]`.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from time import process_time
from types import ModuleType
from typing import ParamSpec, TypeVar

from tabulate import tabulate

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ENGINES, SC
from harness.jobs.stage_loading import load
from harness.jobs.watchdog import on_duty
from harness.litmus.litmus_programs import counter, executed
from harness.search.data_races import find_race
from harness.search.race_detector import RaceDetector
from harness.search.search import EXHAUSTED, Limits, Observer, SearchResult, Strategy, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.sources.shipped import targets_of_series
from harness.suite.program import Program
from harness.tasklets.contract import CLAUSES
from harness.verify.no_races import executing
from stages import FIXED

STAGES = (0, 2, 4)
# Clause, program, kind: clients, interrupts, hotplug, memory that is used again, a kill.
PROGRAMS = (
    ("clients", "stop-two", "vcpu"),
    ("clients", "dpci-next-to-console", "irq-client"),
    ("irq-context", "sent-while-sending", "vcpu"),
    ("never-concurrent", "sent-in-a-long-run", "softirq"),
    ("hotplug", "comes-up-and-is-fed", "vcpu"),
    ("reuse", "reused-elsewhere", "vcpu"),
    ("kill-returns", "kill-rescheduling", "softirq"),
)
PHASES = ("set up", "run", "watch", "races", "learn", "next")
ROUNDS = 3
# Searches of a round of the counter.
COUNTERS = 100

Item = tuple[int, Program, ModuleType, str]
P = ParamSpec("P")
T = TypeVar("T")


def items(stages: Sequence[int] = STAGES) -> Iterator[Item]:
    """What is explored: stage, program, and what it is executed with."""
    targets = {target.index: target for target in targets_of_series(FIXED)}
    for stage in stages:
        module = load(targets[stage])
        for clause, name, kind in PROGRAMS:
            yield stage, CLAUSES[clause].program_named(name), module, kind


def racing(found: list[tuple[int, int]]) -> Observer:
    """Look for data races as `harness.verify.deepening` does; note them in `found`."""
    detector = RaceDetector()

    def look(engine: ExploredEngine, _: SearchResult) -> None:
        if not engine.blocked and detector.finds_race(engine) and (race := find_race(engine)):
            found.append(race)

    return look


class Digest:
    """What was explored, in 256 bits; and how many operations that were."""

    def __init__(self) -> None:
        self.operations = 0
        self.hash = sha256()

    def __call__(self, engine: ExploredEngine, _: SearchResult) -> None:
        self.operations += len(engine.done)
        self.hash.update(repr((engine.done, str(engine.failure), engine.final)).encode())


def explore(item: Item, strategy: Strategy, observers: Sequence[Observer]) -> SearchResult:
    """Search one program to the end."""
    _, program, module, kind = item
    with on_duty():
        result = search(executing(program, module, kind), strategy, Limits(), observers)
    assert result.verdict == EXHAUSTED, result
    return result


class Watch:
    """CPU time by phase: the time inside a function counts as its phase's, but for that inside others that are watched too."""

    def __init__(self) -> None:
        self.taken: defaultdict[str, float] = defaultdict(float)
        self.since = process_time()
        self.phase = ""

    def enter(self, phase: str) -> str:
        """Go on in another phase; return the one that ends, or is interrupted."""
        now = process_time()
        self.taken[self.phase] += now - self.since
        self.since = now
        before, self.phase = self.phase, phase
        return before

    def wrapped(self, phase: str, function: Callable[P, T]) -> Callable[P, T]:
        """As `function`, whose time is that phase's."""

        def timed(*arguments: P.args, **named: P.kwargs) -> T:
            before = self.enter(phase)
            try:
                return function(*arguments, **named)
            finally:
                self.enter(before)

        return timed


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Have the methods of the product that are phases timed."""
    methods = ((ExploredEngine, "run", "run"), (OptimalDpor, "_learn", "learn"), (OptimalDpor, "_next", "next"))
    originals = [(owner, name, getattr(owner, name)) for owner, name, _ in methods]
    for (owner, name, original), (_, _, phase) in zip(originals, methods, strict=True):
        setattr(owner, name, watch.wrapped(phase, original))
    try:
        yield
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


def phases(work: Sequence[Item]) -> dict[str, float]:
    """Where the CPU time of a round goes."""
    watch = Watch()
    with watched(watch):
        for stage, program, module, kind in work:
            arranged = replace(program, arrange=watch.wrapped("set up", program.arrange))
            look = watch.wrapped("races", racing([]))
            before = watch.enter("watch")
            explore((stage, arranged, module, kind), OptimalDpor(), [look])
            watch.enter(before)
    return watch.taken


def round_of(work: Sequence[Item], model: str = SC) -> tuple[float, int]:
    """One round: CPU seconds, and executions."""
    start = process_time()
    executions = sum(explore(item, OptimalDpor(ENGINES[model]), [racing([])]).executions for item in work)
    return process_time() - start, executions


def counter_round(model: str) -> tuple[float, int]:
    """As `round_of`, for searches of the counter 2×2."""
    start = process_time()
    results = [search(executed(counter(2, 2)), OptimalDpor(ENGINES[model]), Limits(stop_at_failure=False)) for _ in range(COUNTERS)]
    return process_time() - start, sum(result.executions + result.blocked for result in results)


def by_model(one_round: Callable[[str], tuple[float, int]], rounds: int) -> list[tuple[object, ...]]:
    """A row for each memory model: executions, executions per second, and what part of those of sequential consistency that is."""
    taken = {model: [one_round(model)] for model in ENGINES}
    for _ in range(rounds - 1):
        for model, each in taken.items():
            each.append(one_round(model))
    best = {model: min(each) for model, each in taken.items()}
    rates = {model: executions / seconds for model, (seconds, executions) in best.items()}
    return [(model, best[model][1], rates[model], rates[model] / rates[SC]) for model in ENGINES]


def digest_of(work: Sequence[Item]) -> tuple[list[tuple[object, ...]], int, str]:
    """A row for each program, how many operations there were in all, and the digest of everything."""
    rows: list[tuple[object, ...]] = []
    every = sha256()
    operations = 0
    for item in work:
        digest = Digest()
        races: list[tuple[int, int]] = []
        result = explore(item, OptimalDpor(), [digest, racing(races)])
        digest.hash.update(repr((result.executions, result.blocked, races)).encode())
        every.update(digest.hash.digest())
        operations += digest.operations
        rows.append((item[0], item[1].name, item[3], result.executions, digest.operations, digest.hash.hexdigest()[:12]))
    return rows, operations, every.hexdigest()


def main(rounds: int) -> int:
    """Explore and print."""
    work = list(items())
    rows, operations, digest = digest_of(work)
    print(tabulate(rows, headers=["stage", "program", "kind", "executions", "operations", "digest"]))
    taken, executions = min(round_of(work) for _ in range(rounds))
    print(f"{executions} executions, {operations} operations in {taken:.2f} s: {executions / taken:,.0f} executions/s, ", end="")
    print(f"{1e6 * taken / operations:.2f} µs an operation")
    by_phase = phases(work)
    total = sum(by_phase[phase] for phase in PHASES)
    print(tabulate([(phase, by_phase[phase], 100 * by_phase[phase] / total) for phase in PHASES], ["phase", "s", "%"], floatfmt=".2f"))
    print(f"digest {digest}\n")
    for what, one_round in (("the stages", lambda model: round_of(work, model)), ("counter 2×2", counter_round)):
        print(tabulate(by_model(one_round, rounds), [what, "executions", "executions/s", "of sc"], floatfmt=("", "", ".0f", ".2f")))
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
