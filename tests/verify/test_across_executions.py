"""Two executions that are good each for itself can show together that a stage is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.explored.models import TSO
from harness.jobs.standing import nobody
from harness.machine.contexts import CHANGES, IN_HANDLER, INTERRUPTS_ON, TAKES, Use
from harness.machine.diagnosis import ASSERTION, LOCK_MISUSE, RACE
from harness.sources.single_file import target_of_file
from harness.verify.across_executions import compared
from harness.verify.checking import Budget
from harness.verify.run_stages import Verification, verify_stages
from harness.verify.verdicts import FAIL, PASS, Failure, KindResult, SeenUse
from stages import s0_baseline


def seen(context: str, program: str = "p", what: str = "lock") -> SeenUse:
    """A use in a program."""
    return SeenUse(Use(what, TAKES, context, "CPU0", "s.py:1 (f)"), program, ((3, 1),), 99)


def result(clause: str, *uses: SeenUse, failure: Failure | None = None) -> KindResult:
    """Of a clause that passes, unless there is a failure."""
    return KindResult(clause, "softirq", FAIL if failure else PASS, 1, complete=True, failure=failure, uses=uses)


def failing(*results: KindResult) -> list[str]:
    """Which clauses fail when these are compared."""
    return [each.clause for each in compared(results) if each.verdict == FAIL]


def test_the_later_one_is_replayed_under_its_memory_model() -> None:
    """The deviations mean something else under another one."""
    plain, later = result("plain", seen(INTERRUPTS_ON)), result("irq", replace(seen(IN_HANDLER), model=TSO))
    _, second = compared([plain, later])
    assert second.failure is not None
    assert second.failure.model == TSO


def test_the_clause_that_completes_a_clash_fails() -> None:
    """With both places and both programs; the later one is replayed."""
    plain, later = result("plain", seen(INTERRUPTS_ON, "one")), result("irq", seen(IN_HANDLER, "two"))
    first, second = compared([plain, later])
    assert first == plain
    assert (second.verdict, second.complete) == (FAIL, False)
    assert second.failure == Failure(
        LOCK_MISUSE,
        "CPU0 takes lock in an interrupt handler, at s.py:1 (f), in program two, and CPU0 takes lock with interrupts on, at s.py:1 (f), "
        "in program one",
        "two",
        "explored",
        deviations=((3, 1),),
        steps=99,
    )


def test_one_clause_can_show_both() -> None:
    """In two of its programs."""
    assert failing(result("a", seen(INTERRUPTS_ON, "one"), seen(IN_HANDLER, "two"))) == ["a"]


def test_a_clash_about_a_list_is_a_race() -> None:
    """Of a CPU with its own interrupts."""
    uses = [SeenUse(Use("queue[0]", CHANGES, context, "CPU0", "s.py:1 (f)"), "p") for context in (IN_HANDLER, INTERRUPTS_ON)]
    (told,) = compared([result("a", *uses)])
    assert told.failure is not None
    assert told.failure.kind == RACE


def test_a_clash_is_told_once() -> None:
    """Not by everybody who takes part in it, and not if one execution shows it; another lock is another clash."""
    on, handler = seen(INTERRUPTS_ON), seen(IN_HANDLER)
    assert failing(result("a", on), result("b", handler), result("c", on, handler)) == ["b"]
    assert failing(result("a", on), result("b", handler), result("c", seen(IN_HANDLER, what="x"), seen(INTERRUPTS_ON, what="x"))) == [
        "b",
        "c",
    ]
    shown = Failure(LOCK_MISUSE, "CPU0: takes lock with interrupts on, though it is also taken otherwise, at s.py:1 (f)")
    assert failing(result("a", on), result("b", handler), result("c", failure=shown)) == ["c"]


def test_a_clause_that_fails_anyway_keeps_its_failure() -> None:
    """And the next one that takes part in the clash tells of it."""
    failed = Failure(ASSERTION, "something else")
    a, b, c = compared([result("a", seen(INTERRUPTS_ON)), result("b", seen(IN_HANDLER), failure=failed), result("c", seen(IN_HANDLER))])
    assert (a.verdict, b.failure) == (PASS, failed)
    assert c.failure is not None
    assert c.failure.kind == LOCK_MISUSE


def killing_with_interrupts_on(tmp_path: Path) -> Path:
    """A baseline whose kill takes the lock with interrupts on."""
    source = Path(s0_baseline.__file__).read_text()
    head, kill = source.split("    def tasklet_kill")
    kill = kill.replace("flags = hv.spin_lock_irqsave(self.tasklet_lock)", "hv.spin_lock(self.tasklet_lock)")
    kill = kill.replace("hv.spin_unlock_irqrestore(self.tasklet_lock, flags)", "hv.spin_unlock(self.tasklet_lock)")
    path = tmp_path / "stage.py"
    path.write_text(f"{head}    def tasklet_kill{kill}")
    return path


def test_jobs_are_compared_in_the_order_of_the_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever ends first; with one of the clauses alone, nothing is wrong; what is replayed says what it is."""
    target = target_of_file(str(killing_with_interrupts_on(tmp_path)))
    plans = [("irq-context", ("softirq",)), ("kill-returns", ("softirq",))]
    budget = Budget(timed_seeds=0)
    both = [verify_stages([target], Verification(tuple(plans), budget), jobs, nobody)[0][0] for jobs in (1, 2)]
    assert both[0] == both[1]
    assert both[0]["irq-context"].verdict == PASS
    failure = both[0]["kill-returns"].kinds["softirq"].failure
    assert failure is not None
    assert failure.kind == LOCK_MISUSE
    assert failure.message.endswith("in program from-an-interrupt")
    alone = verify_stages([target], Verification((plans[1],), budget), 1, nobody)[0][0]
    assert alone["kill-returns"].verdict == PASS
    assert main(["replay", failure.replay, target.path]) == 0
    assert (
        "no violation in itself, but perhaps beside another execution: CPU0 takes tasklet_lock with interrupts on"
        in capsys.readouterr().out
    )
