"""What is still on a CPU's own lists when an execution is over and the CPU sleeps: where work was lost, it lies there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.explored.explored_engine import ExploredEngine
from harness.machine.engine import HALT, LIST_WRITE, Engine
from harness.machine.memory import Memory, nodes_of
from harness.search.recorder import OperationRow
from stages.hypervisor import ListHead


def left_on_lists(engine: Engine, rows: Sequence[OperationRow]) -> tuple[str, ...]:
    """A sentence for each list that there is one of for each CPU, where its CPU sleeps for ever; none of an execution that was cut off.

    It says since which of the `rows` an entry is there, if one call has put it there. Lists of C code are not known here.
    """
    if not isinstance(engine, ExploredEngine) or not engine.complete:
        return ()
    asleep = {p.number: p.name for p in engine.processes if p.kind == HALT and not p.done and p.number >= 0}
    return tuple(
        f"{asleep[cpu]} sleeps with {' and '.join(entries)} still on its list {head.name}"
        for head, cpu in _own_lists(engine)
        if cpu in asleep and (entries := _entries(head, rows))
    )


def _own_lists(engine: ExploredEngine) -> Iterator[tuple[ListHead, int]]:
    """The lists of the stage that there is one of for each CPU, each with its CPU's number."""
    for node in engine.nodes:
        memory = node.hv
        if isinstance(memory, Memory) and node in memory.own_lists:
            yield node, memory.own_lists[node]


def _entries(head: ListHead, rows: Sequence[OperationRow]) -> list[str]:
    """The names of what is on a list that leads back to its head."""
    nodes = nodes_of(head)
    if nodes[-1].next_node is not head:
        return []
    return [f"{getattr(node.owner, 'name', node.name)}{_since(f'{node.name} to {head.name}', rows)}" for node in nodes[1:]]


def _since(put: str, rows: Sequence[OperationRow]) -> str:
    """(Where a call is several rows, one for each link, none of them has put it there.)"""
    at = next((at for at in range(len(rows) - 1, -1, -1) if rows[at].kind == LIST_WRITE and rows[at].what == put), None)
    return "" if at is None else f" (since row {at})"
