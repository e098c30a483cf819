"""Results to report on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.measure.performance import Performance
from harness.suite.figure import NotMeasured
from harness.verify.conclusions import Conclusion, Selection, bisectable
from harness.verify.models_together import together
from harness.verify.steps import Steps
from harness.verify.verdicts import ERROR, FAIL, NOT_RUN, PASS, UNDECIDED, ClauseResult, Failure, KindResult, StageResult
from stages.api import AcceptedChange

# All clauses of the suite that the results are about.
SUITE = ("a", "b")


def concluded(
    stages: list[StageResult],
    interrupted: bool = False,
    every_clause: tuple[str, ...] = SUITE,
    of_stages: int = 2,
    accepted: tuple[AcceptedChange, ...] = (),
    kinds: tuple[str, ...] = ("softirq",),
) -> Conclusion:
    """What follows from results for `kinds`, out of a suite with `every_clause` and a series of `of_stages`."""
    clauses = tuple((name, kinds) for name in dict.fromkeys(name for stage in stages for name in stage.clauses))
    every = tuple((name, kinds) for name in every_clause)
    indices = tuple(stage.index for stage in stages)
    models = tuple(stages[0].models) or ("sc",)
    selection = Selection("fixed", "tasklets", clauses, indices, every, tuple(range(of_stages)), models)
    return bisectable(stages, selection, interrupted, accepted)


def under_models(**models: list[StageResult]) -> list[StageResult]:
    """The stages as they are over several memory models, from what they are under each."""
    found = []
    for same in zip(*models.values(), strict=True):
        clauses = {model: stage.clauses for model, stage in zip(models, same, strict=True)}
        found.append(replace(same[0], clauses=together(clauses), models=clauses))
    return found


def told(steps: Steps) -> Conclusion:
    """A conclusion with these steps."""
    return Conclusion(None, Selection("fixed", "tasklets", (), (), (), ()), steps)


# Makes the results of a stage, see the fixture `stage`.
MakeStage = Callable[..., StageResult]


@pytest.fixture
def stage() -> MakeStage:
    """Make a stage's results from words, as `{"clause": "pass fail"}` for the kinds softirq, vcpu; `undecided` is a search cut off."""

    def make(index: int, verdicts: dict[str, str], performance: Performance | NotMeasured | None = None) -> StageResult:
        made = StageResult(index, f"tasklet: Patch {index}.", f"stages.s{index}", performance=performance)
        for clause, words in verdicts.items():
            result = made.clauses[clause] = ClauseResult(clause)
            for kind, word in zip(("softirq", "vcpu"), words.split(), strict=False):
                verdict = ERROR if word == UNDECIDED else word
                what = {ERROR: NOT_RUN, UNDECIDED: UNDECIDED}.get(word, "BUG")
                failure = None if verdict == PASS else Failure(what, f"{clause} is\nviolated", "p", replay=f"h1/{kind}")
                assert verdict in (PASS, FAIL, ERROR)
                result.kinds[kind] = KindResult(clause, kind, verdict, 7, programs=2, exhausted=2 - (verdict != PASS), failure=failure)
        return made

    return make
