"""From the strongest search to the weakest: where store buffers may show more, a program is searched with them."""

from __future__ import annotations

import random

import pytest

from harness.explored.models import ARM, PSO, TSO
from harness.litmus.litmus_programs import NO_STAGE, THREADS, Arrange, Threads, arranging
from harness.search.search import EXHAUSTED, FAILED, UNDECIDED
from harness.suite.program import Program
from harness.verify.deepening import Effort, explore


def late_release(barrier: bool) -> Arrange:
    """One frees a lock and reads y; the other one writes y and tries the lock: it is wrong if both look too early."""

    def arrange(t: Threads) -> None:
        mutex, y, found = t.mutex("lock"), t.word("y"), [1, True]

        def first() -> None:
            t.lock(mutex)
            t.unlock(mutex)
            if barrier:
                t.smp_mb()
            found[0] = y.read()

        def second() -> None:
            y.xchg(1)
            found[1] = t.explored.try_acquire(mutex)
            if found[1]:
                t.unlock(mutex)

        def look() -> bool:
            if found == [0, False]:
                raise t.engine.violate("assertion", "the release is late")
            return True

        t.thread(first)
        t.thread(second)
        t.observe = look

    return arrange


@pytest.mark.parametrize("model", [TSO, PSO])
@pytest.mark.parametrize("barrier", [False, True])
def test_a_release_that_is_late_is_found(model: str, barrier: bool) -> None:
    """Though its CPU stores nothing else; with a barrier behind it, store buffers have nothing to show, and are not tried under tso."""
    program = Program("late-release", "", (THREADS,), arranging(late_release(barrier)))
    found = explore(program, NO_STAGE, THREADS, Effort(model=model), random.Random(0))
    assert found.verdict == (EXHAUSTED if barrier else FAILED)
    assert found.passed is barrier
    assert found.robust is (barrier and model == TSO)
    assert barrier or (found.failure is not None and found.failure.model == model)


def doubting(expects_both: bool) -> Arrange:
    """Each of two writes, and looks at what the other one has written: it is doubtful if both miss that, or if the first one does."""

    def arrange(t: Threads) -> None:
        words, found = (t.word("x"), t.word("y")), [1, 1]

        def thread(number: int) -> None:
            words[number].write(1)
            found[number] = words[1 - number].read()

        def look() -> bool:
            t.engine.doubtful = found == [0, 0] if expects_both else found[0] == 0
            if t.engine.doubtful and t.engine.weak and not t.engine.forgiving:
                raise t.engine.violate("assertion", "a store is late")
            return True

        t.thread(lambda: thread(0))
        t.thread(lambda: thread(1))
        t.observe = look

    return arrange


@pytest.mark.parametrize("model", [TSO, PSO, ARM])
def test_what_comes_to_pass_without_late_stores_is_for_others_to_judge(model: str) -> None:
    """What a program takes for the work of a late store is so only if it does not happen without one."""
    late, anyway = (Program("doubt", "", (THREADS,), arranging(doubting(both))) for both in (True, False))
    found = explore(late, NO_STAGE, THREADS, Effort(model=model), random.Random(0))
    assert (found.verdict, found.failure is not None and found.failure.model) == (FAILED, model)
    found = explore(anyway, NO_STAGE, THREADS, Effort(model=model), random.Random(0))
    assert (found.verdict, found.passed, found.failure) == (EXHAUSTED, True, None)


def passing_on(plain: bool) -> Arrange:
    """One writes x and then y; who has seen y reads x, behind a barrier."""

    def arrange(t: Threads) -> None:
        x, y = t.word("x"), t.word("y")

        def writer() -> None:
            x.write(1)
            t.smp_wmb()
            y.write(1)

        def reader() -> None:
            seen = y.read()
            if not plain:
                t.smp_rmb()
            if seen and not (t.load(x) if plain else x.read()):
                t.BUG("x is missed")

        t.thread(writer)
        t.thread(reader)

    return arrange


@pytest.mark.parametrize("executions", [1, 1_000])
def test_values_that_were_not_tried_are_not_claimed(executions: int) -> None:
    """However far the search has got: of a plain read that races, an older value is not played out, and might have been the failure."""
    for plain in (True, False):
        program = Program("passing-on", "", (THREADS,), arranging(passing_on(plain)))
        found = explore(program, NO_STAGE, THREADS, Effort(executions=executions, model=ARM), random.Random(0))
        assert (found.failure, found.passed) == (None, not plain and executions > 1)
        assert found.untried.startswith("a plain read of x races at test_deepening.py:") is plain
        assert found.untried in found.reached
        if executions > 1:
            assert found.verdict == (UNDECIDED if plain else EXHAUSTED)
    assert not explore(
        Program("passing-on", "", (THREADS,), arranging(passing_on(True))), NO_STAGE, THREADS, Effort(model=TSO), random.Random(0)
    ).untried


def between_two_writes(t: Threads) -> None:
    """One says in y that it is about to write x, and then that it has; who finds that it is about to reads x plainly."""
    x, y = t.word("x"), t.word("y")

    def writer() -> None:
        y.write(1)
        x.write(1)
        y.write(0)

    def reader() -> None:
        if y.xchg(0) == 1:
            t.load(x)

    t.thread(writer)
    t.thread(reader)


def test_a_bound_within_which_nothing_races_is_no_pass_either() -> None:
    """A plain read that the search without a bound has found, before it was cut off, races only where the writer is interrupted."""
    program = Program("between", "", (THREADS,), arranging(between_two_writes))
    effort = Effort(executions=3, preemptions=0, samples=0, accept_bound=0, model=ARM)
    found = explore(program, NO_STAGE, THREADS, effort, random.Random(0))
    assert (found.verdict, found.passed, found.within) == (UNDECIDED, False, None)
    assert found.untried.startswith("a plain read of x races at test_deepening.py:")
