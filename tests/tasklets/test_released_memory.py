"""Whoever touches what was released ends the execution, however it was touched; nobody else notices anything."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.machine.diagnosis import ASSERTION, Violation
from harness.machine.engine import Engine
from harness.tasklets.released_memory import ReleasedMemory
from harness.tasklets.tasklet_under_test import SOFTIRQ, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program
from harness.timed.timed_engine import TimedEngine
from stages import s0_baseline

Touch = Callable[[Testbed, TaskletUnderTest], object]


def run(touch: Touch, engine: Engine) -> Violation | None:
    """Release one of two tasklets, and then touch something."""

    @program((SOFTIRQ,))
    def touches(b: Testbed) -> None:
        """A test."""
        memory = ReleasedMemory(b.machine)
        t, u = b.tasklet("t"), b.tasklet("u")
        b.cpu(0, lambda: (memory.release(t), touch(b, u), touch(b, t)))

    touches.execute(s0_baseline, SOFTIRQ, engine)
    return engine.failure


@pytest.mark.parametrize("engine", [ExploredEngine, TimedEngine])
@pytest.mark.parametrize(
    ("touch", "cell"),
    [
        (lambda b, t: t.tasklet.data, "t.data"),
        (lambda b, t: b.machine.write_atomic(t.tasklet, s0_baseline.Tasklet.is_dead, True), "t.is_dead"),
        (lambda b, t: b.machine.list_empty(t.tasklet.list), "t.list"),
        (lambda b, t: b.machine.list_add_tail(t.tasklet.list, b.api.tasklet_list[b.machine.cpus[0].known_as]), "t.list"),  # type: ignore[attr-defined]
    ],
)
def test_a_touch_is_noticed(touch: Touch, cell: str, engine: type[Engine]) -> None:
    """Plain, marked, or as a node of a list, in both engines; the other tasklet's memory may be touched before."""
    failure = run(touch, engine())
    assert failure is not None
    assert failure.kind == ASSERTION
    assert f"CPU0: touches {cell}, which was released after tasklet_kill had returned, at test_released_memory.py" in failure.message


def test_nothing_else_is_noticed() -> None:
    """A program that touches nothing of it afterwards is fine."""
    assert run(lambda b, t: None, ExploredEngine()) is None
