"""What the results of all stages say about the series: is it bisectable, and which patch broke a clause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.suite.clause import NO_RACES
from harness.suite.figure import NotMeasured
from harness.verify.verdicts import PASS, ClauseResult, Failure, KindResult, StageResult

ADDRESS = re.compile(r"\b0x[0-9a-f]{8,}\b")


@dataclass(frozen=True)
class Search:
    """How much was searched: programs (each counts once for each kind), how many to the end, and how far the others got."""

    programs: int
    exhausted: int
    open_ends: tuple[str, ...]

    @classmethod
    def of(cls, results: Iterable[KindResult]) -> Search:
        """Add up."""
        found = list(results)
        ends = tuple(f"{result.kind}, {end.program}: {end.how_far}" for result in found for end in result.open_ends)
        return cls(sum(result.programs for result in found), sum(result.exhausted for result in found), ends)


def searched(clauses: Iterable[ClauseResult]) -> list[KindResult]:
    """The results that speak of every search once: for a kind that `no-races` was tested for, that one covers all."""
    found = {clause.clause: clause.kinds for clause in clauses}
    races = found.pop(NO_RACES, {})
    return [*races.values(), *(result for kinds in found.values() for kind, result in kinds.items() if kind not in races)]


def what(failure: Failure) -> str:
    """What was violated, in one line. Addresses differ from run to run, so none is shown."""
    return ADDRESS.sub("0x…", f"{failure.kind}: {' '.join(failure.message.split())}")


def first_bad(stages: Sequence[StageResult]) -> dict[str, int]:
    """Each clause that some stage does not keep, with the first such stage."""
    found: dict[str, int] = {}
    for stage in stages:
        for clause, result in stage.clauses.items():
            if result.verdict != PASS:
                found.setdefault(clause, stage.index)
    return found


def all_good(stages: Sequence[StageResult]) -> bool:
    """Whether every clause that was tested passes, and everything that was to be measured could be."""
    measured = not any("error" in stage.behaviour or isinstance(stage.performance, NotMeasured) for stage in stages)
    return measured and not first_bad(stages)


def bisectable_line(stages: Sequence[StageResult]) -> str:
    """One sentence: whether every stage keeps the contract, else the first bad patch."""
    bad = first_bad(stages)
    if not bad:
        return "bisectable: yes, every stage keeps the contract"
    index = min(bad.values())
    clauses = [clause for clause, first in bad.items() if first == index]
    return f"bisectable: no, first bad patch {index} for clause{'s' * (len(clauses) > 1)} {', '.join(clauses)}"
