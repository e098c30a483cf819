"""What a memory model of the harness does not cover of the machines that it stands for, and which litmus files that may matter to.

A model that is not in the table covers what it is. The criteria look at the text only, and rather find too much: the verdict says
"not covered by this model" then, which is never wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.litmus.files.kernel_calls import ACQUIRE, BARRIER, FULL, OF_WRITES, RELEASE, UPDATES
from harness.litmus.files.litmus_file import LitmusFile
from harness.litmus.files.shape import Event, events_of

# The accesses of each process.
Shape = Sequence[Sequence[Event]]


@dataclass(frozen=True)
class Gap:
    """What a model does not cover, as a sentence, and which shapes that may matter to.

    `hides`: machines do what the model does not show, so that it cannot say "never" or "always"; if not, the model shows what machines do
    not do, so that it cannot say "sometimes".
    """

    sentence: str
    matters: Callable[[Shape], bool]
    hides: bool = True


def shape_of(file: LitmusFile) -> Shape:
    """What the processes of a file access."""
    return [events_of(process) for process in file.processes]


def buffers_loads(shape: Shape) -> bool:
    """Whether two processes write after they have read, at least one of them without a barrier in between."""
    return sum(map(_writes_after_reading, shape)) > 1 and any(_unordered(each, _read, (FULL,), (ACQUIRE, FULL)) for each in shape)


def inverts_coherence(shape: Shape) -> bool:
    """Whether a process writes to two locations, without a barrier in between, and another one writes to the first of them as well."""
    for at, events in enumerate(shape):
        others = [event for number, other in enumerate(shape) if number != at for event in other if event.writes]

        def shared(event: Event, others: Sequence[Event] = others) -> bool:
            return event.writes and any(not _differ(event, other) or None in (event.location, other.location) for other in others)

        if _unordered(events, shared, (FULL, OF_WRITES), (FULL,)):
            return True
    return False


def depends(shape: Shape) -> bool:
    """Whether something is read at an address that was read before."""
    return any(event.location is None and event.reads for events in shape for event in events)


def _writes_after_reading(events: Sequence[Event]) -> bool:
    read = [at for at, event in enumerate(events) if event.reads]
    return any(event.writes and any(_differ(events[at], event) for at in read if at < number) for number, event in enumerate(events))


def _unordered(events: Sequence[Event], first: Callable[[Event], bool], barriers: Sequence[str], ordering: Sequence[str]) -> bool:
    """Whether a write follows an access to a location that may be another one, with nothing between them that orders them for certain.

    `barriers`: the orders of the barriers that do; `ordering`: those of accesses of the first sort that what follows comes after.
    """
    waiting: list[Event] = []
    for event in events:
        is_full = event.order == FULL and event.effect == UPDATES
        if event.certain and (is_full or (event.effect == BARRIER and event.order in barriers)):
            waiting.clear()
        if event.writes and not is_full and event.order != RELEASE and any(_differ(each, event) for each in waiting):
            return True
        if first(event) and event.order not in ordering:
            waiting.append(event)
    return False


def _read(event: Event) -> bool:
    return event.reads


def _differ(one: Event, other: Event) -> bool:
    """Whether two accesses may be to different locations."""
    return one.location != other.location or one.location is None


LOAD_BUFFERING = Gap("load buffering: a read that is performed after a later write of its CPU", buffers_loads)
COHERENCE_INVERSION = Gap("a write that comes, in the order of its location, after what a later write of its CPU led to", inverts_coherence)
DEPENDENCIES = Gap("address dependencies, which order a read after the read that its address is from", depends, hides=False)

GAPS: Mapping[str, tuple[Gap, ...]] = {"arm": (LOAD_BUFFERING, COHERENCE_INVERSION, DEPENDENCIES)}


def gaps_of(file: LitmusFile, model: str, gaps: Mapping[str, Sequence[Gap]] = GAPS) -> list[Gap]:
    """What may matter to a file of what a model does not cover."""
    found = gaps.get(model, ())
    return [gap for gap in found if gap.matters(shape_of(file))]
