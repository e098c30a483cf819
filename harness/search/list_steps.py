"""Tells whether an interrupt could come between the steps of a list operation, and its handler see that.

Without store buffers a list operation is one step. With them it is several, and where interrupts are on, one may come in between; so if
its handler touches what the operation touches, an execution without store buffers does not show all there is. That the handler does so
shows in one where the interrupt comes right behind the list operation.

A handler begins with the interrupt, and ends where its CPU does something with interrupts on. One that switches them on itself is taken
to go on for ever: rather too much is found than too little.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.explored.execution import Execution
from harness.explored.operations import Operation
from harness.machine.engine import INTERRUPT, IRQ_ON, LIST_WRITE


@dataclass(frozen=True)
class Handling:
    """Of one process, after some operation.

    `inside`: it is in a handler; `for_ever`: nobody knows when that ends. `changed`, `handled`: the locations that its list operations
    with interrupts on have changed, and those that its handlers have touched, as masks.
    """

    inside: bool = False
    for_ever: bool = False
    changed: int = 0
    handled: int = 0

    def after(self, operation: Operation, line: int) -> Handling:
        """When it has performed one operation more; `line` is the location of its interrupt line."""
        _, kind, reads, writes = operation
        irqs_on = reads & line
        inside, for_ever = self.inside, self.for_ever
        if kind is INTERRUPT:
            inside = True
        elif inside:
            for_ever = for_ever or kind is IRQ_ON
            inside = for_ever or not irqs_on
        changed = self.changed | (writes if kind is LIST_WRITE and irqs_on else 0)
        handled = self.handled | ((reads | writes) & ~line if inside else 0)
        return Handling(inside, for_ever, changed, handled)


class ListSteps:
    """Looks at executions of one program, one after the other; what two of them have in common at their beginning is looked at once."""

    def __init__(self) -> None:
        # By operation: whose it is, and what that process was before it. What each process is now.
        self._undo: list[tuple[int, Handling]] = []
        self._now: dict[int, Handling] = {}

    def may_be_seen(self, execution: Execution, same: int) -> bool:
        """Tell whether steps may be seen in an execution that begins with `same` operations of the last one."""
        undo, now = self._undo, self._now
        while len(undo) > same:
            pid, now[pid] = undo.pop()
        lines = [p.irq_tag for p in execution.processes]
        for operation in execution.done[same:]:
            pid = operation[0]
            before = now.get(pid, NEVER)
            undo.append((pid, before))
            now[pid] = before.after(operation, lines[pid]) if before.inside or operation[1] in TELLING else before
        return any(each.changed & each.handled for each in now.values())


NEVER = Handling()
# Outside of handlers, all other operations change nothing here.
TELLING = frozenset({INTERRUPT, LIST_WRITE})
