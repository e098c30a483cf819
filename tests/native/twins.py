"""The stages of `fixed` in Python and in C, loaded, and searches of one program on either: what holds the two against each other.

Two differences between them are known, and each can be taken away: `with_flag` in Python, `waiting_at_once` in C.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any
from unittest.mock import patch

from harness.explored.models import ENGINES
from harness.jobs.stage_loading import loaded
from harness.jobs.unseen_state import Executed
from harness.jobs.watchdog import on_duty
from harness.native.binding import NativeCode
from harness.native.c_source import CSource
from harness.native.loading import load_stage
from harness.native.native_module import NativeModule
from harness.search.search import Limits, SearchResult, judge, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.suite.program import Program
from harness.tasklets.native_tasklets import GLUE
from stages.fixed import FIXED
from stages.shared_memory import Cell

ROOT = Path(__file__).parents[2] / "stages" / "c"
STAGES = tuple(stage.module.rpartition(".")[2] for stage in FIXED.stages)
FLAG = "tasklets_initialised"


def in_python(stage: str) -> ModuleType:
    """A stage of `fixed`."""
    return importlib.import_module(f"stages.{stage}")


def in_c(stage: str, cc: str = "cc", cflags: tuple[str, ...] = ()) -> ModuleType:
    """A stage of `fixed-c`."""
    return from_directory(ROOT / stage, "include", cc, cflags)


@lru_cache
def from_directory(directory: Path, include: str, cc: str = "cc", cflags: tuple[str, ...] = ()) -> ModuleType:
    """The C file of a directory, with the headers below `include` in it."""
    (file,) = directory.glob("*.c")
    headers = sorted(path for path in (directory / include).rglob("*.h"))
    named = tuple((path.relative_to(directory / include).as_posix(), path.read_bytes()) for path in headers)
    return load_stage(CSource(file.name, file.read_bytes(), named, GLUE.text, cc=cc, cflags=cflags), GLUE, directory.name)


@lru_cache
def with_flag(stage: str) -> ModuleType:
    """A stage of `fixed` in which it is memory whether tasklets are initialised, as it is in C: each look at it is an operation."""
    module = in_python(stage)

    class TaskletSubsystem(module.TaskletSubsystem):  # type: ignore[misc, name-defined]
        def __init__(self, hv: Any) -> None:
            self.flag = Cell(hv, FLAG, False, FLAG)
            super().__init__(hv)

    def load(self: Any) -> Any:
        return self.hv.load(self.flag)

    def store(self: Any, value: bool) -> None:
        # (The constructor sets it as the loader does.)
        if value:
            self.hv.store(self.flag, value)

    setattr(TaskletSubsystem, FLAG, property(load, store))
    changed = ModuleType(module.__name__)
    changed.__dict__.update(module.__dict__)
    changed.__dict__["TaskletSubsystem"] = TaskletSubsystem
    return changed


@contextmanager
def waiting_at_once() -> Iterator[None]:
    """Loops of stages in C are taken to carry nothing into their next turn, as those of their twins in Python are seen to.

    As it is, that is known of a loop in C when its stack is seen not to change: at once, where code that runs ahead (`runtime_peek`) comes
    back with the same stack, and a turn later where it does not.
    """

    def carried(_: NativeCode, __: FrameType) -> None:
        return None

    with patch.object(NativeCode, "carried", carried):
        yield


@dataclass(frozen=True)
class Found:
    """What a search of one program has found."""

    verdict: str
    failure: str
    executions: int
    blocked: int

    @property
    def agrees_with(self) -> tuple[str, str]:
        """What has to be the same for everybody: the verdict, and what kind of failure it is."""
        return self.verdict, self.failure


def executed(program: Program, module: ModuleType, kind: str) -> Executed:
    """One execution, to be made again and again, as in a worker process."""
    if isinstance(module, NativeModule):
        loaded.in_c = module
    return Executed(program, module, kind)


def searched(program: Program, module: ModuleType, kind: str, model: str, executions: int) -> Found:
    """Search all executions, or so many."""
    with on_duty():
        result: SearchResult = search(executed(program, module, kind), OptimalDpor(ENGINES[model]), Limits(executions=executions))
    kind_of_failure = result.failure.kind if result.failure is not None else ""
    return Found(judge(result), kind_of_failure, result.executions, result.blocked)
