"""The rows of an execution as slices of a recording: every operation, the calls of the stage that they are part of, and where it fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from harness.machine.spectator import OPERATION, OPERATIONS, TICKS, Moment, Recording, Slice
from harness.machine.watching import RUN, SOFTIRQ
from harness.search.counterexample import Counterexample, CounterexampleRow

CALL = "call"
FAILURE = "failure"
# Of the time of an operation, this is before it: what begins or ends between two operations does so there.
BEFORE = TICKS // 5


def with_rows(seen: Recording, shown: Counterexample, most: int) -> Recording:
    """A recording with the rows of the same execution; `most` operations are kept, the first ones."""
    kept = shown.rows[:most]
    spans = [_span(seen, at, row) for at, row in enumerate(kept)]
    names = dict(shown.columns)
    stars = dict.fromkeys(shown.decides.rows, shown.decides.why)
    slices = [_operation(names[row.pid], row, *span, stars.get(at, "")) for at, (row, span) in enumerate(zip(kept, spans, strict=True))]
    runs = {f"{each.name} runs" for each in seen.slices if each.category == RUN}
    around = [*_lasting(kept, spans, names, runs), *slices]
    tracks = dict.fromkeys((*seen.tracks, *(each.track for each in around)))
    left_out = seen.left_out + len(shown.rows) - len(kept)
    return replace(seen, tracks=tuple(tracks), slices=(*seen.slices, *around), left_out=left_out)


def renamed(seen: Recording, shown: Counterexample, named: Counterexample) -> Recording:
    """With softirqs called as in `named`, which is `shown` in words."""
    pairs = (zip(row.contexts, other.contexts, strict=True) for row, other in zip(shown.rows, named.rows, strict=True))
    called = dict(pair for contexts in pairs for pair in contexts)
    slices = (replace(each, name=called.get(each.name, each.name)) if each.category == SOFTIRQ else each for each in seen.slices)
    return replace(seen, slices=tuple(slices))


def with_failure(seen: Recording, shown: Counterexample, fault: tuple[str, int] | None, race: tuple[int, int] | None = None) -> Recording:
    """With the failure on a track of its own, and where it is: at `fault`, at the rows that race, or where somebody waits."""
    if not seen.reason:
        return seen
    end = max((each.end for each in seen.slices), default=0)
    names = dict(shown.columns)
    if race is not None:
        points = [(names[shown.rows[at].pid], _span(seen, at, shown.rows[at])[1]) for at in race]
    else:
        points = [] if fault is None or fault[0] not in seen.tracks else [fault]
    at = max((time for _, time in points), default=end)
    lasting = Slice(FAILURE, at, max(end, at + TICKS), seen.reason, FAILURE)
    moments = (*(Moment(track, time, seen.reason) for track, time in points), *_waits(shown, seen.tracks, end))
    return replace(seen, tracks=(FAILURE, *seen.tracks), slices=(*seen.slices, lasting), moments=moments)


def _waits(shown: Counterexample, tracks: Sequence[str], end: int) -> Iterator[Moment]:
    """For what each process waits that waits for ever."""
    for wait in shown.waits:
        yield from (Moment(track, end, wait) for track in tracks if wait.startswith(f"{track} waits "))


def explained(seen: Recording, details: Mapping[str, str]) -> Recording:
    """With details of the failure, such as what its clause says, wherever it stands."""
    more = tuple(details.items())
    slices = tuple(replace(each, details=more) if each.category == FAILURE else each for each in seen.slices)
    return replace(seen, slices=slices, moments=tuple(replace(each, details=more) for each in seen.moments))


def _span(seen: Recording, at: int, row: CounterexampleRow) -> tuple[int, int]:
    """From when to when: in virtual time an operation is the moment when its process was done with it."""
    if seen.unit == OPERATIONS:
        return at * TICKS + BEFORE, (at + 1) * TICKS
    return row.time or 0, row.time or 0


def _operation(track: str, row: CounterexampleRow, start: int, end: int, star: str) -> Slice:
    deviation = "yes" if row.deviation else ""
    details = (("value", row.value), ("where", row.where), ("deviation", deviation), ("star", star), ("prints", "\n".join(row.said)))
    return Slice(track, start, end, f"{row.word} {row.what}", OPERATION, tuple(pair for pair in details if pair[1]))


def _lasting(
    rows: Sequence[CounterexampleRow], spans: Iterable[tuple[int, int]], names: Mapping[int, str], seen: set[str]
) -> Iterator[Slice]:
    """Calls of the stage, and what a suite has named; from the first operation in there to the last one."""
    found: dict[tuple[int, str, str], tuple[str, int, int]] = {}
    for row, (start, end) in zip(rows, spans, strict=True):
        named = _run(row, seen)
        for number, name, category in ((row.inside, named, RUN), (row.call, row.entered, CALL)):
            if number and name:
                _, first, _ = found.get((number, name, category), ("", start, 0))
                found[number, name, category] = (names[row.pid], first, end)
    # (Of two that last equally long, the one that is around the other has to come last.)
    for (_, name, category), (track, first, last) in reversed(found.items()):
        yield Slice(track, first, last, name, category)


def _run(row: CounterexampleRow, seen: set[str]) -> str:
    """The function that runs here, by the name that its suite gives it, if nobody has seen it run."""
    name = row.contexts[-1] if row.contexts else ""
    return name.removesuffix(" runs") if name.endswith(" runs") and name not in seen else ""
