"""An executor that answers from a cache what is known there, and has another one carry out the rest, which is made when it is needed.

So of a run of which everything is known no process is started, and no code of a stage executed. What is carried out is kept as it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from harness.jobs.executor import Ended, Executor, Message, Outcome, Task
from harness.jobs.own_name import named, nameless


class KnownOutcomes(Protocol):
    """What is known from earlier runs, wherever that is kept (`harness.jobs.outcome_cache`).

    Tasks are `nameless`, and outcomes those of such tasks: under another name of its file, a stage has the same ones.
    """

    def known(self, task: Task) -> Outcome | None:
        """The outcome of a task, if it is known."""

    def keep(self, task: Task, outcome: Outcome) -> None:
        """Know it from now on, if that may be."""


def known_to(cache: KnownOutcomes, task: Task) -> Outcome | None:
    """The outcome of a task, for a stage that has a name, if it is known."""
    outcome = cache.known(nameless(task))
    return None if outcome is None else named(outcome, task)


class Remembering:
    """Wraps the executor that `make` makes; without a cache, everything is for that one."""

    def __init__(self, capacity: int, make: Callable[[], Executor], cache: KnownOutcomes | None) -> None:
        self._capacity = capacity
        self._make = make
        self._cache = cache
        self._executor: Executor | None = None
        self._answered: list[Ended] = []
        self._running: dict[int, Task] = {}

    @property
    def capacity(self) -> int:
        return self._capacity if self._executor is None else self._executor.capacity

    def start(self, number: int, task: Task) -> None:
        if self._cache is not None and (outcome := known_to(self._cache, task)) is not None:
            self._answered.append(Ended(number, outcome, remembered=True))
            return
        if self._executor is None:
            self._executor = self._make()
        self._running[number] = task
        self._executor.start(number, nameless(task))

    def events(self, seconds: float) -> Sequence[Message | Ended]:
        answered, self._answered = self._answered, []
        told = [] if self._executor is None else self._executor.events(0.0 if answered else seconds)
        return [*answered, *(self._kept(event) if isinstance(event, Ended) else event for event in told)]

    def _kept(self, event: Ended) -> Ended:
        """Keep the outcome; the event as it is for whoever has started the task."""
        task = self._running.pop(event.number, None)
        if task is None:
            return event
        if self._cache is not None:
            self._cache.keep(nameless(task), event.outcome)
        return replace(event, outcome=named(event.outcome, task))

    def cancel(self, number: int) -> None:
        if self._executor is not None:
            self._executor.cancel(number)

    def close(self) -> None:
        if self._executor is not None:
            self._executor.close()
