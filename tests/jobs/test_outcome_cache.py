"""What is kept is what a job has come to by itself; it comes back as it was, or not at all."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from harness.explored.models import TSO
from harness.jobs import deciding_code, outcome_cache
from harness.jobs.executor import (
    DIED,
    ENDED_ALL,
    GIVEN_UP,
    INTERRUPTED,
    NOT_A_STAGE,
    OK,
    RAISED,
    TIMED_OUT,
    Outcome,
    Task,
)
from harness.jobs.outcome_cache import Counts, seal
from harness.machine.contexts import Use
from harness.verify.checking import Seen
from harness.verify.deepening import Exploration
from harness.verify.verdicts import FAIL, Failure, KindResult, OpenEnd, SeenUse
from tests.jobs.kept import JOB, STAGE, InMemory, after, cache_on, is_kept, kept_task

FAILURE = Failure("assertion", "t ran once, not 2 times", "program", "explored", 3, ((5, 1), (9, 0)), 5000, model=TSO)
RESULT = KindResult(
    "fifo",
    "softirq",
    FAIL,
    12,
    open_ends=(OpenEnd("fifo", "program", "as far as that", 2),),
    failure=FAILURE,
    uses=(SeenUse(Use("lock", "takes", "with interrupts on", "CPU0", "stage.py:1 (f)", ("held",)), "program", ((1, 2),)),),
)


@dataclass
class Typed:
    """Plain data of a type of its own."""

    number: float
    names: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("keeps", "value"),
    [
        (KindResult, RESULT),
        (Seen, Seen((Exploration("program", failure=FAILURE, within=1), Exploration("another")), RESULT)),
        (list[Typed], [Typed(1.5, ("a",)), Typed(0.1)]),
        (dict[str, int | str | list[str]], {"a": 1, "b": "two", "c": ["µ", "…"]}),
        (str, ""),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_comes_back_is_what_was_kept(keeps: Any, value: object) -> None:
    """Values of every type that workers return, with what the stage has printed."""
    outcome = Outcome(OK, value, printed="a line\n")
    found = after(InMemory(), kept_task(keeps), outcome)
    assert found == outcome
    assert found is not None
    assert type(found.value) is type(value)


@pytest.mark.parametrize("status", [NOT_A_STAGE, TIMED_OUT, DIED, ENDED_ALL, RAISED, GIVEN_UP, INTERRUPTED])
def test_what_came_to_nothing_is_not_kept(status: str) -> None:
    """It may come to something the next time."""
    assert is_kept(Outcome(OK, "value"))
    assert not is_kept(Outcome(status, "value"))


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(OK, "value", foreign=("numpy",)),
        Outcome(OK, "crash: MemoryError"),
        Outcome(OK, "CPU0: f (stage.py) does not come back"),
        Outcome(OK, "as /somewhere/else says", printed="/somewhere/data.txt\n"),
        Outcome(OK, 1),
        Outcome(OK, "\ud800"),
    ],
    ids=["another module", "memory", "time", "a place", "another type", "no text"],
)
def test_what_another_run_may_find_otherwise_is_not_kept(outcome: Outcome) -> None:
    """It depends on what no job says, or would not come back as it was."""
    assert not is_kept(outcome)


def test_numbers_keep_their_types() -> None:
    """A whole number that would come back as another one is not kept: it would be written in another way."""
    assert is_kept(Outcome(OK, Typed(1.0)), Typed)
    assert not is_kept(Outcome(OK, Typed(1)), Typed)
    assert not is_kept(Outcome(OK, Typed(float("nan"))), Typed)


def other_work(job: object) -> object:
    """Another work than that of `tests.jobs.kept`."""
    raise AssertionError


@pytest.mark.parametrize(
    "other",
    [
        kept_task(job=replace(JOB, seed=1)),
        kept_task(job=replace(JOB, target=replace(STAGE, source=b"x = 2\n"))),
        replace(kept_task(), function=other_work),
    ],
    ids=["seed", "source", "work"],
)
def test_other_work_has_another_outcome(other: Task) -> None:
    """Only the same work on the same job is known."""
    store = InMemory()
    assert after(store, kept_task(), Outcome(OK, "value")) is not None
    assert cache_on(store)[0].known(other) is None


def test_other_code_has_another_outcome(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A module that decides is another one, or greenlet is: nothing is known then. What only shows does not matter."""
    store = InMemory()
    after(store, kept_task(), Outcome(OK, "value"))
    real = deciding_code.deciding_modules()
    changed = tmp_path / "search.py"
    changed.write_bytes(real["harness.search.search"].read_bytes() + b"#\n")
    assert not any(name.startswith(("harness.cli", "harness.report")) for name in real)
    for name, other in (
        ("deciding_modules", lambda: {**real, "harness.search.search": changed}),
        ("version", lambda name: "0"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(deciding_code, name, other)
            assert cache_on(store)[0].known(kept_task()) is None
    assert cache_on(store)[0].known(kept_task()) is not None


def test_code_that_changes_meanwhile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody knows any more which code a worker has executed, so nothing is kept."""
    copied = tmp_path / "search.py"
    copied.write_text("before")
    real = deciding_code.deciding_modules()
    monkeypatch.setattr(deciding_code, "deciding_modules", lambda: {**real, "harness.search.search": copied})
    store = InMemory()
    cache, _ = cache_on(store)
    cache.keep(kept_task(), Outcome(OK, "value"))
    assert len(store.kept) == 1
    copied.write_text("and after")
    cache.keep(kept_task(job=replace(JOB, seed=1)), Outcome(OK, "value"))
    copied.unlink()
    cache.keep(kept_task(job=replace(JOB, seed=2)), Outcome(OK, "value"))
    assert len(store.kept) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda key, value: value[:-1],
        lambda key, value: value[:40] + bytes([value[40] ^ 1]) + value[41:],
        lambda key, value: b"",
        lambda key, value: seal(b"another key", zlib.decompress(value[32:])),
        lambda key, value: seal(key, b"["),
        lambda key, value: seal(key, b'[{"verdict": "pass"}, ""]'),
        lambda key, value: seal(key, pickle.dumps(RESULT)),
        lambda key, value: seal(key, b"[" * 100_000),
    ],
    ids=["cut short", "a bit", "empty", "of another", "no JSON", "another type", "a pickle", "deep"],
)
def test_a_damaged_entry_is_found_out_anew(damage: Callable[[bytes, bytes], bytes]) -> None:
    """It is counted, and never becomes an outcome, even if its checksum is right."""
    store = InMemory()
    task = kept_task(KindResult)
    after(store, task, Outcome(OK, RESULT))
    ((key, value),) = store.kept.items()
    store.kept[key] = damage(key, value)
    cache, said = cache_on(store)
    assert cache.known(task) is None
    assert cache.counts == Counts(wanted=1, damaged=1)
    cache.keep(task, Outcome(OK, RESULT))
    assert cache_on(store)[0].known(task) == Outcome(OK, RESULT)
    assert said == []


def test_a_store_that_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is said once, and then the run goes on without it."""
    store = InMemory()
    cache, said = cache_on(store)
    cache.keep(kept_task(), Outcome(OK, "value"))
    store.broken = "is full"
    assert cache.works
    cache.keep(kept_task(job=replace(JOB, seed=1)), Outcome(OK, "value"))
    assert cache.known(kept_task()) is None
    assert (said, cache.works) == (["is full"], False)
    # So it is where nobody knows which code decides.
    monkeypatch.setattr(outcome_cache, "DecidingCode", lambda suite: deciding_code.DecidingCode(suite))
    monkeypatch.setattr(deciding_code, "deciding_modules", dict)
    cache, said = cache_on(InMemory())
    assert cache.known(kept_task()) is None
    cache.keep(kept_task(), Outcome(OK, "value"))
    assert len(said) == 1
    assert "is not there as source" in said[0]


def test_what_a_run_has_kept_itself_is_nothing_saved() -> None:
    """It is known, and counted neither as wanted nor as found."""
    cache, _ = cache_on(InMemory())
    assert cache.known(kept_task()) is None
    cache.keep(kept_task(), Outcome(OK, "value"))
    assert cache.known(kept_task()) == Outcome(OK, "value")
    assert cache.counts == Counts(wanted=1)


def test_a_job_that_is_no_plain_data() -> None:
    """It has no hash, so its outcome is not kept: a machine from a file, for instance."""
    assert not is_kept(Outcome(OK, "value"), job=replace(JOB, budget=print))
