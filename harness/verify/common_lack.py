"""Tells whether all stages lack the same of what a suite calls: then it is hardly the stages that are wrong.

Of one stage, nobody can know (`harness.machine.lacking_api`). It stays untestable; what is said here is a hint.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from harness.machine.lacking_api import in_common
from harness.verify.faults import untestable
from harness.verify.search_rounds import PairSearch
from harness.verify.verdicts import UNTESTABLE, KindResult, StageResult


def lacked_by_all(stages: Sequence[StageResult], problems: Mapping[int, str] | None = None) -> str:
    """One sentence, if each of several stages lacks it; else nothing. `problems`: why stages by these numbers did not load."""
    reasons = {**untestable(stages), **(problems or {})}
    return _common([reasons.get(stage.index, "") for stage in stages])


def lacked_in_search(searches: Iterable[PairSearch]) -> str:
    """The same of those stages that were tested in a search."""
    reasons: dict[int, str] = {}
    for each in searches:
        for stage, result in each.results.items():
            reasons[stage] = reasons.get(stage) or _reason(result)
    return _common(reasons.values())


def _reason(result: KindResult) -> str:
    return result.failure.message if result.failure is not None and result.failure.kind == UNTESTABLE else ""


def _common(reasons: Collection[str]) -> str:
    sentences = {in_common(reason) for reason in reasons}
    return sentences.pop() if len(reasons) > 1 and len(sentences) == 1 else ""
