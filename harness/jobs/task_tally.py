"""Keeps count of a run of tasks as they begin and end, and estimates what is left.

Tasks are not of one size: one of them counts as much time as those like it have taken in this run, on other stages. Where one is left of
which there is no like yet, nobody knows how long the rest takes, and nothing is said. What came from a cache took no time that counts.
"""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from harness.jobs.executor import Task
from harness.jobs.job import Job
from harness.jobs.standing import Share, Standing

# Between two tasks of a stage, it is still being worked on.
RECENT_SECONDS = 1.0

# What tasks have in common that are alike; and those that are a little alike.
Kind = tuple[Hashable, ...]


@dataclass
class Mean:
    """The mean of some numbers, all of them 0 or more."""

    number: int = 0
    total: float = 0.0

    def add(self, value: float) -> None:
        """One more."""
        self.number += 1
        self.total += value

    @property
    def value(self) -> float | None:
        """None if there are no numbers."""
        return self.total / self.number if self.number else None


@dataclass
class Group:
    """The tasks of a stage: how many there are, how many are done, and of which kind those are that have not begun."""

    name: str
    total: int = 0
    done: int = 0
    # How many were carried out, the seconds that these took together, and when one has ended.
    carried_out: int = 0
    busy: float = 0.0
    ended: float = -math.inf
    waiting: Counter[Kind] = field(default_factory=Counter)
    running: dict[int, float] = field(default_factory=dict)


class TaskTally(Standing):
    """What becomes of `tasks` on so many workers."""

    def __init__(self, tasks: Sequence[Task], workers: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(0, len(tasks))
        self._workers = workers
        self._clock = clock
        self._began = clock()
        self._tasks = tasks
        self._kinds = list(map(kind_of, tasks))
        self._groups: dict[int, Group] = {}
        # How long tasks have taken, by what they have in common.
        self._took: defaultdict[Kind, Mean] = defaultdict(Mean)
        for task, kind in zip(tasks, self._kinds, strict=True):
            group = self._groups.setdefault(task.group, Group(name_of(task)))
            group.total += 1
            group.waiting[kind] += 1
        self._unfinished = set(range(len(tasks)))

    def begin(self, number: int) -> None:
        """A task begins, perhaps once more."""
        group, now = self._groups[self._tasks[number].group], self._clock()
        group.waiting[self._kinds[number]] -= 1
        group.running[number] = now

    def pause(self, number: int, counts: bool) -> None:
        """A task has come to an end, but what that means is not decided yet; `counts`: it shows how long such tasks take."""
        group, kind = self._groups[self._tasks[number].group], self._kinds[number]
        now = group.ended = self._clock()
        took = now - group.running.pop(number, now)
        group.waiting[kind] += 1
        if counts:
            group.carried_out += 1
            group.busy += took
            for each in (kind, kind[:2]):
                self._took[each].add(took)

    def end(self, number: int) -> None:
        """A task is done, or will not be: it does not begin any more."""
        if number in self._unfinished:
            self._unfinished.remove(number)
            group = self._groups[self._tasks[number].group]
            group.waiting[self._kinds[number]] -= 1
            group.done += 1
            self.done += 1

    @property
    def rate(self) -> float | None:
        carried_out = sum(group.carried_out for group in self._groups.values())
        return _per_second(carried_out, self._clock() - self._began)

    @property
    def seconds_left(self) -> float | None:
        return self._needed(self._groups.values(), self._workers)

    @property
    def shares(self) -> Sequence[Share]:
        recently = self._clock() - RECENT_SECONDS
        groups = [group for group in self._groups.values() if group.name and group.done < group.total]
        return [self._share(group) for group in groups if group.running or group.ended > recently]

    def _share(self, group: Group) -> Share:
        workers = max(len(group.running), 1)
        rate = _per_second(group.carried_out * workers, group.busy)
        return Share(group.name, group.done, group.total, rate, self._needed([group], workers))

    def _needed(self, groups: Iterable[Group], workers: int) -> float | None:
        """How many seconds so many workers need for the rest of some groups; no less than the longest task takes."""
        left, longest, now = 0.0, 0.0, self._clock()
        for group in groups:
            for kind, number in group.waiting.items():
                if number > 0:
                    if (mean := self._mean(kind)) is None:
                        return None
                    left, longest = left + number * mean, max(longest, mean)
            for task, began in group.running.items():
                if (mean := self._mean(self._kinds[task])) is None:
                    return None
                rest = max(mean - (now - began), 0.0)
                left, longest = left + rest, max(longest, rest)
        return max(left / workers, longest)

    def _mean(self, kind: Kind) -> float | None:
        """How long a task takes: as those of its kind, or as those that are like it at least in what is done."""
        own = self._took[kind].value if kind in self._took else None
        return own if own is not None or kind[:2] not in self._took else self._took[kind[:2]].value


def kind_of(task: Task) -> Kind:
    """What a task has in common with those that take about as long: everything but the stage and the seed."""
    job = task.arguments[0] if task.arguments else None
    if not isinstance(job, Job):
        return (task.function, repr(task.arguments))
    return (task.function, job.part, job.kind, job.program, job.model, repr(job.budget))


def name_of(task: Task) -> str:
    """The stage that a task is about; empty if it is about none."""
    job = task.arguments[0] if task.arguments else None
    return job.target.label if isinstance(job, Job) else ""


def _per_second(number: int, seconds: float) -> float | None:
    return number / seconds if number and seconds > 0 else None
