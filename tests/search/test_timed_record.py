"""Executions in virtual time, written down: the same ones as without, shown operation by operation."""

from __future__ import annotations

import pytest

from harness.machine.engine import INTERRUPT, RMW
from harness.search.counterexample import timed_counterexample
from harness.search.timed_record import RecordingEngine
from harness.tasklets.contract import CLAUSES
from harness.timed.timed_engine import TimedEngine
from harness.verify.checking import JITTER, timed_verdict
from stages import s0_baseline
from stages.posted import s4_percpu_schedule

STEPS = 5_000
BY_AN_INTERRUPT = next(p for p in CLAUSES["no-lost-schedule"].programs if p.name == "by-an-interrupt")


@pytest.mark.parametrize("stage", [s0_baseline, s4_percpu_schedule])
@pytest.mark.parametrize("clause", ["no-lost-schedule", "kill-returns", "mixed-feed"])
def test_writing_down_changes_nothing(stage: object, clause: str) -> None:
    """The same verdict, operations and clocks as in an engine that writes nothing down."""
    for program in CLAUSES[clause].programs_for("vcpu"):
        for seed in range(2):
            plain, recording = TimedEngine(seed=seed, jitter=JITTER, max_steps=STEPS), RecordingEngine(seed, JITTER, STEPS)
            verdicts = [timed_verdict(program, stage, "vcpu", engine, seed) for engine in (plain, recording)]  # type: ignore[arg-type]
            assert verdicts[0] == verdicts[1]
            assert recording.steps == plain.steps
            assert [p.clock for p in recording.processes] == [p.clock for p in plain.processes]


def test_a_failure_is_shown_operation_by_operation() -> None:
    """One column for each CPU, values before and after, the time at which each operation was done, the reason last."""
    engine = RecordingEngine(0, JITTER, STEPS)
    failure = timed_verdict(BY_AN_INTERRUPT, s4_percpu_schedule, "vcpu", engine, 0)
    assert failure is not None
    found = timed_counterexample(engine)
    assert [name for _, name in found.columns] == ["CPU0", "CPU1", "device"]
    assert [row.time for row in found.rows] == [row.time for row in engine.recorder.rows]
    assert found.reason == f"{failure.kind}: {failure.message}"
    assert any(row.kind == INTERRUPT for row in engine.recorder.rows)
    row = next(row for row in engine.recorder.rows if row.kind == RMW and row.what == "t.state")
    assert (row.process, row.value) == ("CPU0", "0 → 1")
    assert "s4_percpu_schedule.py" in row.where


def test_times_of_a_process_never_go_back() -> None:
    """What a CPU does later is not earlier."""
    engine = RecordingEngine(3, JITTER, STEPS)
    timed_verdict(BY_AN_INTERRUPT, s0_baseline, "softirq", engine, 3)
    for process in engine.processes:
        times = [row.time or 0 for row in engine.recorder.rows if row.pid == process.pid]
        assert times == sorted(times)
