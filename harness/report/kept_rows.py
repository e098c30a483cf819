"""Which rows stay although they could be folded: those without which the rows that are shown, or what is said of them, lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from harness.report.dangling_links import dangling_link
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.search.ended_waits import rows_named


def kept(found: Counterexample, shown: Iterable[int], foldable: Sequence[frozenset[int]], least: int) -> frozenset[int]:
    """The rows of `foldable`, whose members are folded each for itself in runs of at least `least` rows, that have to stay.

    `shown`: the rows that are shown in any case. A row stays if one that is shown, of another process, has found what it has written or
    has missed that; if what is said of the end names it; or if it races. So on from the rows that stay, or are too few to be folded.
    """
    foldable_at_all = frozenset().union(*foldable)
    stay = {*rows_named((*found.waits, *found.left)), *found.race, *(dangling_link(found.rows) or ())} & set(range(len(found.rows)))
    looked_at: set[int] = set()
    while new := {*shown, *stay, *(foldable_at_all - _folded(foldable, stay, least))} - looked_at:
        looked_at |= new
        stay |= {origin for at in new for origin in origins(found.rows[at])}
    return foldable_at_all & stay


def origins(row: CounterexampleRow) -> Iterator[int]:
    """The rows that a row comes from or has missed, where somebody else has written them, and those that the reason for that names."""
    if row.written_by and row.written_in is not None:
        yield row.written_in
    yield from row.links_by_others
    if row.missed:
        yield row.missed.row
        if why := row.missed.why:
            yield from (why.row, why.at, *(end for each in why.missing for end in (each.first, each.last)))


def _folded(foldable: Sequence[frozenset[int]], stay: set[int], least: int) -> set[int]:
    return set().union(*(_in_runs(sorted(rows - stay), least) for rows in foldable))


def _in_runs(rows: Sequence[int], least: int) -> set[int]:
    """Those of some rows, in order, that are in a run of neighbours that is so long."""
    runs: list[list[int]] = []
    for at in rows:
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return {at for run in runs if len(run) >= least for at in run}
