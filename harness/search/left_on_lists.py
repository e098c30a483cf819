"""What is still on a CPU's own lists when an execution is over and the CPU sleeps: where work was lost, it lies there."""

from __future__ import annotations

from collections.abc import Iterator

from harness.explored.explored_engine import ExploredEngine
from harness.machine.engine import HALT, Engine
from harness.machine.memory import Memory, nodes_of
from stages.hypervisor import ListHead


def left_on_lists(engine: Engine) -> tuple[str, ...]:
    """A sentence for each list that there is one of for each CPU, where its CPU sleeps for ever; none of an execution that was cut off.

    Lists of C code are not known here.
    """
    if not isinstance(engine, ExploredEngine) or not engine.complete:
        return ()
    asleep = {p.number: p.name for p in engine.processes if p.kind == HALT and not p.done and p.number >= 0}
    return tuple(
        f"{asleep[cpu]} sleeps with {' and '.join(entries)} still on its list {head.name}"
        for head, cpu in _own_lists(engine)
        if cpu in asleep and (entries := _entries(head))
    )


def _own_lists(engine: ExploredEngine) -> Iterator[tuple[ListHead, int]]:
    """The lists of the stage that there is one of for each CPU, each with its CPU's number."""
    for node in engine.nodes:
        memory = node.hv
        if isinstance(memory, Memory) and node in memory.own_lists:
            yield node, memory.own_lists[node]


def _entries(head: ListHead) -> list[str]:
    """The names of what is on a list that leads back to its head."""
    nodes = nodes_of(head)
    return [getattr(node.owner, "name", node.name) for node in nodes[1:]] if nodes[-1].next_node is head else []
