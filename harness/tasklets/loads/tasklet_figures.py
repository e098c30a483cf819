"""The figures that loads of tasklets have besides those of `harness.measure.figures`: how long a tasklet waits, and how many run."""

from __future__ import annotations

from harness.suite.figure import LARGEST, Figure, Judged, Tally


def _run_p50(tally: Tally) -> float | None:
    return tally.us_at(tally.run_latencies, 0.5)


def _run_p99(tally: Tally) -> float | None:
    return tally.us_at(tally.run_latencies, 0.99)


def _run_max(tally: Tally) -> float | None:
    return tally.us_at(tally.run_latencies, 1)


def _tasklets_per_s(tally: Tally) -> float:
    return tally.runs * 1_000_000 / tally.length_us


# From `tasklet_schedule` to the run.
RUN_P50 = Figure("run_p50_us", "run p50", "µs", digits=3, shown=1, of=_run_p50, nested=("run_latency_us", "p50"))
RUN_P99 = Figure(
    "run_p99_us",
    "run p99",
    "µs",
    digits=3,
    shown=1,
    of=_run_p99,
    nested=("run_latency_us", "p99"),
    headline="run p99",
    unless="irq_p99_us",
    judged=Judged("schedule to run, p99", 2),
    axis="schedule to run, p99, µs",
)
RUN_MAX = Figure("run_max_us", "run max", "µs", digits=2, shown=0, of=_run_max, seeds=LARGEST, nested=("run_latency_us", "max"))
TASKLETS_PER_S = Figure(
    "tasklets_per_s",
    "tasklets/s",
    "",
    digits=0,
    shown=0,
    of=_tasklets_per_s,
    more_is_better=True,
    judged=Judged("tasklets run per second", 0),
    axis="tasklets per second",
)

TASKLET_FIGURES = (RUN_P50, RUN_P99, RUN_MAX, TASKLETS_PER_S)
