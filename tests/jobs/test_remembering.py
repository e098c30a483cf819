"""What is known needs no executor; what is not is carried out, and known from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.jobs.executor import DIED, OK, Ended, Message, Outcome, Task
from harness.jobs.remembering import Remembering
from tests.jobs.kept import JOB, InMemory, cache_on, kept_task

KNOWN, UNKNOWN = kept_task(), kept_task(job=replace(JOB, seed=1))


class AtOnce:
    """An executor that carries everything out at once."""

    capacity = 7

    def __init__(self, status: str = OK) -> None:
        self.status = status
        self.done: list[int] = []
        self.cancelled: list[int] = []
        self.closed = False

    def start(self, number: int, task: Task) -> None:
        """Nothing more than to remember it."""
        self.done.append(number)

    def events(self, seconds: float) -> Sequence[Message | Ended]:
        """All have ended; one that nobody has started, too."""
        ended = [Ended(number, Outcome(self.status, f"value {number}")) for number in (*self.done, 99)]
        return [Message(number, (1.0,)) for number in self.done] + ended

    def cancel(self, number: int) -> None:
        """Remember it."""
        self.cancelled.append(number)

    def close(self) -> None:
        """Remember it."""
        self.closed = True


def never() -> AtOnce:
    """No executor is made."""
    raise AssertionError


def test_what_is_known_starts_nothing() -> None:
    """Its outcome comes as the first event, and everything else does no harm."""
    store = InMemory()
    cache_on(store)[0].keep(KNOWN, Outcome(OK, "value"))
    executor = Remembering(2, never, cache_on(store)[0])
    executor.start(4, KNOWN)
    executor.cancel(4)
    assert executor.events(1.0) == [Ended(4, Outcome(OK, "value"), remembered=True)]
    assert executor.events(1.0) == []
    assert executor.capacity == 2
    executor.close()


def test_what_is_not_known_is_carried_out_and_kept() -> None:
    """As soon as it has ended; what was known comes before."""
    store, inner = InMemory(), AtOnce()
    cache_on(store)[0].keep(KNOWN, Outcome(OK, "value"))
    executor = Remembering(2, lambda: inner, cache_on(store)[0])
    executor.start(0, UNKNOWN)
    executor.start(1, KNOWN)
    events = executor.events(1.0)
    assert events[0] == Ended(1, Outcome(OK, "value"), remembered=True)
    assert Ended(0, Outcome(OK, "value 0")) in events
    assert Message(0, (1.0,)) in events
    assert inner.done == [0]
    assert cache_on(store)[0].known(UNKNOWN) == Outcome(OK, "value 0")
    assert len(store.kept) == 2
    executor.cancel(5)
    executor.close()
    assert (executor.capacity, inner.cancelled, inner.closed) == (7, [5], True)


def test_without_a_cache_all_is_carried_out() -> None:
    """And what has no value to keep is, anyway."""
    for task, cache in ((KNOWN, None), (replace(KNOWN, keeps=None), cache_on(InMemory())[0])):
        inner = AtOnce(DIED)
        executor = Remembering(1, lambda inner=inner: inner, cache)  # type: ignore[misc]
        executor.start(0, task)
        assert Ended(0, Outcome(DIED, "value 0")) in executor.events(1.0)
        assert inner.done == [0]
