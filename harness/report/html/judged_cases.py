"""Every test of a run, one by one: a clause for a kind on a stage under a memory model, and whose a violation is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.verify.conclusions import Conclusion, by_model
from harness.verify.executions import Key
from harness.verify.steps import Step
from harness.verify.verdicts import FAIL, Failure, KindResult, StageResult


@dataclass(frozen=True)
class JudgedCase:
    """A test. `conclusion`: what is to be said under its memory model alone."""

    stage: StageResult
    model: str
    result: KindResult
    conclusion: Conclusion

    @property
    def violation(self) -> Failure | None:
        """What was violated, if anything was."""
        return self.result.failure if self.result.verdict == FAIL else None

    def is_step(self, steps: Sequence[Step]) -> bool:
        """Whether this is one of the steps."""
        return self._step(steps, self.stage.index) is not None

    def _step(self, steps: Sequence[Step], patch: int) -> Step | None:
        clause, kind = self.result.clause, self.result.kind
        return next((step for step in steps if step.patch == patch and step.clause == clause and kind in step.kinds), None)

    @property
    def whose(self) -> str:
        """Who has broken the clause, or why nobody is accused, in words."""
        steps, index, clause, kind = self.conclusion.steps, self.stage.index, self.result.clause, self.result.kind
        if (index, clause, kind) in steps.tolerated:
            found = (change for change, kinds in steps.accepted if change.clause == clause and kind in kinds and change.patch <= index)
            return "; ".join(f"accepted from patch {change.patch} on: {change.why}" for change in found)
        if self.conclusion.violated_alone:
            return "nobody knows who has broken it: only this stage was tested"
        if (index, clause, kind) in steps.inherited:
            return "the baseline violates it already"
        for patch in range(index, -1, -1):
            if step := self._step(steps.breaks, patch):
                return f"patch {patch}{'' if step.certain else ' or before'} has broken it"
            if self._step(steps.unknown, patch):
                return f"patch {patch} or before has broken it, or the baseline"
        return "nobody is known to have broken it"


def judged_cases(stages: Sequence[StageResult], conclusion: Conclusion) -> Iterator[JudgedCase]:
    """All tests that have an outcome, stage by stage."""
    for stage in stages:
        for model, tested, concluded in by_model(stage, conclusion):
            for clause in tested.clauses.values():
                yield from (JudgedCase(stage, model, result, concluded) for result in clause.kinds.values())


def executions_on_page(stages: Sequence[StageResult], conclusion: Conclusion) -> list[Key]:
    """The executions that the page shows: of every violation, whoever it is of."""
    failed = ((case.stage.index, case.violation.replay) for case in judged_cases(stages, conclusion) if case.violation)
    return [(index, replay) for index, replay in dict.fromkeys(failed) if replay]
