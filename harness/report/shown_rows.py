"""Which rows of a counterexample are shown, and what stands between them: what is folded, and what begins where rows are nested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from harness.machine.diagnosis import THE_MACHINE
from harness.machine.engine import AWAIT, INTERRUPT, RAISE_IRQ, READ
from harness.report.folding import folded
from harness.report.kept_rows import kept
from harness.report.unseen_stores import first_misses
from harness.search.counterexample import Counterexample, CounterexampleRow

# Rows of the machine that others cannot be understood without.
TELLING = frozenset({INTERRUPT, RAISE_IRQ})
SET_UP = "the common set-up"
OWN_WORK = "the machine's own work"
# One row in the place of one row is nothing gained.
WORTH_FOLDING = 2


@dataclass(frozen=True)
class ShownRow:
    """Row number `at`, and how deep it is nested; `star`: it is one of `starred`."""

    at: int
    row: CounterexampleRow
    star: bool

    @property
    def depth(self) -> int:
        """How many handlers and functions its process is in the middle of."""
        return len(self.row.contexts)


@dataclass(frozen=True)
class Note:
    """A remark between rows: about process `pid`, nested as deep; `begins`: what follows is part of what it names.

    `folded`: the rows in whose place it stands, with remarks of their own, where it stands for some.
    """

    pid: int
    text: str
    depth: int = 0
    begins: bool = False
    folded: tuple[Shown, ...] = ()


Shown = ShownRow | Note


def shown_rows(found: Counterexample, everything: bool = False, most: int | None = None) -> list[Shown]:
    """The rows and the remarks, in order.

    What is repeated up to the end is shown once. Without `everything`, the common set-up and rows of the machine's own work are folded.
    Of more than `most` that are left then, those in the middle are left out.
    """
    stars = causes(found.rows)
    marked = starred(found)
    rows: list[Shown] = [ShownRow(at, row, at in marked) for at, row in enumerate(found.rows)]
    if fold := folded(found.rows):
        note = Note(found.rows[fold.start].pid, fold.sentence)
        rows[fold.start + fold.length : fold.rest] = [note]
    if not everything:
        names = dict(found.columns)
        for called, at in _foldable(found, stars, frozenset(shown.at for shown in rows if isinstance(shown, ShownRow))).items():
            rows = list(_folded(rows, at, called, names))
    rows = list(_nested(rows))
    if most is not None and len(rows) > most:
        first, last = most * 2 // 3, most - most * 2 // 3
        rows[first:-last] = [Note(_pid(rows[first]), f"{_numbers(rows[first:-last])} are left out")]
    return rows


def set_up(rows: Sequence[CounterexampleRow]) -> int:
    """How many rows are common set-up: every execution of the program begins with them, because there was nothing else to choose.

    Where that is so up to the end, or where only the endless rest comes then, they are what is wrong, and no set-up.
    """
    forced = sum(1 for _ in takewhile(lambda row: row.forced, rows))
    fold = folded(tuple(rows))
    return forced if forced < (fold.start if fold else len(rows)) else 0


def starred(found: Counterexample) -> frozenset[int]:
    """The rows with a star: where the schedule departs from the natural order, or, if it does nowhere, those that have decided.

    Of what goes round in circles it is the row of the first turn.
    """
    if stars := causes(found.rows):
        return stars
    fold = folded(found.rows)
    if fold is None:
        return frozenset(found.decides.rows)
    again = range(fold.start + fold.length, fold.rest)
    return frozenset(fold.start + (at - fold.start) % fold.length if at in again else at for at in found.decides.rows)


def causes(rows: Sequence[CounterexampleRow]) -> frozenset[int]:
    """What comes in between where the schedule departs from the natural order.

    That is neither the look that an idle CPU takes, before it or before a device has its turn, nor that a program has waited long enough;
    if nothing else comes, it is, after all. Of a store that is late it is the read that does not see it, not what its CPU goes on with.
    """
    misses = first_misses(rows)
    passed_over = {rows[at].late.made for at in misses}  # type: ignore[union-attr]
    departing = (at for at, row in enumerate(rows) if row.deviation and not (at in passed_over and _goes_on(rows, at)))
    return misses | {_cause(rows, at) for at in departing}


def _goes_on(rows: Sequence[CounterexampleRow], at: int) -> bool:
    """Whether the process of a row has performed the one before it, too, or its store buffer has."""
    before = rows[at - 1] if at else rows[at]
    return before.pid == rows[at].pid or before.arrives is not None


def _cause(rows: Sequence[CounterexampleRow], departs: int) -> int:
    """The first row from `departs` on in which somebody does something, unless who was at work before goes on earlier."""
    before = rows[departs - 1].pid if departs else None
    for at in range(departs, len(rows)):
        row = rows[at]
        if row.pid == before or (row.deviation and at > departs):
            break
        if not is_machine(row) and row.kind != AWAIT:
            return at
    return departs


def is_machine(row: CounterexampleRow) -> bool:
    """Whether it is the machine's own work, and nobody misses it."""
    return row.where == THE_MACHINE and row.kind not in TELLING and not row.said


def _pid(shown: Shown) -> int:
    return shown.row.pid if isinstance(shown, ShownRow) else shown.pid


def is_idle_look(row: CounterexampleRow) -> bool:
    """Whether a CPU looks there if it can sleep: it says nothing of what it has found."""
    return is_machine(row) and row.kind == READ and not row.value


def _foldable(found: Counterexample, stars: frozenset[int], there: frozenset[int]) -> dict[str, frozenset[int]]:
    """What is folded of the rows that are `there`, by what it is called."""
    set_up = _in_set_up(found.rows) & there
    machine = (_of_machine(found.rows, stars) & there) - set_up
    stay = kept(found, there - set_up - machine, (set_up, machine), WORTH_FOLDING)
    return {SET_UP: set_up - stay, OWN_WORK: machine - stay}


def _of_machine(rows: Sequence[CounterexampleRow], stars: frozenset[int]) -> frozenset[int]:
    """The machine's own work; but in the end, what it finds that others have written is where the damage shows."""
    end = max(stars, default=max((at for at, row in enumerate(rows) if not is_machine(row)), default=-1))

    def tells(at: int, row: CounterexampleRow) -> bool:
        return at > end and row.written_in is not None and not is_machine(rows[row.written_in])

    return frozenset(at for at, row in enumerate(rows) if is_machine(row) and at not in stars and not tells(at, row))


def _in_set_up(rows: Sequence[CounterexampleRow]) -> frozenset[int]:
    """The set-up, but for what prints a line."""
    return frozenset(at for at in range(set_up(rows)) if not rows[at].said)


def _folded(rows: Sequence[Shown], folds: frozenset[int], called: str, names: Mapping[int, str]) -> Iterator[Shown]:
    for folding, group in groupby(rows, key=lambda shown: isinstance(shown, ShownRow) and shown.at in folds and not shown.star):
        members = list(group)
        if folding and len(members) == 1 and isinstance(look := members[0], ShownRow) and is_idle_look(look.row):
            yield Note(look.row.pid, f"an idle look of {names[look.row.pid]}", folded=(look,))
        elif folding and len(members) >= WORTH_FOLDING:
            pids = list(dict.fromkeys(map(_pid, members)))
            whose = f" on {' and '.join(map(names.__getitem__, pids))}" if len(pids) > 1 else ""
            yield Note(pids[0], f"{_numbers(members)} of {called}{whose}", folded=tuple(_nested(members)))
        else:
            yield from members


def _numbers(rows: Sequence[Shown]) -> str:
    """Which rows, in words, so that who looks for one of them knows where it is."""
    numbers = list(_each_number(rows))
    return f"rows {numbers[0]} to {numbers[-1]}" if numbers else "remarks"


def _each_number(rows: Sequence[Shown]) -> Iterator[int]:
    for shown in rows:
        if isinstance(shown, ShownRow):
            yield shown.at
        else:
            yield from _each_number(shown.folded)


def _nested(rows: Sequence[Shown]) -> Iterator[Shown]:
    """With a remark where a process begins something that the rows after it are part of."""
    contexts: dict[int, tuple[str, ...]] = {}
    for shown in rows:
        if isinstance(shown, ShownRow):
            pid, now = shown.row.pid, shown.row.contexts
            before = contexts.get(pid, ())
            common = next((at for at, (old, new) in enumerate(zip(before, now, strict=False)) if old != new), min(len(before), len(now)))
            for depth in range(common, len(now)):
                yield Note(pid, now[depth], depth, begins=True)
            contexts[pid] = now
        yield shown
