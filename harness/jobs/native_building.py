"""Compiles stages in C in the parent, once for each content, before they are handed out; and tells workers what came of that.

So no worker waits for another one that compiles the same, and what does not compile is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.jobs.executor import Task
from harness.jobs.job import LOAD, Job
from harness.jobs.server_link import NoWorkers
from harness.native.c_source import CSource
from harness.native.compiler import DoesNotCompile, NoCompiler
from harness.native.native_options import NativeOptions
from harness.sources.target import Target
from harness.suite.own_suite import called
from harness.suite.registry import UnknownSuite, suite_named


@dataclass(frozen=True)
class Built:
    """What has become of a stage, known by `key_of`: the paths of its library and of the runtime, or in `problem` why there is none."""

    key: str
    library: str = ""
    runtime: str = ""
    problem: str = ""


def key_of(target: Target) -> str:
    """What stands for the library of a stage."""
    return Job(target, LOAD).digest


def source_of(target: Target, text: str) -> CSource:
    """What is compiled; `text` is the suite's."""
    options = target.native or NativeOptions()
    name = target.path.rpartition("/")[2]
    return CSource(name, target.source, target.beside, text, options.dialect, options.cc, options.cflags)


class Told:
    """The worker's side: what its parent has said last."""

    def __init__(self) -> None:
        self.built: dict[str, Built] = {}

    def take(self, built: Sequence[Built]) -> None:
        """Know it from here on."""
        self.built = {each.key: each for each in built}


told = Told()


class Builder:
    """The parent's side. It remembers what has been compiled."""

    def __init__(self) -> None:
        self._built: dict[str, Built] = {}

    def built(self, task: Task) -> tuple[Built, ...]:
        """Compile what a task needs; raises `NoWorkers` if there is nothing to compile with."""
        return tuple(map(self._of, dict.fromkeys(target for target in _targets_of(task) if target.is_c and not target.problem)))

    def _of(self, target: Target) -> Built:
        key = key_of(target)
        if key not in self._built:
            try:
                self._built[key] = build(target)
            except NoCompiler as error:
                raise NoWorkers(str(error)) from None
        return self._built[key]


def build(target: Target) -> Built:
    """Compile a stage, unless that was done before; raises `NoCompiler`."""
    # Who has no stage in C needs nothing of what it imports.
    from harness.native.compiling import compiled, runtime_library

    key = key_of(target)
    try:
        glue = suite_named(target.suite).native
        if glue is None:
            return Built(key, problem=f"is in C, and suite {called(target.suite)} does not say how such a stage provides its API")
        source = source_of(target, glue.text)
        return Built(key, str(compiled(source)), str(runtime_library(source.cc)))
    except (DoesNotCompile, UnknownSuite) as error:
        return Built(key, problem=str(error) if isinstance(error, DoesNotCompile) else f"cannot be tested: {error}")


def in_c(tasks: Iterable[Task]) -> bool:
    """Whether any of them is about a stage in C."""
    return any(target.is_c for task in tasks for target in _targets_of(task))


def _targets_of(task: Task) -> Iterator[Target]:
    yield from (argument.target for argument in task.arguments if isinstance(argument, Job))
