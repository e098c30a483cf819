"""From the strongest search to the weakest: where store buffers may show more, a program is searched with them."""

from __future__ import annotations

import random

import pytest

from harness.explored.models import ARM, PSO, TSO
from harness.litmus.litmus_programs import NO_STAGE, THREADS, Arrange, Threads, arranging
from harness.search.search import EXHAUSTED, FAILED
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
