"""What a stage does where an interrupt could come in is noted, once for each context."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.machine.contexts import CHANGES, IN_HANDLER, INTERRUPTS_ON, TAKES, WALKS, Use, clash
from stages.hypervisor import Hypervisor, ListHead, PerCpu, SpinLock, Struct


def use(what: str = "lock", how: str = TAKES, context: str = INTERRUPTS_ON) -> Use:
    """Something that a CPU does."""
    return Use(what, how, context, "CPU0", "stage.py:1 (f)")


def test_the_same_lock_in_both_contexts_is_a_clash() -> None:
    """Whichever comes first; the same context, or another lock, is none."""
    assert clash(use(), use(context=IN_HANDLER))
    assert clash(use(context=IN_HANDLER), use())
    assert not clash(use(), use())
    assert not clash(use(), use(what="other", context=IN_HANDLER))


def test_two_walks_of_a_list_are_no_clash() -> None:
    """A walk and a change are, and two changes."""
    assert not clash(use(how=WALKS), use(how=WALKS, context=IN_HANDLER))
    assert clash(use(how=WALKS), use(how=CHANGES, context=IN_HANDLER))
    assert clash(use(how=CHANGES), use(how=WALKS, context=IN_HANDLER))
    assert clash(use(how=CHANGES), use(how=CHANGES, context=IN_HANDLER))


def test_a_list_under_a_common_lock_is_no_clash() -> None:
    """Whoever holds it keeps the other one out, or waits for itself, and then the lock is misused."""
    one = replace(use("queue", CHANGES), held=("a", "b"))
    assert not clash(one, replace(one, context=IN_HANDLER, held=("b",)))
    assert clash(one, replace(one, context=IN_HANDLER, held=("c",)))
    assert clash(one, replace(one, context=IN_HANDLER, held=()))


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


class Item(Struct):
    """Something to put on a list."""

    list = ListHead.field()


def noted(bench: Any) -> list[tuple[str, str, str, str]]:
    """What has been noted, without the places."""
    return [(use.what, use.how, use.context, use.cpu) for use in (bench.engine.uses or {}).values()]


def made(bench: Any) -> tuple[PerCpu[ListHead], list[Item]]:
    """Lists of the stage, one for each CPU, and what to put on them."""
    lists: PerCpu[ListHead] = bench.machine.install(lambda hv: hv.per_cpu("queue", ListHead))
    for head in lists:
        bench.machine.INIT_LIST_HEAD(head)
    return lists, [Item(bench.machine, f"i{number}") for number in range(3)]


def test_what_a_cpu_does_to_its_own_list_is_noted(bench: Any) -> None:
    """In a handler, and with interrupts on; wherever in the list it is."""
    hv = bench.machine
    lists, items = made(bench)

    def program() -> None:
        for item in items:
            hv.list_add_tail(item.list, lists[0])
        hv.list_del_init(items[1].list)
        assert hv.list_owners(lists[0]) == [items[0], items[2]]
        hv.interrupt(0, lambda: hv.list_del(items[0].list))

    bench.on(0, program)
    assert bench.run() is None
    assert noted(bench) == [
        ("queue[0]", CHANGES, INTERRUPTS_ON, "CPU0"),
        ("queue[0]", WALKS, INTERRUPTS_ON, "CPU0"),
        ("queue[0]", CHANGES, IN_HANDLER, "CPU0"),
    ]


def test_what_no_interrupt_can_spoil_is_not_noted(bench: Any) -> None:
    """Interrupts are off; another CPU's list; a look in one step; a list that is set up; a node that only leads to one; others' lists."""
    hv = bench.machine
    lists, items = made(bench)
    fresh: PerCpu[ListHead] = hv.install(lambda hv: hv.per_cpu("fresh", ListHead))
    others: PerCpu[ListHead] = hv.per_cpu("others", ListHead)
    hv.INIT_LIST_HEAD(others[0])

    def program() -> None:
        hv.list_add_tail(items[0].list, lists[1])
        hv.INIT_LIST_HEAD(fresh[0])
        items[1].list.next = lists[0]
        hv.INIT_LIST_HEAD(items[1].list)
        hv.list_add_tail(items[1].list, others[0])
        flags = hv.local_irq_save()
        hv.list_add_tail(items[2].list, lists[0])
        hv.local_irq_restore(flags)
        assert not hv.list_empty(lists[0])
        assert hv.list_first_owner(lists[0]) is items[2]
        assert lists[0].prev is items[2].list

    bench.on(0, program)
    assert bench.run() is None
    assert noted(bench) == []


def test_the_locks_that_are_held_are_noted_too(bench: Any) -> None:
    """By name; they decide whether it is a clash."""
    hv = bench.machine
    lists, items = made(bench)
    lock = hv.spinlock("lock")

    def program() -> None:
        hv.spin_lock(lock)
        hv.list_add_tail(items[0].list, lists[0])
        hv.spin_unlock(lock)

    bench.on(0, program)
    assert bench.run() is None
    assert [use.held for use in bench.engine.uses.values()] == [("lock",)]
