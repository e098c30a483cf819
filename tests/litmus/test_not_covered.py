"""Which litmus files what a model does not cover may matter to."""

from __future__ import annotations

import pytest

from harness.explored.models import ARM
from harness.litmus.files.litmus_file import LitmusFile, parse_litmus
from harness.litmus.files.not_covered import (
    GAPS,
    LOAD_BUFFERING,
    MOST_EVENTS,
    RACING,
    buffers_loads,
    depends,
    gaps_of,
    inverts_coherence,
    shape_of,
)
from tests.litmus.litmus_files import FILES, file_called, one_process


def those(criterion: object) -> set[str]:
    """The files that something may matter to."""
    return {name for name in FILES if criterion(shape_of(file_called(name)))}  # type: ignore[operator]


def test_load_buffering() -> None:
    """A write after a read, with a way back to that read: by writes after reads, or by the order of the writes of a location."""
    assert those(buffers_loads) == {"LB", "S"}


def test_coherence_inversion() -> None:
    """Two writes without a barrier, and a way back to the first one."""
    assert those(inverts_coherence) == {"2+2W", "S"}


def test_who_tries_a_lock_may_find_out() -> None:
    """Where a lock is tried, a lock that is taken is a write: after a read, that is load buffering; otherwise locks are no accesses."""
    processes = ["P0(int *x, spinlock_t *s) { int r0; r0 = %s; WRITE_ONCE(*x, 1); }", "P1(int *x, spinlock_t *s) { int r1; %s }"]

    def gaps(tries: str) -> list[str]:
        bodies = (processes[0] % tries, processes[1] % "r1 = READ_ONCE(*x); spin_lock(s);")
        file = parse_litmus("\n".join(["C lock", "{}", *bodies, "exists (0:r0=0)"]))
        return [gap.sentence for gap in gaps_of(file, ARM, racing=False)]

    assert LOAD_BUFFERING.sentence in gaps("spin_trylock(s)")
    assert gaps("1; spin_lock(s)") == []


def test_a_large_file() -> None:
    """Nobody looks for circles in it: anything may matter."""
    assert buffers_loads(shape_of(one_process("r0 = *x;" * (MOST_EVENTS + 1))))


def test_dependencies() -> None:
    """A read at an address that was read."""
    assert those(depends) == {"MP+pointer"}


@pytest.mark.parametrize(
    ("first", "second", "matters"),
    [
        ("", "", True),
        ("smp_mb();", "", True),
        ("smp_mb();", "smp_mb();", False),
        ("smp_rmb();", "smp_wmb();", True),
        ("if (r0) smp_mb();", "if (r0) smp_mb();", True),
        ("r1 = xchg(z, 1);", "smp_mb();", False),
        ("r1 = xchg_relaxed(z, 1);", "smp_mb();", True),
        ("r1 = r0 && xchg(z, 1);", "smp_mb();", True),
    ],
)
def test_barriers_against_load_buffering(first: str, second: str, matters: bool) -> None:
    """A barrier counts if it is a full one and is there in every execution."""
    assert buffers_loads(shape_of(lb(first, second))) == matters


def lb(first: str, second: str, read: str = "READ_ONCE(*{})", write: str = "WRITE_ONCE(*{}, 1)") -> LitmusFile:
    """Load buffering, with something in between."""
    processes = [
        f"P{number}(int *x, int *y, int *z) {{ int r0; int r1; r0 = {read.format(one)}; {between} {write.format(other)}; }}"
        for number, one, other, between in ((0, "x", "y", first), (1, "y", "x", second))
    ]
    return parse_litmus("\n".join(["C LB {}", *processes, "exists (0:r0=1 /\\ 1:r0=1)"]))


@pytest.mark.parametrize(
    ("read", "write", "matters"),
    [
        ("smp_load_acquire({})", "WRITE_ONCE(*{}, 1)", False),
        ("READ_ONCE(*{})", "smp_store_release({}, 1)", False),
        ("*{}", "*{} = 1", True),
        ("atomic_fetch_add_acquire(1, {})", "WRITE_ONCE(*{}, 1)", False),
        ("READ_ONCE(*{})", "smp_store_mb(*{}, 1)", True),
    ],
)
def test_accesses_against_load_buffering(read: str, write: str, matters: bool) -> None:
    """An acquire orders what comes after it, a release what comes before."""
    assert buffers_loads(shape_of(lb("", "", read, write))) == matters


def test_models_that_cover_what_they_are() -> None:
    """They are not in the table; of one that is, only what may matter is told."""
    file = file_called("LB")
    assert gaps_of(file, "sc", racing=True) == []
    assert gaps_of(file, "some", racing=False, gaps={"some": GAPS["arm"]}) == [LOAD_BUFFERING]


def test_what_matters_where_there_is_a_race() -> None:
    """And only there."""
    found = [gaps_of(file_called("MP+plain"), "arm", racing) for racing in (False, True)]
    assert found == [[], [RACING]]
