"""The dialect of kernel-style C on the emulated machine: its names mean what they mean in a kernel, and lists that are none are noticed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.machine.diagnosis import BUG, LIST_CORRUPTION, UNINITIALISED, Violation
from harness.native.c_source import CSource
from harness.native.glue import NativeCall, NativeGlue
from harness.native.loading import load_stage
from harness.search.search import EXHAUSTED, SearchResult, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from tests.machine.machines import Bench, explored

FILE = Path(__file__).parent / "dialect_checks.c"
FUNCTIONS = re.findall(r"^(?:void|int) (\w+)\(void\)", FILE.read_text(encoding="utf-8"), re.MULTILINE)
CHECKS = [name for name in FUNCTIONS if name.startswith("check_")]

# What a function does to a list, and what is said of it.
BROKEN = {
    "unlinks_twice": "poisoned",
    "unlinks_what_was_never_made": "never initialised",
    "unlinks_a_stranger": "neighbours do not point to it",
    "adds_to_what_was_never_made": "never initialised",
    "adds_twice": "linked elsewhere",
    "adds_what_is_elsewhere": "linked elsewhere",
    "adds_to_a_broken_list": "do not point to each other",
    "looks_at_what_was_never_made": "never initialised",
    "unchains_twice": "poisoned",
}


@pytest.fixture(scope="session")
def subsystem() -> Callable[..., Any]:
    """The functions of that file on a machine."""
    if shutil.which("cc") is None:
        pytest.skip("there is no C compiler (cc): install gcc or clang")
    glue = NativeGlue("Functions", {"Item": "item"}, tuple(map(NativeCall, FUNCTIONS)))
    return load_stage(CSource(FILE.name, FILE.read_bytes()), glue, "dialect_checks").Functions  # type: ignore[no-any-return]


def failure_of(subsystem: Callable[..., Any], name: str) -> Violation | None:
    """What is wrong with a function that is called on the first of two CPUs."""
    bench = Bench(explored())
    functions = subsystem(bench.machine)
    bench.on(0, getattr(functions, name))
    return bench.run()


@pytest.mark.parametrize("name", CHECKS)
def test_names_mean_what_they_mean_in_a_kernel(subsystem: Callable[..., Any], name: str) -> None:
    """Code that checks itself finds nothing wrong."""
    assert failure_of(subsystem, name) is None


@pytest.mark.parametrize("name", BROKEN)
def test_a_list_that_is_none_is_noticed(subsystem: Callable[..., Any], name: str) -> None:
    """It ends the execution, with a diagnosis and the line in the code that has called the list's function."""
    failure = failure_of(subsystem, name)
    assert failure is not None
    assert failure.kind == LIST_CORRUPTION
    assert BROKEN[name] in failure.message
    assert f"({name})" in failure.message
    assert FILE.name in failure.message


def test_memory_that_was_never_initialised_can_be_linked(subsystem: Callable[..., Any]) -> None:
    """Only what it is added to has to be a list; and a node that was taken off can be added again."""
    assert failure_of(subsystem, "adds_fresh_memory") is None
    failure = failure_of(subsystem, "adds_to_fresh_memory")
    assert failure is not None
    assert failure.kind == UNINITIALISED


@pytest.mark.parametrize("name", ["unlocks_nothing", "unlocks_a_reader"])
def test_who_has_no_lock_cannot_release_it(subsystem: Callable[..., Any], name: str) -> None:
    """A lock for readers and writers knows whether somebody has it."""
    failure = failure_of(subsystem, name)
    assert failure is not None
    assert failure.kind == BUG


@pytest.mark.parametrize(("bodies", "together"), [(("reads", "reads"), {1, 2}), (("reads", "writes"), {1}), (("writes", "writes"), {0})])
def test_readers_run_together_and_writers_alone(subsystem: Callable[..., Any], bodies: tuple[str, ...], together: set[int]) -> None:
    """In all executions, nobody sees half of what is written; in some, two readers read at once."""
    seen = set()

    def execute(engine: ExploredEngine) -> None:
        bench = Bench(engine)
        functions = subsystem(bench.machine)
        for cpu, body in enumerate(bodies):
            bench.on(cpu, getattr(functions, body))
        bench.run()
        seen.add(functions.most_readers())

    result: SearchResult = search(execute, OptimalDpor(ExploredEngine))
    assert (result.failure, result.verdict) == (None, EXHAUSTED)
    assert seen == together
