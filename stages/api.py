"""What a stage must provide (`TaskletApi`), and the records that describe stages and series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from stages.hypervisor import Hypervisor, Struct

TaskletFunction = Callable[[Any], None]


class TaskletApi(Protocol):
    """The tasklet interface of one stage, built for one hypervisor (xen-facts: "The tasklet API").

    Build it with `TaskletSubsystem(hv)`; tasklets are made with `Tasklet(hv, name)` and initialised by one of the init calls, or made
    by one of the static declarations.
    """

    def __init__(self, hv: Hypervisor) -> None: ...

    def tasklet_subsys_init(self) -> None:
        """Boot: set up every online CPU, open the softirqs, register the CPU notifier."""

    def DECLARE_TASKLET(self, name: str, func: TaskletFunction, data: Any) -> Any:
        """Make a tasklet of VCPU kind that needs no init call; usable before `tasklet_subsys_init`."""

    def DECLARE_SOFTIRQ_TASKLET(self, name: str, func: TaskletFunction, data: Any) -> Any:
        """Make a tasklet of softirq kind that needs no init call."""

    def tasklet_init(self, t: Any, func: TaskletFunction, data: Any) -> None:
        """Make `t` an idle tasklet of VCPU kind."""

    def softirq_tasklet_init(self, t: Any, func: TaskletFunction, data: Any) -> None:
        """Make `t` an idle tasklet of softirq kind."""

    def hvm_irq_tasklet_init(self, t: Any, func: TaskletFunction, data: Any) -> None:
        """Make `t` what the dpci and event-channel clients use at this stage."""

    def tasklet_schedule(self, t: Any) -> None:
        """Have `t` run on this CPU."""

    def tasklet_schedule_on_cpu(self, t: Any, cpu: int) -> None:
        """Have `t` run on `cpu`."""

    def do_tasklet(self) -> None:
        """The idle loop's part: run at most one tasklet of VCPU kind."""

    def tasklet_kill(self, t: Any) -> None:
        """Cancel `t` if it is queued, wait for it if it runs, and keep it from ever running again."""


# What a module must define to be a stage: these two names, and these calls on the subsystem.
REQUIRED_NAMES = ("Tasklet", "TaskletSubsystem")
REQUIRED_CALLS = tuple(name for name, value in vars(TaskletApi).items() if callable(value) and not name.startswith("_"))


class StageModule(Protocol):
    """A stage as a module."""

    Tasklet: type[Struct]
    TaskletSubsystem: type[TaskletApi]


def short_title(title: str) -> str:
    """Return the title of a patch without its subsystem prefix and full stop."""
    return title.removeprefix("tasklet: ").rstrip(".")


@dataclass(frozen=True)
class Stage:
    """One stage of a series: where its code is, what its patch is called, and what the patch's commit message says below the title.

    `message` is paragraphs of plain text, with an empty line between them; whoever prints it breaks the lines. `subject` is the line above
    them where that is not the title. `module` is the name of a Python module, or the path of a C file: `stages/c/…/….c`. `headers` are the
    own ones of a stage in C, by their paths from the directory of its file on, which are those that they have in a repository.
    """

    index: int
    title: str
    summary: str
    module: str
    message: str = ""
    subject: str = ""
    headers: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The file of the module."""
        file = self.module if self.module.endswith(".c") else f"{self.module.replace('.', '/')}.py"
        return Path(__file__).resolve().parent.parent / file

    @property
    def short_title(self) -> str:
        """The title for tables."""
        return short_title(self.title)


@dataclass(frozen=True)
class AcceptedChange:
    """A clause that the stages from `patch` on do not keep for `kinds`, although the one before does: known, meant, and why.

    `programs`: the only ones of the clause that may fail; any, if none is named.
    """

    clause: str
    kinds: tuple[str, ...]
    patch: int
    why: str
    programs: tuple[str, ...] = ()


# What a stage is tested with, unless the user names another suite.
DEFAULT_SUITE = "tasklets"


@dataclass(frozen=True)
class Series:
    """A patch series: a name, one sentence, its stages in order, the baseline first, and the file of a repository that they change.

    `accepted`: what it knowingly does worse than the baseline, each by the patch that begins it.
    """

    name: str
    summary: str
    stages: tuple[Stage, ...]
    suite: str = DEFAULT_SUITE
    file: str = "tasklet.py"
    accepted: tuple[AcceptedChange, ...] = ()
