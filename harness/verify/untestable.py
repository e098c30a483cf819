"""Tells a stage of which no test says anything from one that is wrong as a stage: the first accuses no patch.

A stage with state that the machine does not see may be anything: what it seems to keep or to violate depends on what nobody has searched.
A stage that lacks what a program asks for cannot be tested for that clause, and other clauses say what they say: but where an exception may
have been handled, what seems to keep or to violate them may have asked for it as well (`harness.verify.handled_exceptions`).
An exception such as `NameError`, raised by the stage's own code in nearly every program, says nothing about the contract. In a few programs
it is a violation like any other: there, the code does something else than in the rest.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.machine.diagnosis import CRASH
from harness.sources.target import Target
from harness.suite.clause import NO_RACES
from harness.suite.own_suite import files_of, place_of
from harness.verify.handled_exceptions import handles_exceptions
from harness.verify.verdicts import ERROR, FAIL, NOT_RUN, UNTESTABLE, ClauseResult, Failure, KindResult

# As `diagnosis.crash` words it.
WORDED = re.compile(r"(?P<exception>\w+)(?:: (?P<detail>.*))? at (?P<file>[^:]*):(?P<line>[0-9]+) \(.*\)")

# These judge the stage: it says itself that something is wrong, or it does too much.
JUDGEMENTS = (AssertionError, RecursionError)

# Nearly every program: so many of a hundred, and so many at least, or all.
SHARE = 90
LEAST = 3


@dataclass(frozen=True)
class PythonError:
    """An exception in a line of a stage."""

    exception: str
    detail: str
    line: str

    @property
    def sentence(self) -> str:
        """Completes "the stage …"."""
        return f"raises {self.exception} in nearly every program: {self.detail}{', ' * bool(self.detail)}line {self.line}"


def python_error(failure: Failure | None, target: Target) -> PythonError | None:
    """The exception that a failure is about, if it is one that the code of `target` raised by mistake."""
    found = WORDED.fullmatch(failure.message) if failure is not None and failure.kind == CRASH else None
    if found is None or found["file"] != Path(target.path).name:
        return None
    kind = getattr(builtins, found["exception"], None)
    mistaken = isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, JUDGEMENTS)
    return PythonError(found["exception"], found["detail"] or "", found["line"]) if mistaken else None


def without_accusation(target: Target, clauses: dict[str, ClauseResult], tested: Sequence[KindResult]) -> dict[str, ClauseResult]:
    """The same results, or none of them a violation if no test of the stage says anything; nor is any kept if that may be hidden.

    So it is if one of `tested` has found that out, or if nearly every one is an exception that was raised by mistake. A test ends at its
    first program that fails: so a clause counts once for each kind. Those that the stage lacks something for count neither way.
    """
    begun = [each for each in tested if each.clause != NO_RACES and not (each.failure is not None and each.failure.kind == NOT_RUN)]
    lacking = [failure for each in begun if (failure := each.failure) is not None and failure.lacking]
    others = [each for each in begun if each.failure is None or not each.failure.lacking]
    failure = next((each.failure for each in others if each.failure is not None and each.failure.of_whole_stage), None)
    hidden = _hidden(target, lacking[0]) if lacking else None
    failure = failure or _mistaken(target, others) or hidden
    if failure is None:
        return clauses
    return {name: ClauseResult(name, _judged(result, failure, whole=hidden is not None)) for name, result in clauses.items()}


def _mistaken(target: Target, begun: Sequence[KindResult]) -> Failure | None:
    errors = [error for each in begun if each.verdict == FAIL and (error := python_error(each.failure, target))]
    if not errors or len(errors) * 100 < SHARE * len(begun) or len(errors) < min(LEAST, len(begun)):
        return None
    return Failure(UNTESTABLE, errors[0].sentence)


def may_hide(target: Target) -> bool:
    """Whether a test of the stage may ask for what is lacking, and nobody is told: of suites of one's own, which alone can ask in vain."""
    return bool(place_of(target.suite)) and (target.is_c or bool(_handling(target)))


def _hidden(target: Target, lacking: Failure) -> Failure | None:
    """Why no verdict counts, if what the stage lacks may have come up in other tests as well, unseen; None if it may not.

    What an exception passes through in C, nobody has looked at.
    """
    if target.is_c:
        return replace(lacking, lacking=False)
    place = _handling(target)
    return Failure(UNTESTABLE, f"{lacking.message}; {place} may hide that it is asked for, so no verdict counts") if place else None


def _handling(target: Target) -> str:
    """Where an exception may be handled between a line of the suite and another one."""
    return handles_exceptions([(Path(target.path).name, target.source), *target.beside, *files_of(target.suite)])


def _judged(result: ClauseResult, failure: Failure, whole: bool) -> dict[str, KindResult]:
    """No violation has a verdict; with `whole`, nor has what passes."""
    return {
        kind: replace(each, verdict=ERROR, failure=failure, race=None) if whole or each.failure is not None else each
        for kind, each in result.kinds.items()
    }
