"""Every test of a run, and whose a violation is."""

from __future__ import annotations

from harness.report.html.judged_cases import executions_on_page, judged_cases
from harness.verify.verdicts import StageResult
from stages.api import AcceptedChange
from tests.report.made import MakeStage, concluded, under_models


def whose(stages: list[StageResult], accepted: tuple[AcceptedChange, ...] = ()) -> dict[tuple[int, str], str]:
    """Of each violation for the kind softirq: whose it is."""
    cases = judged_cases(stages, concluded(stages, of_stages=len(stages), accepted=accepted))
    return {(case.stage.index, case.result.clause): case.whose for case in cases if case.violation}


def test_whose_a_violation_is(stage: MakeStage) -> None:
    """The baseline's stays its own until it is mended; a patch answers for what the stage before kept, if that is known."""
    verdicts = [("fail", "pass"), ("fail", "fail"), ("pass", "error"), ("fail", "fail")]
    assert whose([stage(index, {"a": a, "b": b}) for index, (a, b) in enumerate(verdicts)]) == {
        (0, "a"): "the baseline violates it already",
        (1, "a"): "the baseline violates it already",
        (1, "b"): "patch 1 has broken it",
        (3, "a"): "patch 3 has broken it",
        (3, "b"): "patch 1 has broken it",
    }


def test_the_last_patch_that_broke_it_has(stage: MakeStage) -> None:
    """Not one before, whose fault was repaired."""
    found = whose([stage(index, {"a": verdict}) for index, verdict in enumerate(("pass", "fail", "pass", "fail", "fail"))])
    assert found == {(1, "a"): "patch 1 has broken it", (3, "a"): "patch 3 has broken it", (4, "a"): "patch 3 has broken it"}


def test_nobody_is_accused_where_nobody_knows(stage: MakeStage) -> None:
    """Where no stage before has a verdict, and where only one was tested."""
    found = whose([stage(0, {"a": "error"}), stage(1, {"a": "fail"})])
    assert found == {(1, "a"): "patch 1 or before has broken it, or the baseline"}
    alone = [stage(1, {"a": "fail"})]
    (case,) = judged_cases(alone, concluded(alone))
    assert case.whose == "nobody knows who has broken it: only this stage was tested"


def test_what_is_accepted_says_why(stage: MakeStage) -> None:
    """From its patch on."""
    stages = [stage(0, {"a": "pass"}), stage(1, {"a": "fail"})]
    assert whose(stages, (AcceptedChange("a", ("softirq",), 1, "it is meant"),)) == {(1, "a"): "accepted from patch 1 on: it is meant"}


def test_every_violation_is_executed(stage: MakeStage) -> None:
    """Also what is accepted or the baseline's, each once; nothing without a verdict, and nothing that is no execution."""
    stages = [stage(0, {"a": "fail fail", "b": "error"}), stage(1, {"a": "pass", "b": "fail"})]
    both = under_models(sc=stages, tso=stages)
    for of, each in ((stages, concluded(stages)), (both, concluded(both))):
        assert executions_on_page(of, each) == [(0, "h1/softirq"), (0, "h1/vcpu"), (1, "h1/softirq")]
