"""Results to report on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.measure.performance import Performance
from harness.suite.figure import NotMeasured
from harness.verify.conclusions import Conclusion, Selection, bisectable
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
) -> Conclusion:
    """What follows from results for the kind softirq, out of a suite with `every_clause` and a series of `of_stages`."""
    clauses = tuple((name, ("softirq",)) for name in dict.fromkeys(name for stage in stages for name in stage.clauses))
    every = tuple((name, ("softirq",)) for name in every_clause)
    indices = tuple(stage.index for stage in stages)
    return bisectable(stages, Selection("fixed", "tasklets", clauses, indices, every, tuple(range(of_stages))), interrupted, accepted)


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
