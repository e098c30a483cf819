"""Tells whether all stages lack the same of what a suite calls: then it is hardly the stages that are wrong.

Of one stage, nobody can know (`harness.machine.lacking_api`). It stays untestable; what is said here is a hint.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from harness.machine.lacking_api import in_common
from harness.verify.faults import lacks, untestable
from harness.verify.search_rounds import PairSearch
from harness.verify.verdicts import UNTESTABLE, KindResult, StageResult


def lacked_by_all(stages: Sequence[StageResult], problems: Mapping[int, str] | None = None) -> list[str]:
    """A sentence for each thing that each of several stages lacks. `problems`: why stages by these numbers did not load."""
    whole = {**untestable(stages), **(problems or {})}
    every = [[whole[stage.index]] if stage.index in whole else [each.reason for each in lacks(stage)] for stage in stages]
    common = [dict.fromkeys(filter(None, map(in_common, reasons))) for reasons in every]
    return [sentence for sentence in common[0] if all(sentence in each for each in common)] if len(common) > 1 else []


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
