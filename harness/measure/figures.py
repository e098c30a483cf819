"""The figures that every load has, a row each: the stage's locks, what the observed vCPUs lose, and interrupt latencies.

Tables, JSON, CSV, plots, headlines and claims read these rows and those of the suite (`figures_of`): to add a figure is to add a row.
What a row can say is in `harness.suite.figure`.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.suite.figure import LARGEST, Figure, Judged, Tally
from harness.suite.load import Load

US, PER_CENT = "µs", "%"


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _locks_per_run(tally: Tally) -> float | None:
    return _share(sum(lock.lock_count for lock in tally.locks), tally.runs)


def _lock_wait_mean(tally: Tally) -> float:
    taken = sum(lock.lock_count for lock in tally.locks)
    return sum(lock.block_time for lock in tally.locks) / max(taken, 1) / tally.mhz


def _lock_wait_max(tally: Tally) -> float:
    return max((lock.max_block for lock in tally.locks), default=0) / tally.mhz


def _idle_overhead(tally: Tally) -> float | None:
    return _share(100 * sum(vcpu.in_stage for vcpu in tally.runstates), sum(vcpu.running for vcpu in tally.runstates))


def _idle_steal(tally: Tally) -> float | None:
    runnable = sum(vcpu.runnable for vcpu in tally.runstates)
    return _share(100 * runnable, runnable + sum(vcpu.running for vcpu in tally.runstates))


def _irq_p50(tally: Tally) -> float | None:
    return tally.us_at(tally.irq_latencies, 0.5)


def _irq_p99(tally: Tally) -> float | None:
    return tally.us_at(tally.irq_latencies, 0.99)


def _irq_max(tally: Tally) -> float | None:
    return tally.us_at(tally.irq_latencies, 1)


LOCKS_PER_RUN = Figure("locks_per_run", "lock/run", "", digits=4, shown=2, of=_locks_per_run, in_run=True)
LOCK_WAIT_MEAN = Figure("lock_wait_us_mean", "lock wait", US, digits=3, shown=1, of=_lock_wait_mean, in_run=True)
LOCK_WAIT_MAX = Figure("lock_wait_us_max", "lock wait max", US, digits=2, shown=0, of=_lock_wait_max, seeds=LARGEST)
# A vCPU that loses less than the threshold to the stage's work has not got the performance bug.
IDLE_OVERHEAD = Figure(
    "idle_overhead_pct",
    "idle overhead",
    PER_CENT,
    digits=3,
    shown=1,
    of=_idle_overhead,
    in_run=True,
    threshold=0.5,
    headline="overhead",
    judged=Judged("overhead of the observed vCPUs", 1),
    axis="overhead, %",
)
IDLE_STEAL = Figure(
    "idle_steal_pct",
    "idle steal",
    PER_CENT,
    digits=3,
    shown=1,
    of=_idle_steal,
    in_run=True,
    threshold=2.0,
    headline="steal",
    judged=Judged("steal of the observed vCPUs", 1),
)
IRQ_P50 = Figure("irq_p50_us", "irq p50", US, digits=3, shown=1, of=_irq_p50, nested=("irq_latency_us", "p50"), in_run=True)
IRQ_P99 = Figure(
    "irq_p99_us", "irq p99", US, digits=3, shown=1, of=_irq_p99, nested=("irq_latency_us", "p99"), in_run=True, headline="irq p99"
)
IRQ_MAX = Figure("irq_max_us", "irq max", US, digits=2, shown=0, of=_irq_max, seeds=LARGEST, nested=("irq_latency_us", "max"))

FIGURES = (LOCKS_PER_RUN, LOCK_WAIT_MEAN, LOCK_WAIT_MAX, IDLE_OVERHEAD, IDLE_STEAL, IRQ_P50, IRQ_P99, IRQ_MAX)


def figures_of(loads: Iterable[Load]) -> tuple[Figure, ...]:
    """All figures of some loads: those above, then the loads' own, each once."""
    return tuple(dict.fromkeys((*FIGURES, *(figure for load in loads for figure in load.figures))))
