"""Records an execution in time: what ran where, from when to when, with every operation. In an explored one, operations are the time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from harness.explored.explored_engine import ExploredEngine
from harness.machine.diagnosis import RACE
from harness.machine.engine import Engine, Process
from harness.machine.spectator import CYCLES, OPERATIONS, TICKS, Recording
from harness.machine.watching import Watch
from harness.search.counterexample import Counterexample, timed_counterexample, written_down
from harness.search.race_detector import race_of
from harness.search.record import recorded
from harness.search.recorder import Recorder
from harness.search.row_slices import BEFORE, renamed, with_failure, with_rows
from harness.search.search import Execute
from harness.search.timed_record import RecordingEngine

# So many slices, and operations, of one execution are enough for anybody.
MOST = 100_000

# Puts the values of an execution in words.
InWords = Callable[[Counterexample], Counterexample]


@dataclass
class _OperationTime:
    """Operations as time. What begins or ends between two operations has a time of its own there: everything takes some."""

    recorder: Recorder
    # How many operations there were when it was asked last, and what has begun or ended since.
    rows: int = 0
    passed: int = 0

    def __call__(self, process: Process) -> int:
        if len(self.recorder.rows) != self.rows:
            self.rows, self.passed = len(self.recorder.rows), 0
        return self.rows * TICKS + (BEFORE - 1) * self.passed // (self.passed + 1)

    def goes_on(self) -> None:
        """Something begins or ends."""
        self.passed += 1


class _OperationWatch(Watch):
    """Watches an execution whose operations are the time."""

    def __init__(self, time: _OperationTime) -> None:
        super().__init__(time, MOST)
        self._time = time

    def _begin(self, name: str, category: str) -> None:
        super()._begin(name, category)
        self._time.goes_on()

    def _end(self, keep: bool = True) -> None:
        super()._end(keep)
        self._time.goes_on()


def watched(execute: Execute, schedule: Sequence[int], max_steps: int, make: type[ExploredEngine], in_words: InWords) -> Recording:
    """Execute `schedule` again; the n-th operation lasts from n to n + 1."""
    recorder = Recorder()
    watch = _OperationWatch(_OperationTime(recorder))
    engine, rows = recorded(execute, schedule, max_steps, make, recorder, watch)
    shown = written_down(engine, rows)
    race = race_of(engine) if engine.failure is not None and engine.failure.kind == RACE else None
    return _together(watch, OPERATIONS, len(rows) * TICKS, shown, engine, in_words, race)


def watched_in_time(engine: RecordingEngine, run: Callable[[], object], in_words: InWords) -> Recording:
    """Have `run` run something on the engine; an operation is a moment, when its process was done with it."""
    watch = Watch(lambda process: process.clock, MOST)
    engine.spectator = watch
    run()
    return _together(watch, CYCLES, None, timed_counterexample(engine), engine, in_words)


def _together(
    watch: Watch, unit: str, end: int | None, shown: Counterexample, engine: Engine, in_words: InWords, race: tuple[int, int] | None = None
) -> Recording:
    named = in_words(shown)
    reason = "" if engine.failure is None else str(engine.failure)
    seen = replace(renamed(watch.recording(unit, end), shown, named), reason=reason)
    return with_failure(with_rows(seen, named, MOST), named, watch.fault, race)
