"""Memory: accesses, atomic operations, intrusive lists, and how corrupt lists are diagnosed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.machine.diagnosis import BUG, LIST_CORRUPTION, UNINITIALISED, Violation
from harness.machine.machine import Machine
from harness.timed.timed_engine import TimedEngine
from stages.hypervisor import Field, ListHead, Struct, Word
from stages.shared_memory import GARBAGE


class Node(Struct):
    """Something to put on a list."""

    list = ListHead.field()
    value = Field(0)


class Lists:
    """A machine that stands still, a list head, and three nodes."""

    def __init__(self) -> None:
        self.hv: Any = Machine(TimedEngine(), 2)
        self.head = ListHead(self.hv, "head")
        self.other = ListHead(self.hv, "other")
        self.nodes = [Node(self.hv, f"n{number}") for number in range(3)]

    def add(self, *numbers: int) -> None:
        for number in numbers:
            self.hv.list_add_tail(self.nodes[number].list, self.head)

    def names(self) -> list[str]:
        return [node.name for node in self.hv.list_owners(self.head)]


@pytest.fixture
def lists() -> Lists:
    """A list head and three nodes."""
    return Lists()


@given(st.lists(st.tuples(st.sampled_from(["add", "del", "del_init", "first"]), st.integers(0, 2))))
def test_a_list_does_what_a_python_list_would(steps: list[tuple[str, int]]) -> None:
    """Any sequence of correct calls leaves the entries, forwards and backwards, that the same changes of a Python list leave."""
    lists = Lists()
    model: list[str] = []
    for step, number in steps:
        node = lists.nodes[number]
        linked = node.name in model
        if step == "add" and not linked:
            lists.add(number)
            model.append(node.name)
        elif step.startswith("del") and linked:
            getattr(lists.hv, f"list_{step}")(node.list)
            model.remove(node.name)
        elif step == "first" and model:
            assert lists.hv.list_first_owner(lists.head).name == model[0]
        assert lists.names() == model
        assert lists.hv.list_empty(lists.head) == (not model)
        assert backwards(lists.head) == model[::-1]


def backwards(head: ListHead) -> list[str]:
    """The owners on a list, last to first."""
    found, node = [], head.prev
    while node is not head and len(found) < 10:
        found.append(node.owner.name)
        node = node.prev
    return found


def test_list_del_poisons_and_list_del_init_does_not(lists: Lists) -> None:
    """After list_del a node has no neighbours at all; after list_del_init it is an empty list of its own."""
    lists.add(0, 1)
    lists.hv.list_del(lists.nodes[0].list)
    lists.hv.list_del_init(lists.nodes[1].list)
    assert lists.nodes[0].list.next_node is None
    assert lists.nodes[0].list.prev_node is None
    assert lists.hv.list_empty(lists.nodes[1].list)


def test_a_poisoned_node_can_be_added_again(lists: Lists) -> None:
    """Poison marks a node that is on no list: adding it is correct."""
    lists.add(0)
    lists.hv.list_del(lists.nodes[0].list)
    lists.add(0)
    assert lists.names() == ["n0"]


def test_list_del_init_of_an_unlinked_node_is_harmless(lists: Lists) -> None:
    """An empty list of its own stays one."""
    lists.hv.list_del_init(lists.nodes[0].list)
    assert lists.hv.list_empty(lists.nodes[0].list)


def _double_add(lists: Lists) -> None:
    lists.add(0, 1, 0)


def _add_to_two_lists(lists: Lists) -> None:
    lists.add(0)
    lists.hv.list_add_tail(lists.nodes[0].list, lists.other)


def _delete_twice(lists: Lists) -> None:
    lists.add(0)
    lists.hv.list_del(lists.nodes[0].list)
    lists.hv.list_del(lists.nodes[0].list)


def _delete_init_of_a_poisoned_node(lists: Lists) -> None:
    lists.add(0)
    lists.hv.list_del(lists.nodes[0].list)
    lists.hv.list_del_init(lists.nodes[0].list)


def _delete_after_a_reinit_of_the_head(lists: Lists) -> None:
    lists.add(0)
    lists.hv.INIT_LIST_HEAD(lists.head)
    lists.hv.list_del(lists.nodes[0].list)


def _follow_poison(lists: Lists) -> None:
    lists.add(0)
    lists.hv.list_del(lists.nodes[0].list)
    _ = lists.nodes[0].list.next


def _first_of_an_empty_list(lists: Lists) -> None:
    lists.hv.list_first_owner(lists.head)


def _first_of_a_poisoned_head(lists: Lists) -> None:
    lists.hv.list_del(lists.head)
    lists.hv.list_first_owner(lists.head)


def _append_after_an_init_of_the_last_entry(lists: Lists) -> None:
    lists.add(0, 1)
    lists.hv.INIT_LIST_HEAD(lists.nodes[1].list)
    lists.add(2)


def _append_to_a_poisoned_head(lists: Lists) -> None:
    lists.hv.list_del(lists.head)
    lists.add(0)


def _walk_into_another_list(lists: Lists) -> None:
    lists.add(0)
    lists.hv.list_add_tail(lists.nodes[1].list, lists.other)
    lists.nodes[0].list.next = lists.nodes[1].list
    lists.names()


def _walk_into_a_circle(lists: Lists) -> None:
    lists.add(0, 1, 2)
    lists.nodes[2].list.next = lists.nodes[1].list
    lists.names()


def _walk_into_poison(lists: Lists) -> None:
    lists.add(0, 1)
    lists.nodes[1].list.next_node = None
    lists.names()


@pytest.mark.parametrize(
    ("misuse", "expected"),
    [
        (_double_add, "appends n0.list to head while it is linked elsewhere"),
        (_add_to_two_lists, "appends n0.list to other while it is linked elsewhere"),
        (_delete_twice, "unlinks n0.list, which is poisoned (unlinked twice)"),
        (_delete_init_of_a_poisoned_node, "unlinks n0.list, which is poisoned (unlinked twice)"),
        (_delete_after_a_reinit_of_the_head, "unlinks n0.list, whose neighbours do not point to it"),
        (_follow_poison, "follows n0.list.next, which is poisoned"),
        (_first_of_an_empty_list, "takes the first entry of head, which leads to head"),
        (_first_of_a_poisoned_head, "follows head.next, which is poisoned"),
        (_append_after_an_init_of_the_last_entry, "appends n2.list to head, whose last entry does not point back to it"),
        (_append_to_a_poisoned_head, "appends n0.list to head, whose last entry does not point back to it"),
        (_walk_into_another_list, "walks head, which does not lead back to its head"),
        (_walk_into_a_circle, "walks head, which does not lead back to its head"),
        (_walk_into_poison, "walks head, which does not lead back to its head"),
    ],
)
def test_list_corruption_is_diagnosed(lists: Lists, misuse: Callable[[Lists], None], expected: str) -> None:
    """Each way to corrupt a list ends in a diagnosis that names the CPU, the node, the list and the place."""
    with pytest.raises(Violation) as caught:
        misuse(lists)
    assert caught.value.kind == LIST_CORRUPTION
    assert caught.value.message.startswith(f"CPU0: {expected}, at test_memory.py:")


class Item(Struct):
    """Something that is allocated."""

    list = ListHead.field()
    value = Field(0)
    word = Word.field()


class Fresh:
    """The lists of a machine that stands still, in zeroed memory, a static list, and an item fresh from the allocator."""

    def __init__(self) -> None:
        self.hv: Any = Machine(TimedEngine(), 2)
        self.queue: ListHead = self.hv.per_cpu("queue", ListHead)[1]
        self.head = ListHead(self.hv, "head")
        self.item: Item = self.hv.allocate(lambda: Item(self.hv, "i"))


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda f: f.hv.list_empty(f.queue), "looks at queue[1]"),
        (lambda f: f.hv.list_first_owner(f.queue), "follows queue[1].next"),
        (lambda f: f.hv.list_owners(f.queue), "walks queue[1]"),
        (lambda f: f.hv.list_add_tail(Node(f.hv, "n").list, f.queue), "appends n.list to queue[1]"),
        (lambda f: f.queue.prev, "follows queue[1].prev"),
        (lambda f: f.hv.list_empty(f.item.list), "looks at i.list"),
        (lambda f: f.hv.list_del(f.item.list), "unlinks i.list"),
        (lambda f: f.hv.list_del_init(f.item.list), "unlinks i.list"),
        (lambda f: (setattr(f.head, "next", f.item.list), f.hv.list_owners(f.head)), "walks head and comes to i.list"),
        (lambda f: f.item.value, "reads i.value"),
        (lambda f: f.hv.read_atomic(f.item, Item.value), "reads i.value"),
        (lambda f: f.item.word.read(), "reads i.word"),
        (lambda f: f.item.word.set_bit(0), "changes i.word"),
        (lambda f: f.item.word.cmpxchg(0, 1), "compares i.word"),
    ],
)
def test_who_reads_memory_that_nobody_has_initialised_is_told_so(read: Callable[[Fresh], object], expected: str) -> None:
    """With the CPU, the list or location, and the place."""
    with pytest.raises(Violation) as caught:
        read(Fresh())
    assert caught.value.kind == UNINITIALISED
    assert caught.value.message.startswith(f"CPU0: {expected}, which was never initialised, at test_memory.py:")


def test_what_has_been_initialised_is_like_any_other_memory() -> None:
    """By whatever call of C: to append a node writes both of its links, whatever they were."""
    fresh = Fresh()
    hv, item = fresh.hv, fresh.item
    hv.INIT_LIST_HEAD(fresh.queue)
    hv.list_add_tail(item.list, fresh.queue)
    item.value = 3
    item.word.write(5)
    assert hv.list_owners(fresh.queue) == [item]
    assert (item.value, item.word.fetch_or(2)) == (3, 5)
    hv.list_del(item.list)
    with pytest.raises(Violation, match="which is poisoned"):
        hv.list_del(item.list)


def test_zeroed_memory_has_its_numbers_and_an_allocator_gives_garbage() -> None:
    """Of what there is one of for each CPU only the lists have to be initialised, of what is allocated everything."""
    fresh = Fresh()
    counted = fresh.hv.per_cpu("item", Item)[0]
    assert (counted.value, counted.word.read()) == (0, 0)
    assert [cell.value for cell in fresh.item.cells[1:]] == [GARBAGE, GARBAGE]
    assert repr(GARBAGE) == "garbage"


def test_a_failed_exchange_changes_nothing(lists: Lists) -> None:
    """A compare-and-exchange returns the value found, and stores only if that is the old value."""
    word = Word(lists.hv, "w", 5)
    assert (word.cmpxchg(4, 9), word.read()) == (5, 5)
    assert (word.cmpxchg(5, 9), word.read()) == (5, 9)


def test_plain_and_marked_accesses_reach_the_same_location(lists: Lists) -> None:
    """What a marked write stores, a plain read finds, and the other way round."""
    node = lists.nodes[0]
    lists.hv.write_atomic(node, Node.value, 7)
    assert node.value == 7
    node.value = 8
    assert lists.hv.read_atomic(node, Node.value) == 8


def test_atomic_operations_lose_no_update(many: Any) -> None:
    """Two CPUs that count in one word with atomic adds always reach the sum."""
    for bench in many():
        word = bench.word("count")

        def count(word: Word = word) -> None:
            for _ in range(3):
                word.add(1)

        bench.on(0, count)
        bench.on(1, count)
        assert bench.run() is None
        assert word.value == 6


def test_separate_reads_and_writes_can_lose_an_update(many: Any) -> None:
    """The same count by a plain read and a plain write loses updates in some executions: interleaving is real."""
    totals = set()
    for bench in many():
        node = Node(cast(Any, bench.machine), "n")

        def count(node: Node = node) -> None:
            for _ in range(3):
                node.value = node.value + 1

        bench.on(0, count)
        bench.on(1, count)
        assert bench.run() is None
        totals.add(Node.value.cell(node).value)
    assert 6 in totals
    assert min(totals) < 6


def test_bug_stops_the_execution_where_it_is(bench: Any) -> None:
    """BUG says why and where; what comes after it is not reached; BUG_ON does so only if its condition holds."""

    def program() -> None:
        bench.machine.BUG_ON(False, "not this one")
        bench.log.append("reached")
        bench.machine.BUG_ON(True, "this one")
        bench.log.append("not reached")

    bench.on(1, program)
    failure = bench.run()
    assert failure.kind == BUG
    assert failure.message.startswith("CPU1: this one, at test_memory.py:")
    assert failure.message.endswith("(program)")
    assert bench.log == ["reached"]


def test_corruption_in_a_run_ends_the_run(bench: Any) -> None:
    """A violation on one CPU is the verdict of the execution, even if its program catches every exception."""
    head = ListHead(bench.machine, "head")
    node = Node(bench.machine, "n")

    def program() -> None:
        bench.machine.list_add_tail(node.list, head)
        try:
            bench.machine.list_add_tail(node.list, head)
        except Exception:  # the point is that a violation is not one
            bench.log.append("swallowed")

    bench.on(0, program)
    assert bench.run().kind == LIST_CORRUPTION
    assert bench.log == []
