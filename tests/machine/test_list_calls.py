"""List calls in words: which one it is, on which list, with which entry, and what it finds."""

from __future__ import annotations

from typing import cast

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ARM, ENGINES, SC, TSO
from harness.machine.machines import machine_on
from harness.search.record import recorded
from stages.hypervisor import Hypervisor, ListHead, Struct


class Entry(Struct):
    """Something that is on a list."""

    list = ListHead.field()


def calls(model: str) -> list[str]:
    """One CPU puts two entries on a list, looks at it in every way, and takes them off."""

    def execute(engine: ExploredEngine) -> None:
        machine = machine_on(engine, 1)
        hv = cast(Hypervisor, machine)
        queue, t, u = ListHead(hv, "queue"), Entry(hv, "t"), Entry(hv, "u")

        def body() -> None:
            hv.INIT_LIST_HEAD(t.list)
            hv.list_empty(queue)
            hv.list_add_tail(t.list, queue)
            hv.list_add_tail(u.list, queue)
            hv.list_empty(queue)
            hv.list_first_owner(queue)
            hv.list_owners(queue)
            queue.next = u.list
            queue.next = t.list
            hv.list_del(t.list)
            hv.list_del_init(u.list)
            hv.list_owners(queue)

        machine.cpus[0].body = body
        engine.run()
        engine.close()
        assert engine.failure is None

    _, rows = recorded(execute, [], 1_000, ENGINES[model])
    return [f"{row.list_call} {row.what}{' = ' * bool(row.value)}{row.value}" for row in rows if row.list_call]


def test_a_call_is_one_row() -> None:
    """Where every CPU sees the same memory at once."""
    assert calls(SC) == [
        "list init t.list",
        "list empty? queue = True",
        "list add_tail t.list to queue",
        "list add_tail u.list to queue",
        "list empty? queue = False",
        "list first of queue = t.list",
        "list walk queue = t.list, u.list",
        "list write queue.next = t.list → u.list",
        "list write queue.next = u.list → t.list",
        "list del t.list from queue",
        "list del_init u.list from queue",
        "list walk queue = no entries",
    ]


@pytest.mark.parametrize("model", [TSO, ARM])
def test_a_link_is_one_row(model: str) -> None:
    """Where others can see a call half done, it first looks at links, and then changes one after the other."""
    found = calls(model)
    assert found[:3] == ["list init t.list.next = t.list → t.list", "list init t.list.prev = t.list → t.list", "list empty? queue = True"]
    first = found.index("list read for add_tail t.list to queue")
    assert found[first + 1 : first + 5] == [
        "list add_tail queue.prev = queue → t.list",
        "list add_tail t.list.next = t.list → queue",
        "list add_tail t.list.prev = t.list → queue",
        "list add_tail queue.next = queue → t.list",
    ]
    assert found[-5:] == [
        "list del_init queue.prev = u.list → queue",
        "list del_init queue.next = u.list → queue",
        "list del_init u.list.next = queue → u.list",
        "list del_init u.list.prev = queue → u.list",
        "list walk queue = no entries",
    ]
    assert "list del t.list.next = u.list → nowhere" in found
