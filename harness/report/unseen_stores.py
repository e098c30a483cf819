"""A read that has missed a store in another process's buffer, in plain words: whose store, how long, and which barrier was not there.

Each sentence says what rows show. A barrier is named only where the rows have what it would have ordered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.machine.engine import LOAD, READ, RMW
from harness.search.counterexample import CounterexampleRow
from harness.search.late_stores import LateStore

READS = frozenset({LOAD, READ})


def first_misses(rows: Sequence[CounterexampleRow]) -> frozenset[int]:
    """The rows in which a process finds what was there before a store of another one, each process and store once."""
    found: dict[tuple[int, str, int], int] = {}
    for at, row in enumerate(rows):
        if row.late is not None:
            found.setdefault((row.pid, row.late.of, row.late.number), at)
    return frozenset(found.values())


def unseen_store(rows: Sequence[CounterexampleRow], at: int, names: Mapping[int, str]) -> str:
    """What is to be said of row `at`; "" if it has missed no store. Names are those of the processes."""
    late = rows[at].late
    if late is None:
        return ""
    arrived = next((j for j in range(at + 1, len(rows)) if _arrives(rows[j], late)), None)
    until = "to the end" if arrived is None else f"until row {arrived}"
    write = f"{late.of}'s write to {rows[at].what} ({late.value})"
    said = f"Row {at} does not see {write}, at {late.place}, which is in {late.of}'s store buffer {until}"
    return f"{said}{_full_barrier(rows, at, arrived, names) or _write_barrier(rows, at)}.{_others(rows, at, late.more)}"


def _others(rows: Sequence[CounterexampleRow], at: int, more: int) -> str:
    """That it has missed more than the one of which all this is said."""
    return f" Nor does row {at} see {more} more write{'s' * (more > 1)} to {rows[at].what}, also in a store buffer." if more else ""


def _arrives(row: CounterexampleRow, late: LateStore) -> bool:
    """Whether a store arrives there."""
    return row.arrives is not None and (row.arrives.of, row.arrives.number) == (late.of, late.number)


def _full_barrier(rows: Sequence[CounterexampleRow], at: int, arrived: int | None, names: Mapping[int, str]) -> str:
    """That the writer has read something meanwhile, before the reader's own write of that has come to it.

    If the reader has no barrier behind that write either, the writer's alone would not be enough.
    """
    row, late = rows[at], rows[at].late
    assert late is not None
    for j in range(late.made, len(rows) if arrived is None else arrived):
        read = rows[j]
        if read.kind in READS and names[read.pid] == late.of and read.what != row.what and _from_memory(rows, j, names):
            written = _written_later(rows, j, at, names)
            if written is not None:
                said = f": between its write of {row.what} and its read of {read.what} in row {j}, {late.of} has no full barrier (smp_mb)"
                # (If that read is the first one to miss it, and row `at` comes before it, too, that is said of that read.)
                said_there = written > at and read.late is not None and _arrives(rows[written], read.late) and j in first_misses(rows)
                neither = not said_there and _only_reads(rows, written, at)
                return said + f"; nor has {names[row.pid]} between its write of {read.what} and row {at}" * neither
    return ""


def _only_reads(rows: Sequence[CounterexampleRow], written: int, at: int) -> bool:
    """Whether the process of row `at` has done nothing between its write, which is in memory from row `written` on, and that row but read.

    A barrier behind a write has a row. Anything else that is no read may be as good as one, such as an atomic operation or a lock.
    """
    return all(row.kind in READS for row in rows[written:at] if row.pid == rows[at].pid)


def _from_memory(rows: Sequence[CounterexampleRow], at: int, names: Mapping[int, str]) -> bool:
    """Whether a read has found what is in memory, and not its own process's store on its way there, which no barrier makes any older."""
    read = rows[at]
    changes = [row for row in rows[at + 1 :] if row.what == read.what and "→" in row.value]
    own = any(row.arrives and row.arrives.of == names[read.pid] and row.arrives.made <= at for row in changes)
    return not own and (not changes or changes[0].value.partition(" → ")[0] == read.value)


def _written_later(rows: Sequence[CounterexampleRow], read: int, at: int, names: Mapping[int, str]) -> int | None:
    """In which row there is what the process of row `at` has, before that, written to what row `read` reads, if that came later."""
    pid, what = rows[at].pid, rows[read].what
    for j in range(read + 1, len(rows)):
        row = rows[j]
        own = row.arrives is not None and row.arrives.of == names[pid] and row.arrives.made <= at
        if row.what == what and (own or (row.pid == pid and row.kind == RMW and "→" in row.value and j < at)):
            return j
    return None


def _write_barrier(rows: Sequence[CounterexampleRow], at: int) -> str:
    """That the reader has seen what the writer has written later, and which came earlier."""
    row, late = rows[at], rows[at].late
    assert late is not None
    for j in range(late.made, at):
        other = rows[j].arrives
        overtaken = other is not None and other.of == late.of and other.number > late.number
        if overtaken and any(each.pid == row.pid and each.written_in == j for each in rows[j + 1 : at]):
            later = f"its later one to {rows[j].what} is there from row {j} on"
            return f", and {later}: between the two, {late.of} has no barrier (smp_wmb, a release)"
    return ""
