"""What there is to say about each patch that breaks something: the clauses, and of each the execution that is the simplest to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harness.verify.conclusions import Conclusion
from harness.verify.simplicity import simplicity
from harness.verify.steps import Step
from harness.verify.verdicts import Failure, StageResult


@dataclass(frozen=True)
class Complaint:
    """A patch breaks a clause for some kinds under some memory models. `failure`: the simplest of them all; `kind`: the kind that it is of.

    `under_sc`: what sequential consistency says to that one, if it was tried.
    """

    step: Step
    models: tuple[str, ...]
    kind: str
    failure: Failure
    under_sc: str = ""


def broken_by_patches(conclusion: Conclusion) -> tuple[Step, ...]:
    """What patches break for certain."""
    return conclusion.steps.breaks


def held_against_somebody(conclusion: Conclusion) -> tuple[Step, ...]:
    """Also what a patch breaks or the baseline, nobody knows which, and what the only stage that was tested violates."""
    return (*conclusion.steps.breaks, *(conclusion.violated_alone or conclusion.steps.unknown))


def complaints(
    stages: Sequence[StageResult], conclusion: Conclusion, steps_of: Callable[[Conclusion], tuple[Step, ...]] = broken_by_patches
) -> dict[int, list[Complaint]]:
    """By the number of the patch; each clause once."""
    models = conclusion.models or {conclusion.selection.models[0]: conclusion}
    tested = {stage.index: stage for stage in stages}
    found: dict[int, list[Complaint]] = {}
    for step in steps_of(conclusion):
        stage = tested[step.patch]
        under = tuple(model for model, each in models.items() if any(_same(step, other) for other in steps_of(each)))
        failures = list(_failures(stage, step, under))
        if failures:
            kind, failure = min(failures, key=lambda pair: simplicity(pair[1]))
            sc = stage.under_sc.get((step.clause, kind), "")
            found.setdefault(step.patch, []).append(Complaint(step, under, kind, failure, sc))
    return found


def _same(step: Step, other: Step) -> bool:
    return (step.patch, step.clause, step.certain) == (other.patch, other.clause, other.certain)


def _failures(stage: StageResult, step: Step, models: Sequence[str]) -> Iterator[tuple[str, Failure]]:
    for model in models:
        clauses = stage.models.get(model, stage.clauses)
        for kind in step.kinds:
            result = clauses[step.clause].kinds.get(kind) if step.clause in clauses else None
            if result is not None and result.failure is not None:
                yield kind, result.failure
