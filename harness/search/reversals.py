"""Which other orders an execution suggests: its reversible races, each as a sequence that a search may have to insert.

For a race between operation e and a later operation of process p, the sequence is what follows e without happening after it, then p's
operation: after the operations before e it can be performed, and it has p come first.

    What follows p's operation without happening after e belongs to it, too. Without that the sequence is shorter, and mostly it makes no
    difference. But where an operation that it does not have, and that depends on nothing in it, is all that says that it has been
    explored, what follows may depend on that one: then the whole sequence decides (`whole`), of this execution and of all that
    have the race. (Where a compare-and-exchange decides what a CPU does next, no other race need lead there.)

Blocking operations
    p's operation may not be possible there, because e is what made it possible (a release of a lock, a write that ends a wait, a kick).
    Then no execution has it come first, and there is nothing to insert. That alone would lose executions in which e *dis*abled the
    operation and something after e enabled it again, because the race with e is not an immediate one then. So the taking of a lock races
    with the taking before it, and the end of a wait with the last write before which the wait would have ended. (The wait depends on that
    one cell, whose writes are all ordered, so the value before a write is the same in all executions of a trace.) Operations that are
    pending for ever count too: otherwise an order that ends in a deadlock would never suggest the others. Other processes can enable a
    halt or a relax, but never disable it.

    Where a process waited and took an interrupt instead, the raise of it races. But what it waited for may have been possible, and no
    more so when the interrupt was raised; afterwards it happens after the raise, and what made it impossible does perhaps as well. So the
    interrupt, too, races with what the wait would race with if it were performed just before that raise.

    Only the wait itself can come before that. To have an interrupt come first there that was pending already reverses nothing: such a
    sequence has no order of its own, and a leaf of a wakeup tree that begins with what has been explored takes along, when it is dropped,
    each sequence that it stood for. Nothing is lost without it. Interrupts are taken in the order of their raises, so either the process
    has taken that one on its way to the wait, and the wait may come first; or the raise that it takes instead of the wait happens before
    its last operation, and in no execution does it wait there.

Operations that depend on the state
    A process that took an interrupt had announced something else, and that is what it does if the interrupt is raised later (unless
    another one is pending already). In another state, a compare-and-exchange that failed might have written, and a list operation might
    have touched other nodes. Such an operation may conflict with operations that the one performed in its place did not conflict with. So
    each operation that does not happen after e may come before it or after it, whichever of the two was performed first. Every choice
    after which the operation is possible is a sequence of its own, and the choices are looked at again when a later execution brings new
    operations. In one of the choices, exactly those operations come before it that must do so in the execution that is looked for: that
    makes the proof for the plain case go through.

Sequences never lead to redundant executions by themselves: a search inserts one only if what it has explored does not cover it. An
operation whose locations depend on the state (a compare-and-exchange, lists) is announced with all that it may touch. So the search may
take a sequence for uncovered although it is covered. It notices when all processes that could go on are asleep: a blocked run, which it
counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from harness.explored.execution import Execution
from harness.explored.operations import Announced, Choice, Operation
from harness.explored.waiting import Awaiting, Halted, Relaxing
from harness.machine.engine import AWAIT, INTERRUPT, LOCK, RAISE_IRQ, UNLOCK, Process
from harness.search.dependence import bits, conflicts, is_free, writes_to
from harness.search.happens_before import Order

# Where to insert a sequence, the sequence, and the later operation of the race, or -1.
Reversal = tuple[int, list[Operation], int]


def reversals(engine: Execution, order: Order, start: int) -> Iterator[Reversal]:
    """Yield, for each race whose later operation is not before `start`, where its earlier one stands and the sequence to insert there.

    The third number is that of the later operation if the sequence has nothing of what was performed after it (see `whole`), else -1.
    """
    races, announced, past, done, weak = order.races, engine.announced, order.past, engine.done, engine.weak
    if engine.viewed:
        # No other order of a write and a read that has a choice: another choice.
        races = [0 if type(operation[1]) is Choice else m for operation, m in zip(done, races, strict=True)]
    for i, other in announced.items():
        # What such an operation may come after instead is not only what was performed before it; one that only waited stays the same.
        if i < start and races[i] and not (other[1] is not None and other[0][1] is done[i][1]):
            yield from _conditional(engine, order, i, done[i], other, races[i], order.own_past(i), start)
    for i in range(start, len(past)):
        m = races[i]
        if announced and i in announced:
            yield from _conditional(engine, order, i, done[i], announced[i], m, order.own_past(i))
            continue
        while m:
            bit = m & -m
            m ^= bit
            e = bit.bit_length() - 1
            kept = [j for j in range(e + 1, i) if not past[j] & bit] if e + 1 < i else []
            sequence = [done[j] for j in kept]
            sequence.append(engine.relocated(done[i], i, e, kept) if weak else done[i])
            yield e, sequence, i
    for p in engine.processes:
        if not p.done and (engine.cut or p.announced[1] in (LOCK, AWAIT)):
            yield from _pending(engine, order, p)
    if engine.cut and weak:
        yield from _on_their_way(engine, order)


def _pending(engine: Execution, order: Order, p: Process) -> Iterator[Reversal]:
    """As `reversals`, for an operation that was announced and never performed: a wait without end, or where an execution was cut off."""
    end = len(order.past)
    operation: Operation = (p.pid, INTERRUPT, p.irq_tag, p.irq_tag) if p.attention and p.irqs_on else p.announced
    races = order.of_pending(engine, operation)
    yield from _conditional(engine, order, end, operation, (p.announced, engine.waiting_for(p)), races, order.latest[p.pid])


def _on_their_way(engine: Execution, order: Order) -> Iterator[Reversal]:
    """As `reversals`, for the next arrival from each store buffer where an execution was cut off."""
    end = len(order.past)
    for operation, follows in engine.next_arrivals():
        mine = order.latest[operation[0]] | order.closure(follows)
        for bit in bits(order.of_pending(engine, operation) & ~mine):
            e = bit.bit_length() - 1
            kept = _kept(order, e, end)
            yield e, [*(engine.done[j] for j in kept), engine.relocated(operation, end, e, kept)], -1


def _conditional(
    engine: Execution, order: Order, i: int, instead: Operation, announced: Announced, races: int, mine: int, new: int = -1
) -> Iterator[Reversal]:
    """As `reversals`, for an operation that depends on the state: not `instead`, which was performed, or not possible.

    With `new`, only the sequences that have one of the operations from there on come before this one; what it waits for always does.
    """
    pid, kind = instead[:2]
    p = engine.processes[pid]
    awaited = engine.awaited_now(p) if i == len(engine.done) else engine.awaited_by(i)
    if awaited is None:
        return
    if awaited:
        mine |= order.closure(awaited)
    # The operation keeps its kind and its locations if it only waited.
    waited = kind is announced[0][1] and announced[1] is not None
    if kind is AWAIT:
        races = _last_ready(engine, i, announced, mine)
    would = _last_possible(engine, _raised_at(engine, i, p), announced, mine) if kind is INTERRUPT else 0
    races |= would
    while races:
        bit = races & -races
        races ^= bit
        e = bit.bit_length() - 1
        # With what made the announced one impossible the interrupt is in no order: only to have that one come first changes anything.
        interrupted = kind is INTERRUPT and not bit & would and _interrupts_pending(engine, range(e), p)
        step = instead if interrupted else announced[0]
        for kept in [_kept(order, e, i)] if waited else _every_kept(engine, order, e, i, step, mine):
            if new >= 0 and not awaited >> new and not any(j >= new and conflicts(engine.done[j], step) for j in kept):
                continue
            if interrupted or (
                _has_all(awaited, e, kept)
                and not (kind is INTERRUPT and _interrupts_pending(engine, [*range(e), *kept], p))
                and (announced[1] is None or _possible(engine, e, kept, announced))
            ):
                yield e, [*(engine.done[j] for j in kept), engine.relocated(step, i, e, kept)], i if waited else -1


def whole(engine: Execution, order: Order, e: int, i: int, step: Operation) -> list[Operation]:
    """The sequence for the race of `e` with operation `i`, which is `step` there, with all that does not happen after `e`, past `i` too."""
    kept = _kept_beside(order, e, i)
    return [*(engine.done[j] for j in kept), engine.relocated(step, i, e, kept)]


def _has_all(awaited: int, e: int, kept: Collection[int]) -> bool:
    """Whether operations that are waited for are before `e` or among those of `kept`."""
    left = awaited >> e << e
    return not left or not left & ~sum(1 << j for j in kept)


def _kept(order: Order, e: int, end: int) -> list[int]:
    """The operations between `e` and `end` that do not happen after `e`."""
    bit = 1 << e
    return [j for j in range(e + 1, end) if not order.past[j] & bit]


def _kept_beside(order: Order, e: int, i: int) -> list[int]:
    """All operations after `e` that do not happen after it, nor after operation `i`, which is left out."""
    # (That need not happen after `e` itself, where it is an interrupt that kept the process from waiting.)
    return [j for j in _kept(order, e, len(order.past)) if j != i and not order.past[j] >> i & 1]


def _every_kept(engine: Execution, order: Order, e: int, i: int, step: Operation, mine: int) -> Iterator[list[int]]:
    """All choices of what comes before `step`, an operation that differs from operation `i`, which was performed instead.

    The process must have come so far (`mine`). What else does not happen after `e` may conflict with `step` without being ordered with
    operation `i`: it may come before or after.
    """
    kept = _kept_beside(order, e, i)
    step = engine.widened(step)
    free = {j for j in kept if not mine >> j & 1 and conflicts(engine.done[j], step)}
    return _without(order, free, kept, 0)


def _without(order: Order, free: Collection[int], kept: list[int], start: int) -> Iterator[list[int]]:
    """`kept`, and `kept` without one operation of `free` from position `start` on, and what happens after it, and so on."""
    for at in range(start, len(kept)):
        j = kept[at]
        if j in free:
            bit = 1 << j
            # Either it stays, and all choices among the later ones remain, or it goes.
            yield from _without(order, free, [k for k in kept if k != j and not order.past[k] & bit], at)
    yield kept


def _interrupts_pending(engine: Execution, after: Iterable[int], p: Process) -> bool:
    """Whether an interrupt of `p` is pending after operations: raised and not yet taken."""
    kinds = [engine.done[j][1] for j in after if engine.done[j][3] == p.irq_tag]
    return kinds.count(RAISE_IRQ) > kinds.count(INTERRUPT)


def _raised_at(engine: Execution, i: int, p: Process) -> int:
    """The raise whose interrupt `p` takes as operation `i`, 0 if that was before the run. They are taken in the order of their raises."""
    on_line = [j for j in range(i) if engine.done[j][3] == p.irq_tag]
    raises = [j for j in on_line if engine.done[j][1] is RAISE_IRQ]
    taken = len(on_line) - len(raises)
    return raises[taken] if taken < len(raises) else 0


def _last_possible(engine: Execution, raised: int, announced: Announced, mine: int) -> int:
    """The operation that made one impossible which the interrupt raised at `raised` was taken instead of, as a mask."""
    (_, kind, _, lock), _ = announced
    if kind is AWAIT:
        return _last_ready(engine, raised, announced, mine)
    if kind is LOCK:
        takings = (j for j in range(raised - 1, -1, -1) if engine.done[j][1] is not UNLOCK and writes_to(engine.done[j], lock))
        last = next(takings, None)
        return 0 if last is None or mine >> last & 1 else 1 << last
    return 0


def _last_ready(engine: Execution, i: int, announced: Announced, mine: int) -> int:
    """The last write of another process before which the wait would have ended, as a mask."""
    waiting = announced[1]
    assert isinstance(waiting, Awaiting)
    tag: int = waiting.cell.tag
    for j in range(i - 1, -1, -1):
        if mine >> j & 1:
            continue
        if writes_to(engine.done[j], tag) and waiting.with_value(engine.values[j]):
            return 1 << j
    return 0


def _possible(engine: Execution, e: int, kept: list[int], announced: Announced) -> bool:
    """Whether the announced operation can be performed after the operations before `e` and those of `kept`."""
    (_, kind, _, writes), ready = announced
    if kind is LOCK:
        before = (engine.done[j] for j in (*reversed(kept), *range(e - 1, -1, -1)))
        return is_free(writes, before)
    if isinstance(ready, Awaiting):
        tag: int = ready.cell.tag
        # The value after these operations is the one before the first write that is not among them.
        following = (j for j in range(e, len(engine.done)) if writes_to(engine.done[j], tag) and j not in kept)
        first = next(following, None)
        return ready.with_value(ready.cell.value if first is None else engine.values[first])
    operations = (1 << e) - 1
    for j in kept:
        operations |= 1 << j
    assert isinstance(ready, Halted | Relaxing)
    return ready.within(operations)
