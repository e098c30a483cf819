"""Results to report on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.measure.performance import Performance
from harness.suite.figure import NotMeasured
from harness.verify.verdicts import ERROR, FAIL, NOT_RUN, PASS, ClauseResult, Failure, KindResult, StageResult

# Makes the results of a stage, see the fixture `stage`.
MakeStage = Callable[..., StageResult]


@pytest.fixture
def stage() -> MakeStage:
    """Make a stage's results from verdicts, as `{"clause": "pass fail"}` for the kinds softirq, vcpu."""

    def make(index: int, verdicts: dict[str, str], performance: Performance | NotMeasured | None = None) -> StageResult:
        made = StageResult(index, f"tasklet: Patch {index}.", f"stages.s{index}", performance=performance)
        for clause, words in verdicts.items():
            result = made.clauses[clause] = ClauseResult(clause)
            for kind, verdict in zip(("softirq", "vcpu"), words.split(), strict=False):
                what = NOT_RUN if verdict == ERROR else "BUG"
                failure = None if verdict == PASS else Failure(what, f"{clause} is\nviolated", replay=f"h1/{kind}")
                assert verdict in (PASS, FAIL, ERROR)
                result.kinds[kind] = KindResult(clause, kind, verdict, 7, programs=2, exhausted=2 - (verdict != PASS), failure=failure)
        return made

    return make
