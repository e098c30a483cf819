"""What a stage does where an interrupt could come in between: remembered as Linux' lockdep does, to be compared across executions.

A lock that interrupt handlers take must never be taken with interrupts on. That one program has a handler take it and another one takes it
with interrupts on is enough: a third one, which nobody has written, does both. So each execution notes who did what in which context, and
`clash` says which two notes cannot both be right.
"""

from __future__ import annotations

from dataclasses import dataclass

IN_HANDLER = "in an interrupt handler"
INTERRUPTS_ON = "with interrupts on"

TAKES = "takes"


@dataclass(frozen=True)
class Use:
    """`cpu` does something, `how`, to a lock of the stage, `what`, in a context; `place` is the line."""

    what: str
    how: str
    context: str
    cpu: str
    place: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is compared by."""
        return self.what, self.how, self.context

    def __str__(self) -> str:
        return f"{self.cpu} {self.how} {self.what} {self.context}, at {self.place}"


# What an execution has noted, each thing where it happened first.
Uses = dict[tuple[str, str, str], Use]


def clash(one: Use, other: Use) -> bool:
    """Whether two uses cannot both be right."""
    return one.what == other.what and one.context != other.context
