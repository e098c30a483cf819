"""What carries jobs out, wherever it does so: the units that it is given, what it reports, and what became of each unit.

An executor runs units one by one and knows nothing of how they belong together; `harness.jobs.driving` does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

OK = "ok"
NOT_A_STAGE = "not a stage"
# The stage lacks what this task asks of it: others may do without.
LACKING = "lacking"
TIMED_OUT = "timed out"
DIED = "died"
# It has ended all processes that carry out tasks, not only its own.
ENDED_ALL = "ended all"
RAISED = "raised"
# The suite is wrong: nobody is tested with it.
MISTAKEN = "mistaken"
GIVEN_UP = "given up"
INTERRUPTED = "interrupted"

DEATHS = frozenset({DIED, ENDED_ALL})
# After these, the rest of the group is given up: each of its tasks might take as long, or might cost as many others.
ENDS_GROUP = frozenset({TIMED_OUT, ENDED_ALL})


@dataclass(frozen=True)
class Task:
    """A call of a module-level function. Nothing of its group runs beside a `gate`. After a failed one the rest of the group is given up.

    So it is after a task whose outcome is one of `ENDS_GROUP`, and after one whose value `ends` the group: of several, the first in order
    counts, not the first in time.
    """

    group: int
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    # None: it may take for ever.
    seconds: float | None
    gate: bool = False
    ends: Callable[[Any], bool] | None = None
    # The type of the value, if it may be kept for another run; then the only argument is a job.
    keeps: Any = None


@dataclass(frozen=True)
class Outcome:
    """What became of a task: a value, or in `problem` why there is none, completing "the stage …"."""

    status: str
    value: Any = None
    problem: str = ""
    # What the stage has printed meanwhile, or the beginning of it.
    printed: str = ""
    # Modules that it may depend on and that no job tells of (see `harness.jobs.foreign_modules`).
    foreign: tuple[str, ...] = field(default=(), compare=False)

    @property
    def sentence(self) -> str:
        """The problem as a sentence."""
        return f"the stage {self.problem}"


@dataclass
class Batch:
    """The outcomes of all tasks, in order; `interrupted` by Ctrl-C or a signal, some are INTERRUPTED."""

    outcomes: list[Outcome] = field(default_factory=list)
    interrupted: bool = False


@dataclass(frozen=True)
class Message:
    """A few numbers that task `number` has told of itself while it runs (see `harness.jobs.messages`)."""

    number: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class Ended:
    """The end of task `number`; what is `remembered` was not carried out."""

    number: int
    outcome: Outcome
    remembered: bool = False


class Executor(Protocol):
    """Runs tasks, known by numbers that whoever starts them has chosen."""

    @property
    def capacity(self) -> int:
        """How many tasks may be started and not have ended without one of them waiting in vain."""

    def start(self, number: int, task: Task) -> None:
        """Have a task run; its time limit counts from when it is begun."""

    def events(self, seconds: float) -> Sequence[Message | Ended]:
        """What has happened since the last call, oldest first; waits for the end of a task, but no longer than this."""

    def cancel(self, number: int) -> None:
        """End a task soon, if it has not ended. It is reported as ended all the same, as GIVEN_UP or as whatever it came to."""

    def close(self) -> None:
        """End all tasks and leave nothing behind."""
