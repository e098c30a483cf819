"""Checks one clause on one stage for one kind of tasklet: every interleaving that the budget reaches, then a few seeds of timing."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType

from harness.jobs.unseen_state import Executed
from harness.machine.contexts import Key
from harness.machine.diagnosis import HANG, NO_PROGRESS
from harness.search.replay_string import TIMED
from harness.suite.clause import NO_RACES, Clause
from harness.suite.program import Program
from harness.timed.timed_engine import TimedEngine
from harness.verify.beyond_failure import ask_of_all, natural_order_beyond, seen_beyond
from harness.verify.deepening import Effort, Exploration, explore, look
from harness.verify.known_counts import check_counts, is_counted
from harness.verify.verdicts import ERROR, FAIL, NOT_DETERMINISTIC, PASS, UNDECIDED, Failure, KindResult, OpenEnd, SeenUse

# Every operation in the timed engine takes up to this much longer, at random.
JITTER = 1.0


@dataclass(frozen=True)
class Budget:
    """How much to try: seeds of the timed engine, and how far to search, for each program."""

    timed_seeds: int = 4
    effort: Effort = field(default_factory=Effort)
    seed: int = 0


@dataclass(frozen=True)
class Continued:
    """A budget, and what a first look has found out already of some programs."""

    budget: Budget
    known: tuple[Exploration, ...]


@dataclass(frozen=True)
class Seen:
    """What a first look at a clause has found out: of which programs, and what that says of the clause; it has a verdict if that is bad."""

    known: tuple[Exploration, ...]
    result: KindResult


def look_at(module: ModuleType, clause: Clause, kind: str, budget: Budget) -> Seen:
    """Look at every program for a moment, up to the first failure. What is seen to its end so is what `check` would find out.

    The programs behind a failure are executed as well, once: if one of them asks for what the stage lacks, `check` would say so.
    """
    known: list[Exploration] = []
    programs = clause.programs_for(kind)
    for at, program in enumerate(() if is_counted(clause, kind) else programs):
        if (found := look(program, module, kind, budget.effort)) is not None:
            known.append(found)
            if found.failure is not None:
                if found.failure.kind != HANG:
                    ask_of_all(programs[at + 1 :], module, kind, budget.effort)
                return Seen(tuple(known), judged(clause.id, kind, len(programs), known, budget.effort.accept_bound))
    race = next((each.race for each in known if each.race), None)
    return Seen(tuple(known), KindResult(clause.id, kind, ERROR, sum(each.executions for each in known), race=race))


def check(module: ModuleType, clause: Clause, kind: str, budget: Budget = Budget(), known: Sequence[Exploration] = ()) -> KindResult:
    """Check a clause on a stage for one kind, up to the first failure; what is `known` of its programs is not searched again."""
    if clause.id == NO_RACES:
        raise ValueError(f"{NO_RACES} follows from the other clauses")
    programs = clause.programs_for(kind)
    if not programs:
        raise ValueError(f"clause {clause.id} makes no sense for kind {kind}")
    if is_counted(clause, kind):
        return check_counts(module, clause, kind, budget.effort)
    explored: list[Exploration] = []
    seen = {each.program: each for each in known}
    for program in programs:
        # Strings seed a generator through SHA-512: the same on every Python and machine.
        rng = random.Random(f"{budget.seed} {clause.id} {kind} {program.name}")
        explored.append(seen.get(program.name) or explore(program, module, kind, budget.effort, rng))
        if explored[-1].failure is not None:
            break
    result = judged(clause.id, kind, len(programs), explored, budget.effort.accept_bound)
    if result.verdict == FAIL:
        return _beyond(result, explored, module, clause, budget)
    unsure = {each.program for each in explored if each.unsure}
    executed = {each.name: Executed(each, module, kind) for each in programs}
    for seed in range(budget.seed, budget.seed + budget.timed_seeds):
        # What takes long in virtual time is executed once.
        for program in (each for each in programs if seed == budget.seed or not each.timed_steps):
            result = replace(result, executions=result.executions + 1)
            failure = timed_failure(program.name, executed[program.name], seed, timed_steps(program, budget.effort.steps))
            # Nor does anybody know that a loop goes on for ever which counts its turns.
            if failure is not None and not (failure.kind == NO_PROGRESS and program.name in unsure):
                return replace(result, verdict=FAIL, complete=False, failure=failure, failing=(program.name,))
    return result


def _beyond(result: KindResult, explored: list[Exploration], module: ModuleType, clause: Clause, budget: Budget) -> KindResult:
    """Go on beyond a failure: with all executions where that can tell anything more about data races, otherwise with the natural order."""
    failure, *_ = (e.failure for e in explored if e.failure is not None)
    if failure.kind == HANG:
        return result
    programs, at = clause.programs_for(result.kind), len(explored) - 1
    if result.race is not None or not all(e.passed for e in explored[:-1]):
        return natural_order_beyond(result, programs[at + 1 :], module, result.kind, budget.effort)
    return seen_beyond(result, programs[at:], module, result.kind, budget.effort)


def judged(clause: str, kind: str, programs: int, explored: list[Exploration], accept_bound: int) -> KindResult:
    """A clause passes if the search of each of its programs does; `accept_bound` is what was demanded of a search within a bound."""
    failure = explored[-1].failure
    open_ends = [
        OpenEnd(clause, e.program, f"{e.verdict}{', ' if e.reached else ''}{e.reached}", e.within)
        for e in explored
        if not e.exhausted and not e.failure
    ]
    verdict = FAIL if failure else PASS if all(e.passed for e in explored) else ERROR
    if verdict == ERROR:
        failure = _no_verdict(explored, accept_bound)
    return KindResult(
        clause,
        kind,
        verdict,
        sum(e.executions for e in explored),
        complete=len(explored) == programs and all(e.exhausted for e in explored),
        programs=programs,
        exhausted=sum(e.exhausted for e in explored),
        robust=sum(e.robust for e in explored),
        open_ends=tuple(open_ends),
        failure=failure,
        failing=(failure.program,) if failure and verdict == FAIL else (),
        race=next((e.race for e in explored if e.race), None),
        uses=_first_of_each(seen for e in explored for seen in e.uses),
    )


def _first_of_each(uses: Iterable[SeenUse]) -> tuple[SeenUse, ...]:
    """What several programs have noted, each thing where the first of them has."""
    found: dict[Key, SeenUse] = {}
    for seen in uses:
        found.setdefault(seen.use.key, seen)
    return tuple(found.values())


def _no_verdict(explored: list[Exploration], accept_bound: int) -> Failure:
    """Why nothing can be said: that the stage is not deterministic comes before that a search was cut off."""
    for exploration in explored:
        if exploration.verdict == NOT_DETERMINISTIC:
            return Failure(NOT_DETERMINISTIC, f"{exploration.program}: {exploration.reached}", exploration.program)
    undecided = next(e for e in explored if not e.passed)
    if undecided.untried:
        return Failure(UNDECIDED, f"{undecided.program}: {undecided.untried}", undecided.program, untried=True)
    reached = undecided.reached if undecided.within is None else f"and a pass needs {accept_bound}"
    return Failure(UNDECIDED, f"{undecided.program}: {undecided.verdict}, {reached}", undecided.program)


def timed_steps(program: Program, usual: int) -> int:
    """How many operations an execution of `program` in virtual time may take."""
    return max(usual, program.timed_steps)


def timed_failure(program: str, execute: Executed, seed: int, steps: int) -> Failure | None:
    """Run `program` once in virtual time; say what went wrong, if anything."""
    return _judged_timed(program, execute, TimedEngine(seed=seed, jitter=JITTER, max_steps=steps), seed)


def timed_verdict(program: Program, module: ModuleType, kind: str, engine: TimedEngine, seed: int) -> Failure | None:
    """As `timed_failure`, on an engine made with `seed` and `JITTER`."""
    return _judged_timed(program.name, Executed(program, module, kind), engine, seed)


def _judged_timed(program: str, execute: Executed, engine: TimedEngine, seed: int) -> Failure | None:
    execute(engine)
    violation = engine.failure
    return None if violation is None else Failure(violation.kind, violation.message, program, TIMED, seed=seed, steps=engine.max_steps)
