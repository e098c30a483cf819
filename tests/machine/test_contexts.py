"""What a stage does where an interrupt could come in is noted, once for each context."""

from __future__ import annotations

from typing import Any

from harness.machine.contexts import IN_HANDLER, INTERRUPTS_ON, TAKES, Use, clash
from stages.hypervisor import Hypervisor, SpinLock


def use(what: str = "lock", how: str = TAKES, context: str = INTERRUPTS_ON) -> Use:
    """Something that a CPU does."""
    return Use(what, how, context, "CPU0", "stage.py:1 (f)")


def test_the_same_lock_in_both_contexts_is_a_clash() -> None:
    """Whichever comes first; the same context, or another lock, is none."""
    assert clash(use(), use(context=IN_HANDLER))
    assert clash(use(context=IN_HANDLER), use())
    assert not clash(use(), use())
    assert not clash(use(), use(what="other", context=IN_HANDLER))


def test_locks_of_the_stage_are_noted_with_the_context_and_the_place(bench: Any) -> None:
    """Not where no interrupt could come in, and not those of others."""
    machine = bench.machine

    def make(hv: Hypervisor) -> list[SpinLock]:
        return [hv.spinlock(name) for name in ("safe", "handler's", "guest's")]

    safe, handlers, guests = machine.install(make)
    others = machine.spinlock("of others")

    def take(lock: SpinLock) -> None:
        machine.spin_lock(lock)
        machine.spin_unlock(lock)

    def program() -> None:
        flags = machine.spin_lock_irqsave(safe)
        machine.spin_unlock_irqrestore(safe, flags)
        take(guests)
        take(guests)
        take(others)
        machine.interrupt(1, lambda: (take(handlers), take(others)))

    bench.on(0, program)
    take(guests)
    bench.run()
    noted = (bench.engine.uses or {}).values()
    assert [(seen.what, seen.context, seen.cpu) for seen in noted] == [
        ("guest's", INTERRUPTS_ON, "CPU0"),
        ("handler's", IN_HANDLER, "CPU1"),
    ]
    assert all("test_contexts.py:" in str(seen) for seen in noted)
    assert str(use()) == "CPU0 takes lock with interrupts on, at stage.py:1 (f)"


def test_what_is_done_at_boot_is_not_noted(bench: Any) -> None:
    """There is nobody to interrupt it."""
    lock = bench.machine.install(lambda hv: hv.spinlock("lock"))
    bench.machine.spin_lock(lock)
    bench.machine.spin_unlock(lock)
    assert bench.engine.uses is None
