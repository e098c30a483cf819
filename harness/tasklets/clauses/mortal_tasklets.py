"""Tasklets that must not start once their kill has returned. Shared by the clauses about kills that race with something else."""

from __future__ import annotations

from harness.tasklets.tasklet_under_test import BOTH, Function, TaskletUnderTest
from harness.tasklets.testbed import Testbed
from stages.hypervisor import ListHead


def mortal(b: Testbed, function: Function | None = None, declared: bool = False) -> TaskletUnderTest:
    """A tasklet that must not start once `kill_for_good` has returned; a static one on demand."""
    t = (b.declared if declared else b.tasklet)(function=function, marks=BOTH)
    t.before = lambda t: b.expect(not t.dead, f"{t.name} starts after tasklet_kill has returned")
    return t


def kill_for_good(b: Testbed, t: TaskletUnderTest) -> None:
    """Kill `t`; when that returns, it must not be running, nor linked in a list."""
    b.kill(t)
    expect_unlinked(b, t)
    t.mark()
    b.expect(not t.running, f"tasklet_kill has returned while {t.name} runs on CPUs {t.running}")
    t.dead = True


def expect_unlinked(b: Testbed, t: TaskletUnderTest) -> None:
    """No other node may lead to a node of `t`: whoever follows it, or unlinks its neighbour, would touch `t`.

    What `t` itself points to does not matter. The look at its nodes is one operation, a plain read; that at their neighbours is none: it
    may miss a link that is made at the same time, and races with nobody.
    """
    nodes: list[ListHead] = t.tasklet.list_nodes
    b.machine.look_at_links(nodes, f"the links of {t.name}")
    for node in nodes:
        after, before = node.next_node, node.prev_node
        linked = (after not in (None, node) and after.prev_node is node) or (before not in (None, node) and before.next_node is node)
        b.expect(not linked, f"tasklet_kill has returned, and {node.name} is linked in a list")
