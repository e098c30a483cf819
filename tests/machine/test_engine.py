"""What every engine reports when nothing can go on."""

from __future__ import annotations

from typing import cast

from harness.explored.explored_engine import ExploredEngine
from harness.machine.engine import Process
from harness.machine.memory import Memory
from stages.hypervisor import Hypervisor, SpinLock


def stuck(script: list[int], *orders: tuple[int, ...]) -> str:
    """Have processes take the locks A, B, C in the given orders and keep them; return the report."""
    engine = ExploredEngine(script=script)
    memory = cast(Hypervisor, Memory(engine, 1))
    locks = [SpinLock(memory, name) for name in "ABC"]

    def body(order: tuple[int, ...]) -> None:
        for lock in order:
            engine.acquire(locks[lock], False)

    for number, order in enumerate(orders):
        engine.add(Process(f"CPU{number}", lambda order=order: body(order)))  # type: ignore[misc]
    engine.run()
    engine.close()
    return str(engine.failure)


def test_deadlock_names_its_cycle() -> None:
    """Who waits for whom, and the circle, without those who only wait for somebody in it."""
    report = stuck([1, 2], (0,), (0, 1), (1, 0))
    assert report.endswith("CPU1 waits for B, held by CPU2; CPU2 waits for A, held by CPU1; cycle: CPU1 → CPU2 → CPU1")


def test_three_in_a_circle() -> None:
    """A circle may be longer than two."""
    assert stuck([0, 1, 2], (0, 1), (1, 2), (2, 0)).endswith("; cycle: CPU0 → CPU1 → CPU2 → CPU0")


def test_no_cycle_where_the_holder_is_gone() -> None:
    """A lock that was never released is a deadlock without a circle."""
    assert stuck([0], (0,), (0,)).endswith("CPU1 waits for A, held by CPU0")
