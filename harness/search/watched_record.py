"""Records an execution in time: what ran where, from when to when, with every operation. In an explored one, operations are the time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from harness.explored.explored_engine import ExploredEngine
from harness.machine.engine import Engine
from harness.machine.spectator import CYCLES, OPERATION, OPERATIONS, Recording, Slice
from harness.machine.watching import Watch
from harness.search.record import recorded
from harness.search.recorder import OperationRow, Recorder
from harness.search.search import Execute
from harness.search.timed_record import RecordingEngine

# So many slices, and operations, of one execution are enough for anybody.
MOST = 100_000


def watched(execute: Execute, schedule: Sequence[int], max_steps: int, make: type[ExploredEngine] = ExploredEngine) -> Recording:
    """Execute `schedule` again; the n-th operation lasts from n to n + 1."""
    recorder = Recorder()
    watch = Watch(lambda process: len(recorder.rows), MOST)
    engine, rows = recorded(execute, schedule, max_steps, make, recorder, watch)
    operations = [_operation(row, at, at + 1) for at, row in enumerate(rows)]
    return _together(watch.recording(OPERATIONS, len(rows)), operations, engine)


def watched_in_time(engine: RecordingEngine, run: Callable[[], object]) -> Recording:
    """Have `run` run something on the engine; an operation is a moment, when its process was done with it."""
    watch = Watch(lambda process: process.clock, MOST)
    engine.spectator = watch
    run()
    engine.recorder.settle()
    operations = [_operation(row, row.time or 0, row.time or 0) for row in engine.recorder.rows]
    return _together(watch.recording(CYCLES), operations, engine)


def _together(seen: Recording, operations: Sequence[Slice], engine: Engine) -> Recording:
    kept = operations[:MOST]
    tracks = dict.fromkeys((*seen.tracks, *(each.track for each in kept)))
    left_out = seen.left_out + len(operations) - len(kept)
    reason = "" if engine.failure is None else str(engine.failure)
    return replace(seen, tracks=tuple(tracks), slices=(*seen.slices, *kept), reason=reason, left_out=left_out)


def _operation(row: OperationRow, start: int, end: int) -> Slice:
    details = (("value", row.value), ("where", row.where), ("deviation", "yes" if row.deviation else ""), ("prints", "\n".join(row.said)))
    return Slice(row.process, start, end, f"{row.list_call or row.kind} {row.what}", OPERATION, tuple(pair for pair in details if pair[1]))
