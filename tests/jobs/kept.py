"""What the tests of kept outcomes share: a job as a task, and a store that lies in memory."""

from __future__ import annotations

from typing import Any

from harness.cache_place import CacheBroken
from harness.jobs.executor import OK, Outcome, Task
from harness.jobs.job import Job
from harness.jobs.outcome_cache import OutcomeCache
from harness.sources.target import Target

STAGE = Target(3, "a title", "module", "/somewhere/stage.py", source=b"x = 1\n")
JOB = Job(STAGE, "fifo", "softirq")


class InMemory:
    """Keeps bytes in a dictionary, until it is `broken`."""

    def __init__(self) -> None:
        self.kept: dict[bytes, bytes] = {}
        self.broken = ""

    def get(self, key: bytes) -> bytes | None:
        self._work()
        return self.kept.get(key)

    def put(self, key: bytes, value: bytes) -> None:
        self._work()
        self.kept[key] = value

    def _work(self) -> None:
        if self.broken:
            raise CacheBroken(self.broken)


def work(job: Job) -> object:
    """What a task does; it is not carried out in these tests."""
    raise AssertionError


def kept_task(keeps: Any = str, job: Job = JOB) -> Task:
    """A task whose value may be kept."""
    return Task(0, work, (job,), None, keeps=keeps)


def cache_on(store: InMemory) -> tuple[OutcomeCache, list[str]]:
    """A cache as a run has it, and what it complains of."""
    said: list[str] = []
    return OutcomeCache(store, said.append), said


def after(store: InMemory, task: Task, outcome: Outcome) -> Outcome | None:
    """What a run knows of a task after another one has had this outcome."""
    cache_on(store)[0].keep(task, outcome)
    return cache_on(store)[0].known(task)


def is_kept(outcome: Outcome, keeps: Any = str, job: Job = JOB) -> bool:
    """Whether an outcome is kept, and then as it was."""
    found = after(InMemory(), kept_task(keeps, job), outcome)
    assert found in (None, Outcome(OK, outcome.value, printed=outcome.printed))
    return found is not None
