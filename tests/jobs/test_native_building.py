"""Stages in C are compiled once for each content before they are handed out; whose fault it is if that is not possible is told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.jobs import native_building
from harness.jobs.canary import control
from harness.jobs.driving import drive, load_only
from harness.jobs.executor import NOT_A_STAGE, Task
from harness.jobs.job import Job
from harness.jobs.native_building import Builder, Built, build, in_c, key_of, told
from harness.jobs.server_link import NoWorkers
from harness.jobs.stage_loading import NotAStage, load
from harness.native.compiler import DoesNotCompile, NoCompiler
from harness.sources.shipped import targets_of_series
from harness.suite.registry import suite_named
from stages import FIXED
from stages.c import FIXED_C

FIRST, SECOND, *_ = targets_of_series(FIXED_C)
PYTHON, *_ = targets_of_series(FIXED)
TEXT = "does not compile: x.c:1: no"


def task(*targets: object) -> Task:
    """A task that is about stages."""
    return Task(0, load_only, tuple(Job(target, "a part") for target in targets), 1.0)  # type: ignore[arg-type]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what is built; nothing is compiled."""
    names: list[str] = []

    def made(target: object) -> Built:
        names.append(target.title)  # type: ignore[attr-defined]
        return Built(key_of(target), "a", "b")  # type: ignore[arg-type]

    monkeypatch.setattr(native_building, "build", made)
    return names


def test_each_content_once(asked: list[str]) -> None:
    """However many tasks are about it, and wherever it stands in a series; a stage in Python, or with a problem, needs nothing."""
    builder = Builder()
    again = replace(FIRST, index=7, title="another")
    found = [builder.built(task(target)) for target in (FIRST, PYTHON, again, SECOND, replace(SECOND, problem="is missing"))]
    assert asked == [FIRST.title, SECOND.title]
    assert [len(each) for each in found] == [1, 0, 1, 1, 0]
    assert found[0] == found[2]
    assert (in_c([task(PYTHON)]), in_c([task(PYTHON), task(FIRST)])) == (False, True)


def raising(error: Exception) -> Callable[[object], str]:
    """Compiles nothing."""

    def compiled(source: object) -> str:
        raise error

    return compiled


def test_whose_fault_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not compile is no stage; where there is no compiler, nothing is said about the stage."""
    monkeypatch.setattr("harness.native.compiling.compiled", raising(DoesNotCompile(TEXT)))
    assert build(FIRST) == Built(key_of(FIRST), problem=TEXT)
    monkeypatch.setattr("harness.native.compiling.compiled", raising(NoCompiler("install gcc")))
    with pytest.raises(NoWorkers, match=r"^install gcc$"):
        Builder().built(task(FIRST))
    without = replace(suite_named(FIRST.suite), native=None)
    monkeypatch.setattr(native_building, "suite_named", lambda name: without)
    assert build(FIRST).problem == "is in C, and suite tasklets does not say how such a stage provides its API"


def test_what_a_worker_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It believes that a stage does not compile, and compiles itself what has gone meanwhile."""
    told.take([Built(key_of(FIRST), problem=TEXT)])
    with pytest.raises(NotAStage, match=f"^{TEXT}$"):
        load(FIRST)
    told.take([Built(key_of(FIRST), "/nowhere/a.so", "/nowhere/b.so")])
    monkeypatch.setattr("harness.native.compiling.compiled", raising(DoesNotCompile("is compiled again")))
    with pytest.raises(NotAStage, match=r"^is compiled again$"):
        load(FIRST)
    told.take([])


def test_no_stage_in_c() -> None:
    """A call of the API that it lacks is named; so is the line that does not compile."""
    without = replace(FIRST, source=FIRST.source.replace(b"void do_tasklet(void)", b"void another_name(void)"), beside=without_prototype())
    broken = replace(FIRST, source=FIRST.source + b"\nint f(void) { return }\n")
    driven = drive([without, broken], [], 1)
    assert [outcome.status for outcome in driven.unfit.values()] == [NOT_A_STAGE] * 2
    assert driven.problems[0] == "lacks the API of a stage: no function do_tasklet"
    line = broken.source.count(b"\n")
    assert driven.problems[1].startswith(f"does not compile: {Path(FIRST.path).name}:{line}: expected expression")


def without_prototype() -> tuple[tuple[str, bytes], ...]:
    """The header for that."""
    return tuple((name, content.replace(b"void do_tasklet(void);", b"void another_name(void);")) for name, content in FIRST.beside)


def test_what_is_known_to_be_good() -> None:
    """Of a stage in C that is the baseline in C, compiled in the same way."""
    assert FIRST.native is not None
    native = replace(FIRST.native, cflags=("-O2",))
    found = control(task(replace(SECOND, native=native)))
    assert found is not None
    assert found.arguments[0].target == replace(FIRST, native=native)
    assert control(task(FIRST)) is None
