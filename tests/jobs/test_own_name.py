"""What is known of a content is told with the name of the file that was asked about, wherever a name stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.jobs.driving import JobStep, drive
from harness.jobs.executed_name import executed_name
from harness.jobs.executor import NOT_A_STAGE, OK, Outcome
from harness.jobs.job import Job
from harness.jobs.own_name import named, nameless
from harness.machine.contexts import Use
from harness.sources.single_file import target_of_file
from harness.verify.verdicts import FAIL, Failure, KindResult, SeenUse
from stages import FIXED
from tests.jobs.in_worker import its_name
from tests.jobs.kept import JOB, STAGE, kept_task

EXECUTED = executed_name(STAGE)


def outcome_at(name: str) -> Outcome:
    """An outcome that names a file wherever one can be named."""
    uses = (SeenUse(Use("lock", "takes", "with interrupts on", "CPU0", f"{name}:1 (f)", (f"{name}:2",)), "program", ((1, 2),)),)
    failure = Failure("crash", f"KeyError: 1 at {name}:7 (g)", "program", deviations=((5, 1),))
    result = KindResult("fifo", "softirq", FAIL, 12, failure=failure, uses=uses)
    return Outcome(OK, {f"{name}:3": [result, 1, 2.5, None]}, f"raises it, {name}", f"{name}:4\n", foreign=("a",))


def test_the_name_is_put_in_everywhere() -> None:
    """In values, their keys, problems and prints; numbers of lines and everything else stay."""
    assert named(outcome_at(EXECUTED), kept_task()) == outcome_at("stage.py")
    another = kept_task(job=replace(JOB, target=replace(STAGE, path="/x/s7_other.py")))
    assert named(outcome_at(EXECUTED), another) == outcome_at("s7_other.py")
    # Of another content, nothing is known.
    assert named(outcome_at("stage-0.py"), kept_task()) == outcome_at("stage-0.py")


def test_what_is_not_kept_has_its_own_name() -> None:
    """Only the place of the file is left in a task whose outcome may be kept, and nothing changes of any other one."""
    (job,) = nameless(kept_task()).arguments
    assert job == replace(JOB, target=replace(STAGE, path=f"/somewhere/{EXECUTED}"))
    task = kept_task(keeps=None)
    assert nameless(task) is task
    assert named(outcome_at(EXECUTED), task) == outcome_at(EXECUTED)


def test_a_stage_is_told_by_the_name_of_its_file(tmp_path: Path) -> None:
    """Without a cache, too, and where there is no outcome; where the stage was executed, the file had another name."""
    targets = []
    for name, end in (("good", ""), ("broken", "\nimport sys\nraise ValueError(sys._getframe().f_code.co_filename)\n")):
        path = tmp_path / f"{name}.py"
        path.write_text(FIXED.stages[-1].path.read_text(encoding="utf-8") + end, encoding="utf-8")
        targets.append(target_of_file(str(path)))
    step = JobStep(0, Job(targets[0], "part"), its_name, 60.0, keeps=list[str])
    driven = drive(targets, [step], 1)
    name = executed_name(targets[0]).replace("-", "|")
    # (Directories have such a character in their names as well.)
    assert driven.outcomes[step].value[0] == str(tmp_path / "good.py")
    assert driven.outcomes[step].value[1].endswith(f"/{name}")
    assert (driven.unfit[1].status, driven.unfit[1].problem) == (NOT_A_STAGE, f"does not import: ValueError: {tmp_path / 'broken.py'}")
