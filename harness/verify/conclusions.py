"""What the results of all stages say about the series: is it bisectable, and which patch broke a clause.

No other module decides this, and nothing is claimed here that was not tested.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.suite.clause import NO_RACES
from harness.suite.figure import NotMeasured
from harness.verify.faults import stages_named
from harness.verify.verdicts import ERROR, FAIL, PASS, ClauseResult, Failure, KindResult, StageResult

# Clauses by id, each with the kinds that it is tested for.
Clauses = tuple[tuple[str, tuple[str, ...]], ...]

ADDRESS = re.compile(r"\b0x[0-9a-f]{8,}\b")


@dataclass(frozen=True)
class Search:
    """How much was searched: programs (each counts once for each kind), how many to the end, and how far the others got."""

    programs: int
    exhausted: int
    open_ends: tuple[str, ...]
    # For each bound within which programs were exhausted, how many; the smallest bound first.
    within: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, results: Iterable[KindResult]) -> Search:
        """Add up."""
        found = list(results)
        ends = tuple(f"{result.kind}, {end.program}: {end.how_far}" for result in found for end in result.open_ends)
        bounds = Counter(end.within for result in found for end in result.open_ends if end.within is not None)
        return cls(sum(result.programs for result in found), sum(result.exhausted for result in found), ends, tuple(sorted(bounds.items())))

    @property
    def sentence(self) -> str:
        """What passes were exhausted within, in words."""
        bounded = [f"within {count_of(bound, 'preemption')}: {count_of(programs, 'program')}" for bound, programs in self.within]
        return f"every interleaving{', but ' * bool(bounded)}{', '.join(bounded)}"


def count_of(number: int, what: str) -> str:
    """Such as "1 program" or "6 programs"."""
    return f"{number} {what}{'s' * (number != 1)}"


def searched(clauses: Iterable[ClauseResult]) -> list[KindResult]:
    """The results that speak of every search once: for a kind that `no-races` was tested for, that one covers all."""
    found = {clause.clause: clause.kinds for clause in clauses}
    races = found.pop(NO_RACES, {})
    return [*races.values(), *(result for kinds in found.values() for kind, result in kinds.items() if kind not in races)]


def what(failure: Failure) -> str:
    """What was violated, in one line. Addresses differ from run to run, so none is shown."""
    return ADDRESS.sub("0x…", f"{failure.kind}: {' '.join(failure.message.split())}")


@dataclass(frozen=True)
class Selection:
    """What of a series and a suite was to be tested: `clauses` with their kinds, and the numbers of `stages`; and all that there is."""

    series: str
    suite: str
    clauses: Clauses
    stages: tuple[int, ...]
    every_clause: Clauses
    every_stage: tuple[int, ...]

    @property
    def whole(self) -> bool:
        """Whether that was everything."""
        return set(self.clauses) == set(self.every_clause) and set(self.stages) == set(self.every_stage)

    @property
    def extent(self) -> str:
        """How much of it that was, in words."""
        clauses, every = len(self.clauses), len(self.every_clause)
        kinds = ", some kinds" * (not set(self.clauses) <= set(self.every_clause))
        return f"{clauses} of {every} clauses{kinds}, {len(self.stages)} of {len(self.every_stage)} stages"


@dataclass(frozen=True)
class Conclusion:
    """What a run says of its series; the sentence, the JSON and the exit code are read from here and from nowhere else.

    `bisectable` is None where the run does not tell. `first_bad`: for each violated clause, the first stage that violates it.
    `doubtful`: the stages before the first bad one which are undecided about what that one violates. `undecided`: whether a test
    has no verdict, or a stage could not be measured.
    """

    bisectable: bool | None
    selection: Selection
    first_bad: Mapping[str, int]
    doubtful: tuple[int, ...] = ()
    undecided: bool = False
    interrupted: bool = False

    @property
    def sentence(self) -> str:
        """The answer in one line; of a part of the tests it says that it is a part, and how large."""
        if self.bisectable:
            return "bisectable: yes, every stage keeps the contract"
        if not self.first_bad:
            return "bisectable: undecided, no violation found" if self.selection.whole else f"{self._partial}: no violation found"
        index = min(self.first_bad.values())
        clauses = [clause for clause, first in self.first_bad.items() if first == index]
        if not self.selection.whole:
            return f"{self._partial}: violated, first in stage {index}: {', '.join(clauses)}"
        doubt = f"; undecided before it: {stages_named(self.doubtful)}" if self.doubtful else ""
        return f"bisectable: no, first bad patch {index} for clause{'s' * (len(clauses) > 1)} {', '.join(clauses)}{doubt}"

    @property
    def _partial(self) -> str:
        return f"partial: {self.selection.extent}"


def bisectable(stages: Sequence[StageResult], selection: Selection, interrupted: bool = False) -> Conclusion:
    """Conclude from the results of `stages`, which are in the order of the series.

    A violation anywhere makes the series not bisectable. It is bisectable only if every clause of the suite passes for every kind on
    every stage of the series: what was left out, cut off or could not be tested proves nothing.
    """
    bad = first_bad(stages)
    verdict = False if bad else True if _everything_passes(stages, selection) else None
    return Conclusion(verdict, selection, bad, _doubtful(stages, bad), _without_verdict(stages), interrupted)


def first_bad(stages: Sequence[StageResult]) -> dict[str, int]:
    """Each clause that some stage violates, with the first such stage; a stage without a verdict is not accused."""
    found: dict[str, int] = {}
    for stage in stages:
        for clause, result in stage.clauses.items():
            if result.verdict == FAIL:
                found.setdefault(clause, stage.index)
    return found


def _everything_passes(stages: Sequence[StageResult], selection: Selection) -> bool:
    demanded = {(index, name, kind) for index in selection.every_stage for name, kinds in selection.every_clause for kind in kinds}
    passed = {
        (stage.index, name, kind)
        for stage in stages
        for name, clause in stage.clauses.items()
        for kind, result in clause.kinds.items()
        if result.verdict == PASS
    }
    return bool(demanded) and demanded <= passed


def _doubtful(stages: Sequence[StageResult], bad: Mapping[str, int]) -> tuple[int, ...]:
    first = min(bad.values(), default=0)
    clauses = [name for name, index in bad.items() if index == first]
    return tuple(
        stage.index
        for stage in stages
        if stage.index < first and any(name in stage.clauses and stage.clauses[name].verdict == ERROR for name in clauses)
    )


def _without_verdict(stages: Sequence[StageResult]) -> bool:
    untested = any(kind.verdict == ERROR for stage in stages for clause in stage.clauses.values() for kind in clause.kinds.values())
    return untested or any("error" in stage.behaviour or isinstance(stage.performance, NotMeasured) for stage in stages)
