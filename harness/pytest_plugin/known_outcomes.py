"""What has been found out in this process, and behind that what the cache knows from earlier runs: tests of a stage share jobs."""

from __future__ import annotations

from contextlib import ExitStack

from harness.cli.remembered import remembered
from harness.jobs.executor import LACKING, NOT_A_STAGE, OK, TIMED_OUT, Outcome, Task
from harness.jobs.job import Job
from harness.jobs.remembering import KnownOutcomes

# What ends a process may have come from outside, and is looked into each time. What does not come back takes too long for that.
SURE = frozenset({OK, NOT_A_STAGE, LACKING, TIMED_OUT})


class SessionOutcomes:
    """For one session of pytest; to be closed."""

    def __init__(self, no_cache: bool) -> None:
        self._stack = ExitStack()
        self._cache: KnownOutcomes | None = self._stack.enter_context(remembered(no_cache))
        self._found: dict[tuple[str, str], Outcome] = {}

    def known(self, task: Task) -> Outcome | None:
        """As `KnownOutcomes.known`."""
        if task.keeps is not None and (found := self._found.get(_key(task))) is not None:
            return found
        return None if self._cache is None else self._cache.known(task)

    def keep(self, task: Task, outcome: Outcome) -> None:
        """As `KnownOutcomes.keep`."""
        if task.keeps is not None and outcome.status in SURE:
            self._found[_key(task)] = outcome
        if self._cache is not None:
            self._cache.keep(task, outcome)

    def close(self) -> None:
        """Let go of the cache, and have it say what came from it."""
        self._stack.close()


def _key(task: Task) -> tuple[str, str]:
    (job,) = task.arguments
    assert isinstance(job, Job)
    return f"{task.function.__module__}.{task.function.__qualname__}", job.digest
