"""How the results of tasks become the results of stages."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.conformance.check import Budget
from harness.results import ERROR, FAIL, NOT_RUN, PASS
from harness.series import runner
from harness.series.loading import target_of_file, targets_of_series
from harness.series.runner import Plan, Run, run_stages
from stages import FIXED

CLAUSES = (("exactly-once", ("softirq", "vcpu")), ("quiet", ("softirq",)))
PLAN = Plan(CLAUSES, Budget(timed_seeds=1, executions=3))
STAGE = "from stages.s5_drop_scaffolding import Tasklet, TaskletSubsystem as Good\nclass TaskletSubsystem(Good):\n"
LOOP = " def tasklet_schedule(self, t):\n  import signal\n  signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n  while True: pass\n"


def run_code(tmp_path: Path, code: str, plan: Plan = PLAN) -> Run:
    """Run the plan on a stage with that code, and on a good one after it."""
    path = tmp_path / "stage.py"
    path.write_text(code, encoding="utf-8")
    return run_stages([target_of_file(str(path)), targets_of_series(FIXED)[5]], plan, 2, lambda done, total: None)


def verdicts(run: Run, position: int) -> list[str]:
    """The verdicts of a stage, in order."""
    return [kind.verdict for clause in run.stages[position].clauses.values() for kind in clause.kinds.values()]


def test_a_good_stage(tmp_path: Path) -> None:
    """Every clause and kind has its place, in the order of the plan."""
    run = run_code(tmp_path, STAGE + " pass\n")
    for stage in run.stages:
        assert [(clause, tuple(result.kinds)) for clause, result in stage.clauses.items()] == list(CLAUSES)
    assert verdicts(run, 0) == verdicts(run, 1) == [PASS] * 3
    assert (run.problems, run.faults, run.interrupted) == ({}, [], False)


def test_a_bad_stage_has_replay_lines(tmp_path: Path) -> None:
    """Each failure says how to see it again; the good stage is not touched."""
    run = run_code(tmp_path, STAGE + " def tasklet_schedule(self, t): pass\n")
    failure = run.stages[0].clauses["exactly-once"].kinds["vcpu"].failure
    assert failure is not None
    assert failure.replay == f"harness check {tmp_path}/stage.py --check exactly-once --kind vcpu --seed 0 --seeds 1 --executions 1"
    assert verdicts(run, 0)[:2] == [FAIL, FAIL]
    assert verdicts(run, 1) == [PASS] * 3


def test_a_stage_that_nothing_can_interrupt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first test is killed, the rest is given up and says why; the good stage is not touched."""
    monkeypatch.setattr(runner, "BASE_SECONDS", 0.5)
    run = run_code(tmp_path, STAGE + LOOP)
    assert verdicts(run, 0) == [ERROR] * 3
    failures = [kind.failure for clause in run.stages[0].clauses.values() for kind in clause.kinds.values()]
    assert [failure.kind for failure in failures if failure] == ["hang", NOT_RUN, NOT_RUN]
    assert all("did not come back within" in failure.message for failure in failures if failure)
    assert verdicts(run, 1) == [PASS] * 3


@pytest.mark.parametrize("code", ["while True: pass", "1 / 0", "raise SystemExit", ""])
def test_what_is_no_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """The problem is told once, and every verdict is an error."""
    monkeypatch.setattr(runner, "LOAD_SECONDS", 1.0)
    run = run_code(tmp_path, code)
    assert list(run.problems) == [0]
    assert verdicts(run, 0) == [ERROR] * 3
    assert verdicts(run, 1) == [PASS] * 3


def test_what_raises_where_nobody_expects_it_is_the_stages_fault(tmp_path: Path) -> None:
    """An exception out of the constructor, say."""
    run = run_code(tmp_path, STAGE + " def __init__(self, hv): raise KeyError('no')\n")
    assert run.faults == []
    assert set(verdicts(run, 0)) <= {ERROR, FAIL}
    assert PASS not in verdicts(run, 0)


def test_measurements(tmp_path: Path) -> None:
    """Behaviour of a stage that can be probed, the reason for one that cannot."""
    run = run_code(tmp_path, "1 / 0", Plan(behaviour=True))
    assert list(run.stages[0].behaviour) == ["error"]
    assert "ZeroDivisionError" in run.stages[0].behaviour["error"]
    assert "error" not in run.stages[1].behaviour
