"""Address dependencies: what a read of a reference orders where there is no other way to the object, and what stays weak."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from harness.explored.view_engine import ViewEngine
from harness.litmus.litmus_programs import Threads, executed
from harness.search.search import EXHAUSTED, Limits, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from stages.hypervisor import Field, Hypervisor, ListHead, Struct, Word
from tests.explored.test_views import explored


class Node(Struct):
    """What is published."""

    data = Field(0)
    mark = Word.field()
    next: Field[Any] = Field(None)


class Head(Struct):
    """Where it is."""

    first: Field[Any] = Field(None)
    again: Field[Any] = Field(None)


Publish = Callable[[Threads, Any, Field[Any], object], object]


def release(t: Threads, at: Any, field: Field[Any], value: object) -> None:
    """Write with release."""
    t.smp_store_release(at, field, value)


def barrier(t: Threads, at: Any, field: Field[Any], value: object) -> None:
    """Write behind a write barrier."""
    t.smp_wmb()
    t.write_atomic(at, field, value)


def relaxed(t: Threads, at: Any, field: Field[Any], value: object) -> None:
    """Write."""
    t.write_atomic(at, field, value)


def made(t: Threads, name: str = "node") -> Node:
    """A node in memory of its own."""
    return Node(cast(Hypervisor, t), name)


def arranged(writer: Callable[[Threads, Head], object], *readers: Callable[[Threads, Head], object]) -> Callable[[Threads], None]:
    """Threads around a head; what the readers return is what is looked at."""

    def arrange(t: Threads) -> None:
        head = Head(cast(Hypervisor, t), "head")
        found: list[object] = [None] * len(readers)
        t.thread(lambda: writer(t, head))
        for number, reader in enumerate(readers):
            t.thread(lambda number=number, reader=reader: found.__setitem__(number, reader(t, head)))  # type: ignore[misc]
        t.observe = lambda: tuple(found)

    return arrange


def publishing(publish: Publish) -> Callable[[Threads, Head], object]:
    """Make a node, fill it, publish it."""

    def writer(t: Threads, head: Head) -> None:
        node = made(t)
        t.write_atomic(node, Node.data, 1)
        publish(t, head, Head.first, node)

    return writer


def follow(t: Threads, head: Head) -> object:
    """Read the field of what is published."""
    node = t.read_atomic(head, Head.first)
    return node and t.read_atomic(node, Node.data)


@pytest.mark.parametrize(("publish", "found"), [(release, {None, 1}), (barrier, {None, 1}), (relaxed, {None, 0, 1})])
def test_message_passing_with_an_address(publish: Publish, found: set[object]) -> None:
    """MP: what the writer has ordered comes with the address; what it has not ordered does not."""
    assert {seen for (seen,) in explored(arranged(publishing(publish), follow)).finals} == found


def follow_plainly(t: Threads, head: Head) -> object:
    """The same, by a plain read of the field."""
    node = t.read_atomic(head, Head.first)
    return node and node.data


def follow_what_is_plain(t: Threads, head: Head) -> object:
    """The same, with a plain read of the reference."""
    node = head.first
    return node and t.read_atomic(node, Node.data)


def write_there(t: Threads, head: Head) -> None:
    """Write the field of what is published, plainly."""
    node = t.read_atomic(head, Head.first)
    if node:
        node.data = 2


def filling_plainly(publish: Publish) -> Callable[[Threads, Head], object]:
    """Make a node, fill it by a plain write, publish it."""

    def writer(t: Threads, head: Head) -> None:
        node = made(t)
        node.data = 1
        publish(t, head, Head.first, node)

    return writer


@pytest.mark.parametrize("publish", [release, barrier, relaxed])
@pytest.mark.parametrize("reader", [follow_plainly, write_there])
def test_a_plain_access_at_an_address_that_was_read_is_behind_that_read(
    reader: Callable[[Threads, Head], object], publish: Publish
) -> None:
    """It does not race with what comes with the address, whether it reads or writes; with all else it does."""
    raced: list[object] = []
    note: Any = lambda engine, _: raced.extend(engine.races())  # noqa: E731
    result = search(executed(arranged(filling_plainly(publish), reader)), OptimalDpor(ViewEngine), Limits(), [note])
    assert result.verdict == EXHAUSTED
    assert bool(raced) == (publish is relaxed)


def test_a_plain_read_of_the_reference_orders_nothing() -> None:
    """It is no read that a compiler has to carry out as it is written."""
    assert {seen for (seen,) in explored(arranged(publishing(release), follow_what_is_plain)).finals} == {None, 0, 1}


def publishing_twice(t: Threads, head: Head) -> None:
    """Publish a node before it is filled, and once more behind that."""
    node = made(t)
    release(t, head, Head.again, node)
    t.write_atomic(node, Node.data, 1)
    release(t, head, Head.first, node)


def test_who_has_the_address_from_elsewhere_may_have_used_that() -> None:
    """Of two reads that return the same reference, either may be the one that it is from: only what came with both is ordered."""

    def reader(t: Threads, head: Head) -> object:
        before = t.read_atomic(head, Head.again)
        node = t.read_atomic(head, Head.first)
        return before is not None, node and t.read_atomic(node, Node.data)

    found = {seen for (seen,) in explored(arranged(publishing_twice, reader)).finals}
    assert found == {(False, None), (True, None), (True, 0), (True, 1), (False, 1)}


def test_who_has_used_the_address_before_it_was_read_has_it_from_elsewhere() -> None:
    """A reference that no memory has told; and what was there before the run has a name."""
    nodes: list[Node] = []

    def writer(t: Threads, head: Head) -> None:
        nodes[:] = [made(t)]
        head.again = 1
        publishing_of(nodes[0])(t, head)

    def reader(t: Threads, head: Head) -> object:
        if not head.again:
            return None
        nodes[0].mark.read()
        return follow(t, head)

    assert {seen for (seen,) in explored(arranged(writer, reader)).finals} == {None, 0, 1}

    def arrange(t: Threads) -> None:
        node = made(t)
        arranged(publishing_of(node), follow)(t)

    assert {seen for (seen,) in explored(arrange).finals} == {None, 0, 1}


def publishing_of(node: Node) -> Callable[[Threads, Head], object]:
    """Fill a node that there is, and publish it."""

    def writer(t: Threads, head: Head) -> None:
        t.write_atomic(node, Node.data, 1)
        release(t, head, Head.first, node)

    return writer


def test_a_chain_of_addresses_is_one_order() -> None:
    """A node that is linked to another one: what came with the first reference is known where the second one leads to."""

    def writer(t: Threads, head: Head) -> None:
        first, second = made(t), made(t, "second")
        t.write_atomic(second, Node.data, 1)
        t.write_atomic(first, Node.next, second)
        release(t, head, Head.first, first)

    def reader(t: Threads, head: Head) -> object:
        node = t.read_atomic(head, Head.first)
        return node and t.read_atomic(t.read_atomic(node, Node.next), Node.data)

    assert {seen for (seen,) in explored(arranged(writer, reader)).finals} == {None, 1}


@pytest.mark.parametrize(("acquire", "found"), [(True, {None, 1}), (False, {None, 0, 1})])
def test_an_acquire_at_the_address_hands_on_what_came_with_it(acquire: bool, found: set[object]) -> None:
    """What is behind the dependent read is behind the first one, if the dependent one is an acquire; else it is not."""

    def writer(t: Threads, head: Head) -> None:
        t.write_atomic(head, Head.again, 1)
        publishing(release)(t, head)

    def reader(t: Threads, head: Head) -> object:
        node = t.read_atomic(head, Head.first)
        if node is None:
            return None
        (t.smp_load_acquire if acquire else t.read_atomic)(node, Node.data)
        return t.read_atomic(head, Head.again) or 0

    assert {seen for (seen,) in explored(arranged(writer, reader)).finals} == found


@pytest.mark.parametrize("hands_on", [release, relaxed])
def test_three_cpus(hands_on: Publish) -> None:
    """ISA2 and WRC: who hands a reference on by a release tells what came with it; by a relaxed write he does not."""

    def middle(t: Threads, head: Head) -> object:
        node = t.read_atomic(head, Head.first)
        if node is not None:
            hands_on(t, head, Head.again, node)
        return None

    def last(t: Threads, head: Head) -> object:
        node = t.read_atomic(head, Head.again)
        return node and t.read_atomic(node, Node.data)

    found = {seen for _, seen in explored(arranged(publishing(release), middle, last)).finals}
    assert found == ({None, 1} if hands_on is release else {None, 0, 1})


def test_what_a_list_leads_to_has_a_name() -> None:
    """A plain read of a link has told the address as well, so it may be from there."""

    class Entry(Node):
        link = ListHead.field()

    def arrange(t: Threads) -> None:
        hv = cast(Hypervisor, t)
        linked = ListHead(hv, "linked")

        def writer(t: Threads, head: Head) -> None:
            entry = Entry(hv, "entry")
            t.list_add_tail(entry.link, linked)
            publishing_of(entry)(t, head)

        def reader(t: Threads, head: Head) -> object:
            return None if t.list_empty(linked) else (t.list_first_owner(linked), follow(t, head))[1]

        arranged(writer, reader)(t)

    assert {seen for (seen,) in explored(arrange).finals} == {None, 0, 1}
