"""Which operation on a list a process is in the middle of, told by the frames of the list calls: its name, what it is on, what it finds.

Only who writes an execution down asks: nothing is kept while a program runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, NamedTuple

from harness.machine.buffered_memory import NEXT, PREV, BufferedMemory
from harness.machine.diagnosis import INNER
from harness.machine.memory import Memory, nodes_of
from stages.hypervisor import ListHead

# Where a link leads to that leads to no node.
NOWHERE = "nowhere"
# Parts of list calls, where a list is made of its links.
PUT = BufferedMemory._put.__name__
LOOK = BufferedMemory._look_at.__name__

# A link of a node: `next_node` or `prev_node`.
Link = tuple[ListHead, str]


class ListCall(NamedTuple):
    """`name`: such as `list add_tail`; `what`: the node, and the list that it goes into or comes from; `value`: what it finds.

    `nodes`: the names of those that it looks at or changes; `looks_at`, `changes`: which links.
    """

    name: str
    what: str
    value: str = ""
    nodes: tuple[str, ...] = ()
    looks_at: tuple[Link, ...] = ()
    changes: tuple[Link, ...] = ()


def list_call(frame: FrameType | None = None) -> ListCall | None:
    """The list call that the caller is in the middle of, before it has changed anything; None if it is in none.

    Where a list is made of its links, a call first looks at some, and then changes one after the other.
    """
    frames = _frames(frame or sys._getframe(1))
    if not frames:
        return None
    call = _WORDS[frames[0].f_code.co_name](frames[0].f_locals)
    inner = frames[-1].f_code.co_name
    if inner == PUT:
        found = frames[-1].f_locals
        node, link = found["node"], found["link"]
        return ListCall(call.name, *link_changed(node, link, found["to"]), (node.name,), changes=((node, link),))
    if inner == LOOK and not call.value:
        return ListCall("list read", f"for {call.name.removeprefix('list ')} {call.what}", nodes=call.nodes, looks_at=call.looks_at)
    return call


def _frames(frame: FrameType | None) -> list[FrameType]:
    """The frames of list calls that a stage has not left, the outermost first."""
    found: list[FrameType] = []
    while frame is not None and frame.f_code.co_filename in INNER:
        if frame.f_code.co_name in (PUT, LOOK, *_WORDS) and isinstance(frame.f_locals.get("self"), Memory):
            found.insert(0, frame)
        frame = frame.f_back
    return found


def link_changed(node: ListHead, attribute: str, to: ListHead | None) -> tuple[str, str]:
    """A link of a node, and in words what it becomes."""
    return f"{node.name}.{attribute.removesuffix('_node')}", f"{_name(getattr(node, attribute))} → {_name(to)}"


def _name(node: ListHead | None) -> str:
    return node.name if node is not None else NOWHERE


def _names(*nodes: ListHead | None) -> tuple[str, ...]:
    return tuple(node.name for node in nodes if node is not None)


def _links(*links: tuple[ListHead | None, str]) -> tuple[Link, ...]:
    """Those of nodes that there are."""
    return tuple((node, link) for node, link in links if node is not None)


def _added(found: Mapping[str, Any]) -> ListCall:
    node, head = found["node"], found["head"]
    last = head.prev_node
    changed = _links((head, PREV), (node, NEXT), (node, PREV), (last, NEXT))
    return ListCall(
        "list add_tail", f"{node.name} to {head.name}", "", _names(node, head, last), _links((head, PREV), (last, NEXT)), changed
    )


def _taken_out(name: str) -> Callable[[Mapping[str, Any]], ListCall]:
    def words(found: Mapping[str, Any]) -> ListCall:
        node: ListHead = found["node"]
        head = next((each for each in nodes_of(node) if each.owner is None), None)
        what = f"{node.name} from {head.name}" if head is not None and head is not node else node.name
        before, after = node.prev_node, node.next_node
        looks_at = _links((node, PREV), (node, NEXT), (before, NEXT), (after, PREV))
        return ListCall(name, what, "", _names(node, before, after), looks_at, looks_at)

    return words


def _initialised(found: Mapping[str, Any]) -> ListCall:
    node = found["node"]
    return ListCall("list init", node.name, nodes=_names(node), changes=((node, NEXT), (node, PREV)))


def _emptiness(found: Mapping[str, Any]) -> ListCall:
    head: ListHead = found["head"]
    return ListCall("list empty?", head.name, str(head.next_node is head), _names(head), ((head, NEXT),))


def _first(found: Mapping[str, Any]) -> ListCall:
    head: ListHead = found["head"]
    return ListCall("list first of", head.name, _name(head.next_node), _names(head), ((head, NEXT),))


def _walked(found: Mapping[str, Any]) -> ListCall:
    nodes = nodes_of(found["head"])
    names = _names(*nodes)
    return ListCall("list walk", names[0], ", ".join(names[1:]) or "no entries", names, _links(*((node, NEXT) for node in nodes)))


def _read(found: Mapping[str, Any]) -> ListCall:
    node, link = found["node"], found["link"]
    return ListCall("list read", f"{node.name}.{link}", _name(getattr(node, f"{link}_node")), _names(node), ((node, f"{link}_node"),))


def _written(found: Mapping[str, Any]) -> ListCall:
    node, link = found["node"], f"{found['link']}_node"
    return ListCall("list write", *link_changed(node, link, found["value"]), _names(node), changes=((node, link),))


# By the name of the call.
_WORDS: Mapping[str, Callable[[Mapping[str, Any]], ListCall]] = {
    "INIT_LIST_HEAD": _initialised,
    "list_add_tail": _added,
    "list_del": _taken_out("list del"),
    "list_del_init": _taken_out("list del_init"),
    "list_empty": _emptiness,
    "list_first_owner": _first,
    "list_owners": _walked,
    "list_read": _read,
    "list_write": _written,
}
