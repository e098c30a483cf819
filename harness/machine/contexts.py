"""What a stage does where an interrupt could come in between: remembered as Linux' lockdep does, to be compared across executions.

A lock that interrupt handlers take must never be taken with interrupts on. That one program has a handler take it and another one takes it
with interrupts on is enough: a third one, which nobody has written, does both. So each execution notes who did what in which context, and
`clash` says which two notes cannot both be right.

The same goes for a list that only its own CPU touches, unless both hold a common lock: then that lock is the matter. Here, a list
operation is one step; in reality it is several, and an interrupt may come in the middle. A single read or write of a link is one step in
reality too: what comes before or after it is explored.
"""

from __future__ import annotations

from dataclasses import dataclass

IN_HANDLER = "in an interrupt handler"
INTERRUPTS_ON = "with interrupts on"

# A lock; a list.
TAKES = "takes"
CHANGES = "changes"
WALKS = "walks"


Key = tuple[str, str, str, tuple[str, ...]]


@dataclass(frozen=True)
class Use:
    """`cpu` does something, `how`, to a lock of the stage, or to a list of its own, `what`, in a context; `place` is the line."""

    what: str
    how: str
    context: str
    cpu: str
    place: str
    # The locks that are held meanwhile.
    held: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """What it is compared by."""
        return self.what, self.how, self.context, self.held

    def __str__(self) -> str:
        return f"{self.cpu} {self.how} {self.what} {self.context}, at {self.place}"


# What an execution has noted, each thing where it happened first.
Uses = dict[Key, Use]


def clash(one: Use, other: Use) -> bool:
    """Whether two uses cannot both be right."""
    if one.what != other.what or one.context == other.context or one.how == other.how == WALKS:
        return False
    return not set(one.held) & set(other.held)
