"""What no single execution shows: two of them that do what cannot both be right, such as to take a lock in a handler, and interruptibly.

Each job returns what its executions have noted (`harness.machine.contexts`), as plain data; they are compared in the order of the plan, so
that the result does not depend on which job ended first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.machine.contexts import TAKES, clash
from harness.machine.diagnosis import LOCK_MISUSE, RACE
from harness.search.replay_string import EXPLORED
from harness.verify.verdicts import FAIL, Failure, KindResult, SeenUse

Clash = tuple[SeenUse, SeenUse]


def compared(results: Sequence[KindResult]) -> Iterator[KindResult]:
    """The same results; one that completes a clash, and is no violation otherwise, is one by that.

    What a clash is about is told once, be it by an execution that shows all of it.
    """
    known: list[SeenUse] = []
    told = {what for result in results for what in _shown(result)}
    for result in results:
        clashes = list(_completed(known, result.uses))
        new = next((pair for pair in clashes if pair[1].use.what not in told), None)
        if new is None or result.verdict == FAIL:
            yield result
        else:
            told.add(new[1].use.what)
            yield replace(result, verdict=FAIL, complete=False, failure=_failure(*new))


def _shown(result: KindResult) -> Iterator[str]:
    """The words about what a single execution has shown to be misused."""
    if result.failure is not None and result.failure.kind == LOCK_MISUSE:
        yield from result.failure.message.split()


def _completed(known: list[SeenUse], uses: Sequence[SeenUse]) -> Iterator[Clash]:
    """The clashes of `uses` with what is known, which they become part of."""
    for seen in uses:
        yield from ((earlier, seen) for earlier in known if clash(earlier.use, seen.use))
        known.append(seen)


def _failure(earlier: SeenUse, later: SeenUse) -> Failure:
    """What is to be replayed is the later one."""
    message = f"{_told(later)}, and {_told(earlier)}"
    kind = LOCK_MISUSE if later.use.how == TAKES else RACE
    return Failure(kind, message, later.program, EXPLORED, deviations=later.deviations, steps=later.steps, model=later.model)


def _told(seen: SeenUse) -> str:
    return f"{seen.use}, in program {seen.program}"
