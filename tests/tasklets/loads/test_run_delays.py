"""How long tasklets wait for their runs."""

from __future__ import annotations

from harness.tasklets.loads.run_delays import ASKED, KILLED, RAN, RunDelays


def delays(*notes: tuple[int, int], of: object = "t") -> list[int]:
    """What is noted of one tasklet, in this order."""
    found = RunDelays()
    for what, time in notes:
        found.note(of, what, time)
    return found.delays


def test_the_first_of_several_schedules_counts() -> None:
    """What is scheduled again before it has run has waited from the first time on."""
    assert delays((ASKED, 5), (ASKED, 7), (RAN, 15), (RAN, 16), (ASKED, 20), (RAN, 21)) == [10, 1]


def test_a_schedule_that_is_noted_too_early_belongs_to_the_run_after_it() -> None:
    """A CPU that is executed ahead has scheduled it at 20, before another CPU runs it at 15."""
    assert delays((ASKED, 5), (ASKED, 20), (RAN, 15), (RAN, 22)) == [10, 2]


def test_a_function_that_schedules_itself_at_once_waits_for_its_next_run() -> None:
    """A schedule at the time at which a run begins belongs to the next run, whichever is noted first."""
    assert delays((ASKED, 1), (RAN, 5), (ASKED, 5), (RAN, 9)) == [4, 4]
    assert delays((ASKED, 1), (ASKED, 5), (RAN, 5), (RAN, 9)) == [4, 4]


def test_a_kill_does_not_cancel_what_is_scheduled_at_its_end() -> None:
    """A caller that kills and schedules again without an operation in between waits for its run."""
    assert delays((ASKED, 1), (KILLED, 2), (ASKED, 2), (RAN, 6)) == [4]


def test_a_kill_cancels() -> None:
    """What was scheduled before it waits for nothing any more."""
    assert delays((ASKED, 1), (KILLED, 2), (RAN, 3), (ASKED, 4), (RAN, 9)) == [5]


def test_only_runs_after_a_reset_count() -> None:
    """With what was scheduled before it."""
    found = RunDelays()
    for what, time in ((ASKED, 1), (RAN, 3), (ASKED, 4)):
        found.note("t", what, time)
    found.reset()
    found.note("t", RAN, 9)
    found.note("u", RAN, 9)
    assert found.delays == [5]
