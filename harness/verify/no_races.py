"""The clause `no-races`: it has no programs of its own, every execution of every other clause's programs is searched for data races.

So its result follows from theirs: `fail` if one of them has a race, `pass` if all of them saw every execution that their search is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from harness.explored.explored_engine import ExploredEngine
from harness.jobs.unseen_state import Executed
from harness.machine.diagnosis import HANG
from harness.search.race_detector import checking_races
from harness.search.search import Execute
from harness.suite.clause import NO_RACES
from harness.suite.program import Program
from harness.verify.verdicts import ERROR, FAIL, NOT_DETERMINISTIC, NOT_RUN, PASS, UNDECIDED, Failure, KindResult

# How many clauses a message names.
NAMED = 3


def executing(program: Program, module: ModuleType, kind: str, clause: str = "") -> Execute:
    """What a search, or a replay, executes to test `clause`."""
    execute = Executed(program, module, kind)
    return only_races(execute) if clause == NO_RACES else execute


def only_races(execute: Execute) -> Execute:
    """Executions that fail for a data race and for nothing else, but when they do not come back."""

    def unjudged(engine: ExploredEngine) -> None:
        execute(engine)
        if engine.failure is not None and engine.failure.kind != HANG:
            engine.failure = None

    return checking_races(unjudged)


def no_races(kind: str, results: Sequence[KindResult]) -> KindResult:
    """The result for one kind of tasklet, from those of all other clauses."""
    race = next((result.race for result in results if result.race is not None), None)
    early = [result.clause for result in results if not saw_everything(result)]
    tried = any(result.executions for result in results)
    given_up = next((result.failure for result in results if result.failure is not None), None)
    unsteady = next((result.failure for result in results if result.failure and result.failure.kind == NOT_DETERMINISTIC), None)
    lacking = next((result.failure for result in results if result.failure and result.failure.lacking), None)
    if race is not None:
        verdict, failure = FAIL, race
    elif not early:
        verdict, failure = PASS, None
    elif unsteady is not None:
        verdict, failure = ERROR, unsteady
    elif lacking is not None:
        verdict, failure = ERROR, lacking
    elif not tried and given_up is not None:
        verdict, failure = ERROR, Failure(NOT_RUN, given_up.message)
    else:
        names = ", ".join(early[:NAMED]) + (f" and {len(early) - NAMED} more" if len(early) > NAMED else "")
        verdict, failure = ERROR, Failure(UNDECIDED, f"no race so far, but the searches of {names} ended before they had seen everything")
    return KindResult(
        NO_RACES,
        kind,
        verdict,
        sum(result.executions for result in results),
        complete=verdict == PASS and all(result.complete for result in results),
        programs=sum(result.programs for result in results),
        exhausted=sum(result.exhausted for result in results),
        robust=sum(result.robust for result in results),
        open_ends=tuple(end for result in results for end in result.open_ends),
        failure=failure,
        race=race,
    )


def saw_everything(result: KindResult) -> bool:
    """Whether every program was searched to an end: one that a failure ended has not seen the rest, unless somebody went on beyond it."""
    return result.verdict == PASS or result.all_seen or 0 < result.programs == result.exhausted
