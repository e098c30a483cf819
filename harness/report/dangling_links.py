"""A link of a list that still leads to an entry which somebody has unlinked: the list was linked in one direction only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.search.counterexample import CounterexampleRow

UNLINKS = frozenset({"list del", "list del_init"})
FOLLOWS = frozenset({"list first of", "list read"})


class DanglingLink(NamedTuple):
    """Row `found` follows a link that was written in row `written`, to an entry that has been unlinked since, in row `unlinked`."""

    found: int
    unlinked: int
    written: int


def dangling_link(rows: Sequence[CounterexampleRow]) -> DanglingLink | None:
    """The first one that is followed.

    To unlink an entry changes the link that leads to it, if the entry's own link leads back there. Here it was another one that changed.
    """
    for at, row in enumerate(rows):
        if row.list_call in FOLLOWS and row.written_in is not None:
            for before in range(at - 1, row.written_in, -1):
                if rows[before].list_call in UNLINKS and rows[before].what.startswith(f"{row.value} from "):
                    return DanglingLink(at, before, row.written_in)
    return None


def said_of(link: DanglingLink, rows: Sequence[CounterexampleRow]) -> str:
    """A sentence."""
    followed = rows[link.found]
    return (
        f"Although row {link.unlinked} has unlinked {followed.value}, row {link.found} still comes to it from {followed.what}: "
        f"what row {link.unlinked} has changed is not the link that row {link.written} has written."
    )
