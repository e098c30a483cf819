"""What an access of a location races with, unless it is ordered: sets of operations, as bit masks of their indices.

Who goes through executions one operation at a time keeps one `Location` for each location, and decides what is ordered before what.
"""

from __future__ import annotations

from harness.machine.engine import PLAIN
from harness.search.data_races import ACQUIRING, RELEASING
from harness.search.dependence import WAITING

# Of a location, as bit masks of operations: what its releases order before whoever acquires it; its plain reads, marked reads, plain
# writes, marked writes.
Location = tuple[int, int, int, int, int]
UNTOUCHED: Location = (0, 0, 0, 0, 0)


# Whether an operation acquires, releases, accesses memory, does so plainly.
Traits = tuple[bool, bool, bool, bool]


class TraitsOfKinds(dict[str, Traits]):
    """The traits of each kind of operation, found out once."""

    def __missing__(self, kind: str) -> Traits:
        found = self[kind] = (kind in ACQUIRING, kind in RELEASING, kind not in WAITING, kind in PLAIN)
        return found


TRAITS = TraitsOfKinds()


def touch(location: Location, me: int, mine: int, traits: Traits, write: int) -> tuple[int, Location]:
    """Have operation `me`, after those of `mine`, touch a location: what it races with, unless it is ordered with that; the location."""
    released, loads, reads, stores, writes = location
    _, releases, accesses, plain = traits
    if releases:
        released |= mine | me
    if not accesses:
        return 0, (released, loads, reads, stores, writes)
    if write:
        racing = loads | reads | stores | writes if plain else loads | stores
        return racing, (released, loads, reads, stores | me, writes) if plain else (released, loads, reads, stores, writes | me)
    racing = stores | writes if plain else stores
    return racing, (released, loads | me, reads, stores, writes) if plain else (released, loads, reads | me, stores, writes)
