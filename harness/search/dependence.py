"""Which operations depend on each other: strategies, reversals, happens-before and races ask here, and nowhere else.

The primitives, `conflicts` and `dependent`, are `harness.explored.operations`', because the engine needs them to wake sleepers. What is
here builds on them, and knows sequences of operations, locks and plain accesses, but no execution.

The same rule location by location: a read conflicts with the last write, a write with that and with the reads since. Who goes through an
execution once keeps it in this form (`happens_before`, `data_races`, `strategies.preemption_bounded`); their tests compare it with
`dependent`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from harness.explored.operations import Choice, Operation, bits, conflicts, dependent
from harness.machine.engine import AWAIT, HALT, LOCK, PLAIN, RELAX, UNLOCK

__all__ = ["LOCKING", "WAITING", "begins", "bits", "conflicts", "dependent", "initials", "is_free", "races", "writes_to"]

LOCKING = frozenset({LOCK, UNLOCK})
# Operations in which the code looks at nothing.
WAITING = frozenset({AWAIT, HALT, RELAX})


def writes_to(operation: Operation, location: int) -> bool:
    """Tell whether an operation writes a location."""
    return bool(operation[3] & location)


def begins(operation: Operation, sequence: Sequence[Operation]) -> bool:
    """Tell whether some continuation of `sequence` is equivalent to one that begins with this operation (a weak initial).

    It is if the operation depends on nothing in the sequence before the first operation of its own process.
    """
    # (`dependent`, written out: this is called for every race.)
    pid, kind, reads, writes = operation
    if type(kind) is Choice:
        return _choice_begins(pid, kind, reads, sequence)
    touched = reads | writes
    for other, _, r, w in sequence:
        if other == pid:
            return True
        if w & touched or r & writes:
            return False
    return True


def _choice_begins(pid: int, kind: Choice, reads: int, sequence: Sequence[Operation]) -> bool:
    """As `begins`, for a read of one of several messages.

    To read another one is another operation. So if the sequence has no operation of the process, but a write of the location, then its
    continuations have the read of that write as well, and no one that begins with this operation has. And if both this and the sequence
    read older messages after full barriers, it may be that no execution has both.
    """
    written = False
    for other, k, r, w in sequence:
        if other == pid:
            return r == reads
        if w & reads:
            return False
        written = written or w & kind.location != 0 or (kind.bound and type(k) is Choice and k.bound)
    return not written


def initials(sequence: Sequence[Operation], owner_of: Callable[[int], int] = lambda pid: pid) -> dict[int, Operation]:
    """By process, the operations that depend on nothing before them in the sequence: it is equivalent to one that begins with each.

    What a process and its store buffers do is taken to depend on each other: less may be found than there is, and never more.
    """
    found: dict[int, Operation] = {}
    for i, operation in enumerate(sequence):
        owner = owner_of(operation[0])
        if not any(owner_of(earlier[0]) == owner or conflicts(operation, earlier) for earlier in sequence[:i]):
            found[operation[0]] = operation
    return found


def is_free(lock: int, before: Iterable[Operation]) -> bool:
    """Tell whether a lock, given its location, can be taken after operations, given latest first: the last one on it is a release."""
    last = next((operation for operation in before if operation[3] == lock), None)
    return last is None or last[1] is UNLOCK


def races(a: Operation, b: Operation) -> bool:
    """Tell whether two operations that nothing orders are a data race: they conflict, and one of them is a plain access.

    To wait is no access: it is the machine that looks.
    """
    waits = a[1] in WAITING or b[1] in WAITING
    return a[0] != b[0] and not waits and (a[1] in PLAIN or b[1] in PLAIN) and conflicts(a, b)
