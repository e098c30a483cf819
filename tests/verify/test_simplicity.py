"""The order among failures, of which the first is shown; that of failures of several kinds is in `tests.verify.test_complaints`."""

from __future__ import annotations

import pytest

from harness.machine.diagnosis import BUG, DEADLOCK, NO_PROGRESS
from harness.search.counterexample import Counterexample
from harness.search.replay_string import EXPLORED
from harness.verify.explore_programs import Row, simplest_row
from harness.verify.faults import violations
from harness.verify.verdicts import FAIL, ClauseResult, Failure, KindResult, StageResult
from harness.verify.verify_in_worker import Found, Request

SHOWN = Counterexample((), (), "BUG: why")


def row(program: str, deviations: int, operations: int, shown: Counterexample | None = SHOWN, failing: str = BUG) -> Row:
    """A search that has found a failure."""
    deviating = tuple((at, 1) for at in range(deviations))
    failure = Failure(failing, "why", program, EXPLORED, deviations=deviating, operations=operations)
    return Row(Request("c", "k", program), Found("failed", "", 1, 0, failure=failure, counterexample=shown))


def test_of_programs_the_simplest_is_shown() -> None:
    """What can be shown at all comes first; then few deviations, before few operations, before the name."""
    passed = Row(Request("c", "k", "p"), Found("exhausted", "", 1, 0, passed=True))
    rows = [passed, row("a", 0, 1, None), row("b", 1, 5), row("c", 0, 9), row("f", 0, 8), row("d", 0, 8)]
    found = simplest_row(rows)
    assert found is not None
    assert found.request.program == "d"
    assert simplest_row([passed]) is None


@pytest.mark.parametrize("stuck", [DEADLOCK, NO_PROGRESS])
def test_of_equals_what_goes_wrong_is_shown_rather_than_that_nobody_goes_on(stuck: str) -> None:
    """There, an operation shows it; here, none does: that is worth more operations, but no deviation."""
    for deviations, shown in ((0, "b"), (1, "a")):
        found = simplest_row([row("a", 0, 1, failing=stuck), row("b", deviations, 9)])
        assert found is not None
        assert found.request.program == shown


def test_of_kinds_the_simplest_is_shown() -> None:
    """One fault for two kinds is shown by the one with fewer deviations; by the first kind, if that is no difference."""

    def fails(kind: str, program: str, deviations: tuple[tuple[int, int], ...]) -> KindResult:
        return KindResult("c", kind, FAIL, 1, failure=Failure("BUG", "why", program, EXPLORED, deviations=deviations, replay="x"))

    kinds = {"x": fails("x", "a", ((1, 1),)), "y": fails("y", "b", ()), "z": fails("z", "c", ())}
    (fault,) = violations([StageResult(1, "", "", {"c": ClauseResult("c", kinds)})])
    assert (fault.kinds, fault.failure.program) == (("x", "y", "z"), "b")
