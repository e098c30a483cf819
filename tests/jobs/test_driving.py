"""How tasks belong together, whatever carries them out: here it is an executor that ends one task at a time, in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.jobs import driving
from harness.jobs.driving import KNOWN_GOOD, Driven, JobStep, drive, run_tasks
from harness.jobs.executor import DIED, ENDED_ALL, GIVEN_UP, MISTAKEN, NOT_A_STAGE, OK, RAISED, TIMED_OUT, Ended, Message, Outcome, Task
from harness.jobs.job import Job
from harness.sources.single_file import target_of_file
from harness.suite.program import SuiteMistake

# What an executor by hand reports of a task.
Play = Callable[[int], Outcome]


class ByHand:
    """An executor that ends the tasks in the order in which they were started."""

    capacity = 2

    def __init__(self, play: Play) -> None:
        self.play = play
        self.waiting: list[int] = []
        self.cancelled: list[int] = []
        self.most = 0
        self.closed = False

    def start(self, number: int, task: Task) -> None:
        """Keep it for later."""
        self.waiting.append(number)
        self.most = max(self.most, len(self.waiting))

    def events(self, seconds: float) -> Sequence[Message | Ended]:
        """Every task tells its number before it ends, and something comes of a task that nobody has started."""
        number = self.waiting.pop(0)
        outcome = Outcome(GIVEN_UP) if number in self.cancelled else self.play(number)
        return [Message(99, (1.0,)), Message(number, (number,)), Ended(number, outcome)]

    def cancel(self, number: int) -> None:
        """Remember it."""
        self.cancelled.append(number)

    def close(self) -> None:
        """Remember it."""
        self.closed = True


def played(monkeypatch: pytest.MonkeyPatch, play: Play) -> ByHand:
    """Install an executor by hand."""
    executor = ByHand(play)
    monkeypatch.setattr(driving, "Processes", lambda workers, modules: executor)
    return executor


def task(group: int, gate: bool = False) -> Task:
    """A task of which only the group matters."""
    return Task(group, print, (), None, gate)


def test_the_executor_is_kept_busy_and_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more tasks are started than it has room for; all is counted, and what running tasks tell is passed on."""
    executor = played(monkeypatch, lambda number: Outcome(OK, number))
    counted: list[tuple[int, int]] = []
    heard: list[Message] = []
    batch = run_tasks([task(0)] * 4, 1, lambda standing: counted.append((standing.done, standing.total)), heard.append)
    assert [outcome.value for outcome in batch.outcomes] == [0, 1, 2, 3]
    assert heard == [Message(number, (number,)) for number in range(4)]
    assert counted == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert (executor.most, executor.closed) == (2, True)


@pytest.mark.parametrize(("status", "gate"), [(TIMED_OUT, False), (NOT_A_STAGE, True), (RAISED, True)])
def test_the_rest_of_a_group_is_given_up(monkeypatch: pytest.MonkeyPatch, status: str, gate: bool) -> None:
    """What runs is cancelled, what waits is not started, and all say why; other groups are not touched. Nothing starts beside a gate."""
    executor = played(monkeypatch, lambda number: Outcome(status, problem="is bad") if number == 0 else Outcome(OK, number))
    batch = run_tasks([task(0, gate), task(0), task(1), task(0)], 1)
    why = "was given up before this was tried: it is bad"
    assert [outcome.status for outcome in batch.outcomes] == [status, GIVEN_UP, OK, GIVEN_UP]
    assert [outcome.problem for outcome in batch.outcomes] == ["is bad", why, "", why]
    assert executor.cancelled == [1] * (not gate)
    assert executor.most == 1 + (not gate)


def test_a_group_that_ends_processes_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What dies is tried once more, alone, after the canary has sung; then nothing of its group is."""
    played_tasks: list[int] = []

    def play(number: int) -> Outcome:
        played_tasks.append(number)
        return Outcome(OK) if number in (KNOWN_GOOD, 1) else Outcome(DIED, problem="is dead")

    played(monkeypatch, play)
    batch = run_tasks([task(0), task(1), task(0)], 1)
    assert [outcome.status for outcome in batch.outcomes] == [DIED, OK, DIED]
    assert played_tasks == [0, 1, KNOWN_GOOD, 0, 2]


def test_another_end_than_the_known_one_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that ends its processes is not blamed for one that somebody else has ended in another way."""
    played_tasks: list[int] = []

    def play(number: int) -> Outcome:
        played_tasks.append(number)
        if number == 0 or (number == 1 and played_tasks.count(1) == 1):
            return Outcome(DIED, problem="exits" if number == 0 else "is killed")
        return Outcome(OK)

    played(monkeypatch, play)
    batch = run_tasks([task(0), task(0)], 1)
    assert [outcome.status for outcome in batch.outcomes] == [DIED, OK]
    assert played_tasks == [0, 1, KNOWN_GOOD, 0, KNOWN_GOOD, 1]


def test_nothing_runs_beside_what_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever ends everybody meanwhile would have another one blamed for it."""
    started: list[int] = []
    beside: list[int] = []

    def play(number: int) -> Outcome:
        started.append(number)
        if number == 0 and started.count(0) == 2:
            beside.extend(executor.waiting)
        return Outcome(ENDED_ALL if number == 0 and started.count(0) == 1 else OK)

    executor = played(monkeypatch, play)
    batch = run_tasks([task(0), task(1), task(2), task(3)], 2)
    assert [outcome.status for outcome in batch.outcomes] == [OK] * 4
    assert (started.count(0), beside) == (2, [])


def test_what_ends_everybody_is_not_started_for_the_rest_of_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried once more, and what comes before it in order counts; others that have died with it are tried again."""
    started: list[int] = []

    def play(number: int) -> Outcome:
        started.append(number)
        dies = number in (2, 4) or (number in (1, 3) and started.count(number) == 1)
        return Outcome(ENDED_ALL, problem="ended all") if dies else Outcome(OK)

    played(monkeypatch, play)
    batch = run_tasks([task(0), task(1), task(0), task(1), *[task(0)] * 9], 2)
    assert [outcome.status for outcome in batch.outcomes] == [OK, OK, ENDED_ALL, OK, *[GIVEN_UP] * 9]
    assert batch.outcomes[4].problem == "was given up before this was tried: it ended all"
    assert [started.count(number) for number in range(5)] == [1, 2, 2, 2, 0]


@pytest.mark.parametrize(("known", "status"), [(OK, NOT_A_STAGE), (RAISED, RAISED)])
def test_what_the_harness_fails_of_is_tried_on_the_baseline(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, known: str, status: str
) -> None:
    """Only where it fails there as well it is for the harness; once that is known of a group, nothing more is tried."""
    tried: list[int] = []

    def play(number: int) -> Outcome:
        tried.append(number)
        return Outcome(known if number == KNOWN_GOOD else RAISED, problem="stopped the harness: KeyError")

    played(monkeypatch, play)
    job = Job(target_of_file(str(tmp_path / "stage.py")), "fifo")
    batch = run_tasks([Task(0, print, (job,), None)] * 2, 1)
    assert [outcome.status for outcome in batch.outcomes] == [status] * 2
    assert batch.outcomes[0].problem == "has " * (known == OK) + "stopped the harness: KeyError"
    assert tried.count(KNOWN_GOOD) == (1 if known == OK else 2)


def test_an_interrupt_keeps_what_has_been_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the executor has said is not lost, even if nobody has looked at it."""

    def interrupt(message: Message) -> None:
        raise KeyboardInterrupt

    played(monkeypatch, lambda number: Outcome(OK, number))
    batch = run_tasks([task(0)] * 3, 1, hear=lambda message: interrupt(message) if message.number == 0 else None)
    assert batch.interrupted
    assert batch.outcomes[0] == Outcome(OK, 0)


def test_steps_have_their_stage_loaded_first_and_then_the_most_urgent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order in which jobs are started is that of their urgency; what is no stage is a problem of its position."""
    started: list[str] = []

    def run(tasks: Sequence[Task], jobs: int, progress: object, hear: object, cache: object) -> driving.Batch:
        started.extend(f"{task.group} {task.arguments[0].part}" for task in tasks)
        return driving.Batch([Outcome(NOT_A_STAGE, problem="is missing") if task.gate and task.group else Outcome(OK) for task in tasks])

    monkeypatch.setattr(driving, "run_tasks", run)
    targets = [target_of_file(str(tmp_path / name)) for name in ("a.py", "b.py")]
    steps = [
        JobStep(position, Job(target, part), print, None, len(part)) for position, target in enumerate(targets) for part in ("long", "so")
    ]
    driven: Driven = drive(targets, steps, 1)
    assert started == ["0 load", "1 load", "0 so", "1 so", "0 long", "1 long"]
    assert driven.problems == {1: "is missing"}
    assert all(driven.outcomes[step].status == OK for step in steps)


def test_a_mistake_of_the_suite_ends_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several, the first one in order is told, whichever was found first; nothing more is started."""
    order = [1, 0]
    executor = played(monkeypatch, lambda number: Outcome(MISTAKEN, problem=f"suite s.py:{number}"))
    monkeypatch.setattr(executor, "start", lambda number, task: executor.waiting.append(number))
    monkeypatch.setattr(executor, "events", lambda seconds: [Ended(number := order.pop(0), executor.play(number))])
    with pytest.raises(SuiteMistake, match=r"^suite s.py:0$"):
        run_tasks([task(0), task(1), task(2)], 2)
    assert (executor.waiting, executor.closed) == ([0, 1], True)
