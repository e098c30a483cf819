"""What the results of all stages say about the series: is it bisectable, which patch broke a clause, which one fixed the bug."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.suite.clause import NO_RACES
from harness.verify.verdicts import PASS, ClauseResult, Failure, KindResult, StageResult

ADDRESS = re.compile(r"\b0x[0-9a-f]{8,}\b")

# An idle guest that loses less than this to tasklets does not have the performance bug.
IDLE_OVERHEAD_PCT = 0.5


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
    return not first_bad(stages) and not any("error" in part for stage in stages for part in (stage.behaviour, stage.performance))


def bisectable_line(stages: Sequence[StageResult]) -> str:
    """One sentence: whether every stage keeps the contract, else the first bad patch."""
    bad = first_bad(stages)
    if not bad:
        return "bisectable: yes, every stage keeps the contract"
    index = min(bad.values())
    clauses = [clause for clause, first in bad.items() if first == index]
    return f"bisectable: no, first bad patch {index} for clause{'s' * (len(clauses) > 1)} {', '.join(clauses)}"


def performance_line(stages: Sequence[StageResult]) -> str:
    """One sentence: which patch takes the idle guests' overhead below the threshold, for good."""
    overheads = [(stage.index, _idle_overhead(stage)) for stage in stages]
    if any(value is None for _, value in overheads):
        return "the performance bug: not measured on every stage"
    slow = [position for position, (_, value) in enumerate(overheads) if value is not None and value >= IDLE_OVERHEAD_PCT]
    if not slow:
        return "no stage has the performance bug"
    if slow[-1] == len(overheads) - 1:
        return f"the performance bug is there in stage {overheads[-1][0]}, the last one"
    before, after = overheads[slow[-1]][0], overheads[slow[-1] + 1][0]
    return (
        f"the performance bug is fixed by patch {after}"
        if after == before + 1
        else f"the performance bug is fixed between stages {before} and {after}"
    )


def _idle_overhead(stage: StageResult) -> Any:
    return stage.performance.get("idle_overhead_pct")
