"""What is counted of a run of tasks, and what follows for the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.jobs.executor import Task
from harness.jobs.job import Job
from harness.jobs.standing import Further
from harness.jobs.task_tally import TaskTally
from harness.sources.target import Target


class Watch:
    """A clock that somebody sets."""

    now = 50.0

    def __call__(self) -> float:
        return self.now


def task(stage: int, part: str, kind: str = "") -> Task:
    """A test of a stage."""
    return Task(stage, print, (Job(Target(stage, "", "s", "s.py", series="some"), part, kind),), None)


def carry_out(tally: TaskTally, clock: Watch, number: int, seconds: float, counts: bool = True) -> None:
    """Have a task take so long."""
    tally.begin(number)
    clock.now += seconds
    tally.pause(number, counts)
    tally.end(number)


def test_nothing_is_said_of_what_nobody_knows() -> None:
    """As long as there is a kind of test that no stage has had, nobody knows what is left; then the longest runs alone at the end."""
    clock = Watch()
    tally = TaskTally([task(stage, part) for stage in (0, 1) for part in ("short", "long")], 2, clock)
    assert tally.seconds_left is None
    carry_out(tally, clock, 0, 1.0)
    assert tally.seconds_left is None
    carry_out(tally, clock, 1, 9.0)
    assert tally.seconds_left == 9.0
    tally.begin(3)
    clock.now += 4.0
    assert tally.seconds_left == 5.0
    assert (tally.done, tally.total) == (2, 4)
    clock.now += 40.0
    assert tally.seconds_left == 1.0


def test_tests_weigh_what_those_like_them_took() -> None:
    """The mean over all stages that have had one; another kind of the same clause only where that is all that is known."""
    clock = Watch()
    tasks = [task(stage, "clause", kind) for stage in range(3) for kind in ("a", "b")]
    tally = TaskTally(tasks, 1, clock)
    carry_out(tally, clock, 0, 2.0)
    assert tally.seconds_left == 5 * 2.0
    carry_out(tally, clock, 1, 6.0)
    assert tally.seconds_left == 2 * 2.0 + 2 * 6.0
    carry_out(tally, clock, 2, 4.0)
    assert tally.seconds_left == 3.0 + 2 * 6.0


def test_what_does_not_count() -> None:
    """What came from a cache, or was given up, says nothing of how long such tests take."""
    clock = Watch()
    tally = TaskTally([task(stage, "clause") for stage in (0, 1, 2)], 1, clock)
    carry_out(tally, clock, 0, 0.0, counts=False)
    assert (tally.done, tally.seconds_left, tally.rate) == (1, None, None)
    carry_out(tally, clock, 1, 4.0)
    assert (tally.done, tally.seconds_left, tally.rate) == (2, 4.0, 0.25)


def test_what_is_tried_again_and_what_is_not_tried() -> None:
    """A task whose end decides nothing is still to do; one that never begins is done with."""
    clock = Watch()
    tally = TaskTally([task(0, "clause"), task(0, "other"), task(1, "clause")], 1, clock)
    tally.begin(0)
    clock.now += 1.0
    tally.pause(0, counts=False)
    assert tally.done == 0
    carry_out(tally, clock, 0, 3.0)
    tally.end(1)
    assert (tally.done, tally.seconds_left) == (2, 3.0)
    tally.end(1)
    assert tally.done == 2


def test_the_stages_that_are_worked_on() -> None:
    """Those that have a task that runs, or had one a moment ago; of each, how fast its workers are."""
    clock = Watch()
    tally = TaskTally([task(stage, "clause", kind) for stage in range(3) for kind in "ab"], 2, clock)
    carry_out(tally, clock, 0, 2.0)
    tally.begin(1)
    tally.begin(2)
    (first, second) = tally.shares
    assert (first.name, first.done, first.total, first.rate, first.seconds_left) == ("stage 0", 1, 2, 0.5, 2.0)
    assert (second.name, second.done, second.rate, second.seconds_left) == ("stage 1", 0, None, 4.0)
    tally.pause(1, counts=True)
    tally.end(1)
    assert [share.name for share in tally.shares] == ["stage 1"]
    tally.pause(2, counts=True)
    tally.end(2)
    assert [share.name for share in tally.shares] == ["stage 1"]
    clock.now += 2.0
    assert list(tally.shares) == []


@pytest.mark.parametrize("arguments", [(), ("word",)])
def test_tasks_that_are_about_no_stage(arguments: tuple[object, ...]) -> None:
    """They are counted, and no stage is named."""
    tally = TaskTally([replace(task(0, "clause"), arguments=arguments)], 1, Watch())
    tally.begin(0)
    assert (tally.shares, tally.total, tally.seconds_left) == ([], 1, None)


def test_a_run_after_others() -> None:
    """It is counted together with them, and as more may follow, nobody knows what is left."""
    clock = Watch()
    tally = TaskTally([task(0, "clause"), task(1, "clause")], 1, clock)
    carry_out(tally, clock, 0, 2.0)
    further = Further(5, tally)
    assert (further.done, further.total, further.seconds_left) == (6, 7, None)
    assert (further.rate, further.shares) == (tally.rate, tally.shares)
