"""The cheapest way to give everybody a partner: the Hungarian method, with potentials, in time that grows with the cube of the size."""

from __future__ import annotations

from collections.abc import Sequence

NOBODY = -1


def cheapest(costs: Sequence[Sequence[int]]) -> list[int]:
    """For each row of a square matrix its column, so that the sum of the costs is the smallest; of equal sums always the same one."""
    size = len(costs)
    # One more column than there are: in it stands the row that is looking for a partner.
    rows, columns = [0] * size, [0] * (size + 1)
    partner = [NOBODY] * (size + 1)
    for row in range(size):
        partner[size] = row
        _find_room(costs, rows, columns, partner)
    found = [NOBODY] * size
    for column, row in enumerate(partner[:size]):
        found[row] = column
    return found


def _find_room(costs: Sequence[Sequence[int]], rows: list[int], columns: list[int], partner: list[int]) -> None:
    """Find the cheapest chain of changes that ends at a column which nobody has, and carry it out."""
    size = len(costs)
    cheapest_yet: list[float] = [float("inf")] * size
    come_from = [size] * size
    visited: list[int] = []
    free = set(range(size))
    at = size
    while partner[at] != NOBODY:
        row = partner[at]
        visited.append(at)
        free.discard(at)
        for column in free:
            cost = costs[row][column] - rows[row] - columns[column]
            if cost < cheapest_yet[column]:
                cheapest_yet[column], come_from[column] = cost, at
        following = min(free, key=lambda column: (cheapest_yet[column], column))
        step = int(cheapest_yet[following])
        for column in visited:
            rows[partner[column]] += step
            columns[column] -= step
        for column in free:
            cheapest_yet[column] -= step
        at = following
    while at != size:
        partner[at], at = partner[come_from[at]], come_from[at]
