"""What a worker process does to show one execution in time."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import cast

from harness.explored.models import EVERY_ENGINE
from harness.jobs.driving import JobStep, drive
from harness.jobs.executor import Outcome
from harness.jobs.job import Job
from harness.machine.diagnosis import HANG
from harness.machine.spectator import OPERATIONS, Recording
from harness.search.replay_string import TIMED, Replay
from harness.search.row_slices import explained
from harness.search.timed_record import RecordingEngine
from harness.search.watched_record import watched, watched_in_time
from harness.sources.target import Target
from harness.suite.registry import suite_named
from harness.verify.checking import JITTER, timed_steps, timed_verdict
from harness.verify.deepening import Effort
from harness.verify.explore_programs import REPLAY_SECONDS, UNFINISHED
from harness.verify.no_races import executing
from harness.verify.run_stages import BASE_SECONDS
from harness.verify.verify_in_worker import executed, guarded, in_words_of, program_named


def traced(target: Target, replay: Replay) -> Outcome:
    """Execute an execution again; the value of the outcome is a `Recording`. Raises `KeyboardInterrupt`."""
    job = Job(target, replay.clause, replay.kind, replay.program, replay.engine, replay.model, replay, replay.seed)
    step = JobStep(0, job, trace_execution, BASE_SECONDS + REPLAY_SECONDS)
    driven = drive([target], [step], 1)
    if driven.interrupted:
        raise KeyboardInterrupt
    return driven.unfit.get(0) or driven.outcomes.get(step, UNFINISHED)


def trace_execution(job: Job) -> Recording:
    """Execute the execution again; the budget is a `Replay`."""
    replay = cast(Replay, job.budget)
    seen = guarded(job.target, lambda module: _traced(job.target.suite, module, replay))
    about = {"stage": job.target.label, "clause": replay.clause, "kind": replay.kind, "program": replay.program, "model": replay.model}
    return replace(explained(seen, _sentences(job.target.suite, replay)), about=about)


def _traced(suite: str, module: ModuleType, replay: Replay) -> Recording:
    program = program_named(suite, replay.clause, replay.program)
    if replay.engine == TIMED:
        engine = RecordingEngine(replay.seed, JITTER, timed_steps(program, Effort.steps))
        in_words = partial(in_words_of, suite=suite, module=module, timed=True)
        return watched_in_time(engine, lambda: timed_verdict(program, module, replay.kind, engine, replay.seed), in_words)
    execute = executing(program, module, replay.kind, replay.clause)
    first = executed(execute, replay.deviations, replay.max_steps, EVERY_ENGINE[replay.model])
    if first.failure is not None and first.failure.kind == HANG:
        return Recording(OPERATIONS, reason=str(first.failure))
    return watched(execute, first.schedule, replay.max_steps, type(first), partial(in_words_of, suite=suite, module=module))


def _sentences(suite: str, replay: Replay) -> dict[str, str]:
    """What is said wherever the failure stands: the clause and the program, with what they say."""
    clause = suite_named(suite).clauses[replay.clause]
    program = program_named(suite, replay.clause, replay.program)
    return {"clause": f"{replay.clause}: {clause.sentence}", "program": f"{replay.program}: {program.summary}"}
