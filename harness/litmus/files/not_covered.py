"""What a memory model of the harness does not cover of the machines that it stands for, and which litmus files that may matter to.

A model that is not in the table covers what it is. The criteria look at the text only, and rather find too much: the verdict says
"not covered by this model" then, which is never wrong.

A model that performs accesses in the order of the text, but for old reads, and in which a write always comes last in the order of its
location, has no execution with a circle of these steps: from a write to what reads it, or overwrites it, in another process; and from an
access to a later write of its process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.explored.models import ARM
from harness.litmus.files.kernel_calls import ACQUIRE, BARRIER, FULL, LOCKS, OF_WRITES, RELEASE, TRYLOCK, UNLOCKS, UPDATES, WRITES
from harness.litmus.files.litmus_file import LitmusFile
from harness.litmus.files.shape import Event, events_of

# The accesses of each process.
Shape = Sequence[Sequence[Event]]
# An access: its process, and its place there.
Place = tuple[int, int]

# Anything may matter to a file that has more accesses.
MOST_EVENTS = 400


@dataclass(frozen=True)
class Gap:
    """What a model does not cover, as a sentence, and which shapes that may matter to.

    `hides`: machines do what the model does not show, so that it cannot say "never" or "always"; if not, the model shows what machines do
    not do, so that it cannot say "sometimes". `where_racing`: it matters only if an execution has a data race.
    """

    sentence: str
    matters: Callable[[Shape], bool]
    hides: bool = True
    where_racing: bool = False


def shape_of(file: LitmusFile) -> Shape:
    """What the processes of a file access."""
    return [events_of(process) for process in file.processes]


def with_locks(shape: Shape) -> Shape:
    """As accesses, the operations on locks as well, if one is tried: who fails has found out about another process."""
    if not any(event.call == TRYLOCK for events in shape for event in events):
        return shape
    as_access = {LOCKS: UPDATES, UNLOCKS: WRITES}
    return [[replace(event, effect=as_access.get(event.effect, event.effect)) for event in events] for events in shape]


def buffers_loads(shape: Shape) -> bool:
    """Whether a read may be performed after a later write, and somebody may find out."""
    return _has_circle(shape, lambda event: event.reads and event.order not in (ACQUIRE, FULL), (FULL,))


def inverts_coherence(shape: Shape) -> bool:
    """Whether a write may be performed after a later write, and somebody may find out by writing to the same location."""
    return _has_circle(shape, lambda event: event.writes and event.order != FULL, (FULL, OF_WRITES))


def depends(shape: Shape) -> bool:
    """Whether something is read at an address that was read before."""
    return any(event.location is None and event.reads for events in shape for event in events)


def _has_circle(shape: Shape, first: Callable[[Event], bool], barriers: Sequence[str]) -> bool:
    """Whether there is a circle with a step from such an access to a later write that nothing orders for certain."""
    if sum(map(len, shape)) > MOST_EVENTS:
        return True
    unordered = [
        ((process, start), (process, end)) for process, events in enumerate(shape) for start, end in _pairs(events, first, barriers)
    ]
    return any(start in _reached(shape, end) for start, end in unordered)


def _pairs(events: Sequence[Event], first: Callable[[Event], bool], barriers: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Such accesses and later writes, to locations that may differ, with nothing in between that orders them for certain."""
    waiting: list[int] = []
    for at, event in enumerate(events):
        full_update = event.order == FULL and event.effect == UPDATES
        if event.certain and (full_update or (event.effect == BARRIER and event.order in barriers)):
            waiting.clear()
        if event.writes and not full_update and event.order != RELEASE:
            yield from ((start, at) for start in waiting if events[start].location != event.location or event.location is None)
        if first(event):
            waiting.append(at)


def _reached(shape: Shape, start: Place) -> set[Place]:
    """Where steps lead to from a write."""
    found: set[Place] = set()
    todo = [start]
    while todo:
        for place in _steps(shape, *todo.pop()):
            if place not in found:
                found.add(place)
                todo.append(place)
    return found


def _steps(shape: Shape, process: int, at: int) -> Iterator[Place]:
    event = shape[process][at]
    yield from ((process, later) for later in range(at + 1, len(shape[process])) if shape[process][later].writes)
    for other, events in enumerate(shape):
        if event.writes and other != process:
            yield from ((other, there) for there, access in enumerate(events) if _may_meet(event, access))


def _may_meet(write: Event, access: Event) -> bool:
    """Whether an access may be to the location of a write."""
    return (access.reads or access.writes) and (write.location == access.location or None in (write.location, access.location))


LOAD_BUFFERING = Gap("load buffering: a read that is performed after a later write of its CPU", buffers_loads)
COHERENCE_INVERSION = Gap("coherence inversion: a write that reaches its location after a later write of its CPU", inverts_coherence)
DEPENDENCIES = Gap("address dependencies, which order a read after the read that its address is from", depends, hides=False)

RACING = Gap("older values, which a plain read may find where it races", lambda shape: True, where_racing=True)

GAPS: dict[str, tuple[Gap, ...]] = {ARM: (LOAD_BUFFERING, COHERENCE_INVERSION, DEPENDENCIES, RACING)}


def gaps_of(file: LitmusFile, model: str, racing: bool, gaps: Mapping[str, Sequence[Gap]] = GAPS) -> list[Gap]:
    """What may matter to a file of what a model does not cover; `racing`: whether a data race was found."""
    shape = with_locks(shape_of(file))
    return [gap for gap in gaps.get(model, ()) if (racing or not gap.where_racing) and gap.matters(shape)]
