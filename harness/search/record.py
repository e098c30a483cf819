"""Executes a schedule again and has every operation written down, with how far each choice is from the natural one."""

from __future__ import annotations

from collections.abc import Sequence

from harness.explored.execution import Execution
from harness.explored.explored_engine import ExploredEngine
from harness.machine.engine import Process
from harness.machine.spectator import Spectator
from harness.search.natural_order import natural_order
from harness.search.recorder import OperationRow, Recorder
from harness.search.search import Execute


class _Following:
    """A chooser that follows a schedule, then the natural order, and notes how far each choice is from the natural one."""

    def __init__(self, schedule: Sequence[int]) -> None:
        self.schedule = schedule
        self.deviations: dict[int, int] = {}
        # So many operations are the first ones of every execution: there was nothing else to choose.
        self.forced = 0

    def __call__(self, engine: Execution, enabled: list[Process], current: Process) -> Process:
        order = natural_order(engine, enabled, current)
        at = len(engine.done)
        if at == self.forced and len(enabled) == 1:
            self.forced += 1
        if at < len(self.schedule):
            wanted = engine.named(self.schedule[at])
            for rank, process in enumerate(order):
                if process.pid == wanted:
                    if rank:
                        self.deviations[at] = rank
                    return process
            engine.diverged = engine.diverged or f"process {self.schedule[at]} cannot perform operation {at}"
        return order[0]


def recorded(
    execute: Execute,
    schedule: Sequence[int],
    max_steps: int,
    make: type[ExploredEngine] = ExploredEngine,
    recorder: Recorder | None = None,
    spectator: Spectator | None = None,
) -> tuple[ExploredEngine, list[OperationRow]]:
    """Execute `schedule` again; return the engine afterwards, and the operations. Somebody may watch."""
    recorder = Recorder() if recorder is None else recorder
    following = _Following(schedule)
    engine = make(following, max_steps)
    engine.listener = recorder
    engine.hears = recorder.said
    engine.spectator = spectator
    execute(engine)
    recorder.conclude()
    for at, rank in following.deviations.items():
        if at < len(recorder.rows):
            recorder.rows[at].deviation = rank
    for row in recorder.rows[: following.forced]:
        row.forced = True
    return engine, recorder.rows


def deviations_of(execute: Execute, schedule: Sequence[int], max_steps: int, make: type[ExploredEngine] = ExploredEngine) -> dict[int, int]:
    """The choices of `schedule` that are not the natural ones."""
    following = _Following(schedule)
    execute(make(following, max_steps))
    return following.deviations
