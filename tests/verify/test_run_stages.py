"""How the results of tasks become the results of stages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from harness.jobs import driving
from harness.jobs.driving import Driven, JobStep
from harness.jobs.standing import Progress, nobody
from harness.search.replay_string import decode, source_mark
from harness.sources.shipped import targets_of_series
from harness.sources.single_file import target_of_file
from harness.sources.target import Target
from harness.tasklets.contract import CLAUSES as ALL_CLAUSES
from harness.verify import run_stages as runner
from harness.verify.checking import Budget
from harness.verify.deepening import Effort
from harness.verify.run_stages import Clauses, Verification, verify_stages
from harness.verify.verdicts import ERROR, FAIL, NOT_RUN, PASS
from stages import FIXED

CLAUSES = (("exactly-once", ("softirq", "vcpu")), ("quiet", ("softirq",)))
PLAN = Verification(CLAUSES, Budget(timed_seeds=1))
STAGE = "from stages.s5_drop_scaffolding import Tasklet, TaskletSubsystem as Good\nclass TaskletSubsystem(Good):\n"
LOOP = " def tasklet_schedule(self, t):\n  import signal\n  signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n  while True: pass\n"


Verified = tuple[list[Clauses], Driven]


def run_code(tmp_path: Path, code: str, plan: Verification = PLAN) -> Verified:
    """Run the plan on a stage with that code, and on a good one after it."""
    path = tmp_path / "stage.py"
    path.write_text(code, encoding="utf-8")
    return verify_stages([target_of_file(str(path)), targets_of_series(FIXED)[5]], plan, 2, nobody)


def verdicts(run: Verified, position: int) -> list[str]:
    """The verdicts of a stage, in order."""
    return [kind.verdict for clause in run[0][position].values() for kind in clause.kinds.values()]


def test_a_good_stage(tmp_path: Path) -> None:
    """Every clause and kind has its place, in the order of the plan."""
    run = run_code(tmp_path, STAGE + " pass\n")
    stages, driven = run
    for stage in stages:
        assert [(clause, tuple(result.kinds)) for clause, result in stage.items()] == list(CLAUSES)
    assert verdicts(run, 0) == verdicts(run, 1) == [PASS] * 3
    assert (driven.problems, driven.faults, driven.interrupted) == ({}, [], False)


def test_a_bad_stage_has_replay_strings(tmp_path: Path) -> None:
    """Each failure says how to see it again; the good stage is not touched."""
    run = run_code(tmp_path, STAGE + " def tasklet_schedule(self, t): pass\n")
    failure = run[0][0]["exactly-once"].kinds["vcpu"].failure
    assert failure is not None
    replay = decode(failure.replay)
    assert (replay.series, replay.stage, replay.clause, replay.kind, replay.program) == ("-", 0, "exactly-once", "vcpu", failure.program)
    assert (replay.engine, tuple(replay.deviations.items()), replay.max_steps) == ("explored", failure.deviations, failure.steps)
    assert replay.source == source_mark(target_of_file(str(tmp_path / "stage.py")).content_hash)
    assert verdicts(run, 0)[:2] == [FAIL, FAIL]
    assert verdicts(run, 1) == [PASS] * 3


def test_a_violation_may_end_a_stage(tmp_path: Path) -> None:
    """What was not run says so; the good stage is not touched."""
    plan = Verification(CLAUSES, Budget(timed_seeds=1), stop_at_failure=True)
    run = run_code(tmp_path, STAGE + " def tasklet_schedule(self, t): pass\n", plan)
    assert verdicts(run, 0) == [FAIL, ERROR, ERROR]
    failures = [kind.failure for clause in run[0][0].values() for kind in clause.kinds.values()]
    assert [failure.kind for failure in failures if failure][1:] == [NOT_RUN, NOT_RUN]
    assert verdicts(run, 1) == [PASS] * 3


def test_only_what_was_asked_for_ends_a_stage(tmp_path: Path) -> None:
    """For `no-races` all other clauses are tested: a violation of these is not the question."""
    effort = Effort(executions=5, preemptions=0, samples=0)
    plan = Verification((("no-races", ("irq-client",)),), Budget(timed_seeds=1, effort=effort), stop_at_failure=True)
    stages, _ = run_code(tmp_path, STAGE + " def tasklet_schedule(self, t): pass\n", plan)
    result = stages[0]["no-races"].kinds["irq-client"]
    assert result.programs == sum(len(clause.programs_for("irq-client")) for name, clause in ALL_CLAUSES.items() if name != "no-races")


def test_a_stage_that_nothing_can_interrupt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first test is killed, the rest is given up and says why; the good stage is not touched."""

    def impatient(targets: Sequence[Target], steps: Iterable[JobStep], jobs: int, progress: Progress) -> Driven:
        """With a short limit for the first stage, and the usual one for the good one, however busy the machine is."""
        return driving.drive(targets, [step if step.position else replace(step, seconds=0.5) for step in steps], jobs, progress)

    monkeypatch.setattr(runner, "drive", impatient)
    run = run_code(tmp_path, STAGE + LOOP)
    assert verdicts(run, 0) == [ERROR] * 3
    failures = [kind.failure for clause in run[0][0].values() for kind in clause.kinds.values()]
    assert [failure.kind for failure in failures if failure] == ["hang", NOT_RUN, NOT_RUN]
    assert all("did not come back within" in failure.message for failure in failures if failure)
    assert verdicts(run, 1) == [PASS] * 3


RACY = """ def tasklet_schedule(self, t):
  t.is_softirq = t.is_softirq
  super().tasklet_schedule(t)
"""


def test_races_are_looked_for_in_all_other_clauses(tmp_path: Path) -> None:
    """Asked for alone, `no-races` has everything else tested, and reports only itself."""
    run = run_code(tmp_path, STAGE + RACY, Verification((("no-races", ("irq-client",)),), Budget(timed_seeds=1, effort=Effort(300, 0, 0))))
    (clause,) = run[0][0].values()
    assert (clause.clause, clause.verdict) == ("no-races", FAIL)
    failure = clause.kinds["irq-client"].failure
    assert failure is not None
    assert failure.kind == "data race"
    assert "t.is_softirq" in failure.message
    assert decode(failure.replay).clause == "no-races"
    assert run[0][1]["no-races"].verdict != FAIL


def test_a_stage_that_computes_without_end_in_c(tmp_path: Path) -> None:
    """Where no Python code runs, nothing can raise: the process is ended, long before the limit of the task."""
    run = run_code(tmp_path, STAGE + " def tasklet_schedule(self, t): sum(__import__('itertools').repeat(0))\n")
    failures = [kind.failure for clause in run[0][0].values() for kind in clause.kinds.values()]
    assert [failure.kind for failure in failures if failure] == ["hang", NOT_RUN, NOT_RUN]
    assert verdicts(run, 1) == [PASS] * 3


@pytest.mark.parametrize("code", ["while True: pass", "1 / 0", "raise SystemExit", ""])
def test_what_is_no_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """The problem is told once, and every verdict is an error."""
    monkeypatch.setattr(driving, "LOAD_SECONDS", 1.0)
    run = run_code(tmp_path, code)
    assert list(run[1].problems) == [0]
    assert verdicts(run, 0) == [ERROR] * 3
    assert verdicts(run, 1) == [PASS] * 3


def test_what_raises_where_nobody_expects_it_is_the_stages_fault(tmp_path: Path) -> None:
    """An exception out of the constructor, say."""
    run = run_code(tmp_path, STAGE + " def __init__(self, hv): raise KeyError('no')\n")
    assert run[1].faults == []
    assert set(verdicts(run, 0)) <= {ERROR, FAIL}
    assert PASS not in verdicts(run, 0)
