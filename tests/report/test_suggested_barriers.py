"""Suggested barriers as text."""

from __future__ import annotations

import pytest

from harness.report.suggested_barriers import suggestion_text
from harness.verify.suggest_in_worker import FAILS_UNDER_SC, FOUND, NO_FAILURE, NONE_HELPS, NOT_FOUND, SuggestedBarrier, Suggestion

TWO = (SuggestedBarrier("smp_wmb", "before line 7", "self.go()"), SuggestedBarrier("smp_rmb", "after line 9", "pass"))


def text(found: Suggestion) -> str:
    """About the clause fifo of a stage in s.py."""
    return suggestion_text(found, "fifo", "s.py", "arm")


def test_what_was_found() -> None:
    """Where each barrier has to stand, with the line as it is now, and what was searched."""
    assert text(Suggestion(FOUND, TWO, programs=3, sets=4, executions=50)) == (
        "fifo: passes under arm with 2 barriers more, and fails with fewer\n"
        "  before line 7 of s.py: smp_wmb()\n      self.go()\n"
        "  after line 9 of s.py: smp_rmb()\n      pass\n"
        "checked: every interleaving of 3 of 3 programs, each counted once for each kind\n"
        "tried: 4 sets of barriers, 50 executions\n"
    )


def test_what_was_not_searched_to_its_end_is_no_pass() -> None:
    """It is named, and nothing is claimed of it."""
    said = text(Suggestion(FOUND, TWO[:1], programs=2, open_ends=("order, vcpu: limit reached, 9 executions",), sets=1, executions=1))
    assert said.startswith("fifo: has not failed under arm with 1 barrier more, and fails with fewer\n")
    assert (
        "checked: every interleaving of 1 of 2 programs, each counted once for each kind\n  not of order, vcpu: limit reached, 9 exec"
        in said
    )


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            Suggestion(FAILS_UNDER_SC, about="order, vcpu"),
            "no barrier helps: order, vcpu fails under sc too, where no barrier is missing\n",
        ),
        (
            Suggestion(NONE_HELPS, about="order, vcpu"),
            "no barrier helps: order, vcpu fails under arm with smp_mb() wherever one could stand in s.py\n",
        ),
        (
            Suggestion(NOT_FOUND, about="4 barriers are not enough", sets=1, executions=2),
            "no barriers were found with which fifo passes under arm: 4 barriers are not enough\ntried: 1 set of barriers, 2 executions\n",
        ),
        (
            Suggestion(NO_FAILURE, executions=1),
            "no barrier is suggested: fifo does not fail again\ntried: 0 sets of barriers, 1 execution\n",
        ),
    ],
)
def test_nothing_was_found(found: Suggestion, said: str) -> None:
    """Why, in one sentence."""
    assert text(found) == said
