"""Checks one clause on one stage by sampling: a few seeds of timing, then random interleavings. A pass is a sample's pass, and says so."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from harness.conformance.clauses import CLAUSES
from harness.conformance.program import Program
from harness.explore.random_walk import RandomWalk
from harness.machine.diagnosis import Violation
from harness.machine.explored import ExploredEngine
from harness.machine.timed import TimedEngine
from harness.results import FAIL, PASS, Failure, KindResult
from stages.api import StageModule

# Every operation in the timed engine takes up to this much longer, at random.
JITTER = 1.0


@dataclass(frozen=True)
class Budget:
    """How much to try: seeds of the timed engine for each program, and random executions for all programs of a clause together."""

    timed_seeds: int = 8
    executions: int = 200
    seed: int = 0
    # Operations per execution; a program needs a few hundred.
    max_steps: int = 5_000


def check(module: StageModule, clause_id: str, kind: str, budget: Budget = Budget()) -> KindResult:
    """Check a clause for one kind of tasklet, up to the first failure."""
    programs = CLAUSES[clause_id].programs_for(kind)
    if not programs:
        raise ValueError(f"clause {clause_id} makes no sense for kind {kind}")
    executions = 0
    how = f"{budget.timed_seeds} timed seeds, {budget.executions} sampled executions"
    for failure in attempts(module, clause_id, kind, programs, budget):
        executions += 1
        if failure is not None:
            return KindResult(clause_id, kind, FAIL, executions, how=how, failure=failure)
    return KindResult(clause_id, kind, PASS, executions, how=how)


def attempts(module: StageModule, clause_id: str, kind: str, programs: tuple[Program, ...], budget: Budget) -> Iterator[Failure | None]:
    """Yield what each execution finds."""
    for seed in range(budget.seed, budget.seed + budget.timed_seeds):
        for program in programs:
            timed = TimedEngine(seed=seed, jitter=JITTER, max_steps=budget.max_steps)
            program.execute(module, kind, timed)
            yield None if timed.failure is None else timed_failure(program, timed.failure, seed)
    # Strings seed a generator through SHA-512: the same on every Python and machine.
    rngs = [random.Random(f"{budget.seed} {clause_id} {kind} {program.name}") for program in programs]
    for i in range(budget.executions):
        which = i % len(programs)
        explored = ExploredEngine(RandomWalk(rngs[which]), max_steps=budget.max_steps)
        programs[which].execute(module, kind, explored)
        yield None if explored.failure is None else explored_failure(programs[which], explored.failure, explored)


def timed_failure(program: Program, violation: Violation, seed: int) -> Failure:
    """Say how to see `violation` again in the timed engine."""
    return Failure(violation.kind, violation.message, program.name, "timed", seed=seed)


def explored_failure(program: Program, violation: Violation, engine: ExploredEngine) -> Failure:
    """Say how to see `violation` again in the explored engine."""
    return Failure(violation.kind, violation.message, program.name, "explored", schedule=tuple(engine.schedule))
