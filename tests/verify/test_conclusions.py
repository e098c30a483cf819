"""What is concluded from the results of all stages."""

from __future__ import annotations

from harness.suite.figure import NotMeasured
from harness.verify.conclusions import all_good, bisectable_line, first_bad, what
from harness.verify.verdicts import Failure
from tests.report.made import MakeStage


def test_good(stage: MakeStage) -> None:
    """Nothing fails."""
    stages = [stage(0, {"a": "pass", "b": "pass pass"}), stage(1, {"a": "pass"})]
    assert first_bad(stages) == {}
    assert all_good(stages)
    assert bisectable_line(stages) == "bisectable: yes, every stage keeps the contract"


def test_bad(stage: MakeStage) -> None:
    """The first stage that fails a clause counts, for any kind; an error is no pass."""
    stages = [
        stage(0, {"a": "pass", "b": "pass"}),
        stage(1, {"a": "pass fail", "b": "pass", "c": "error"}),
        stage(2, {"a": "fail", "b": "fail"}),
    ]
    assert first_bad(stages) == {"a": 1, "c": 1, "b": 2}
    assert not all_good(stages)
    assert bisectable_line(stages) == "bisectable: no, first bad patch 1 for clauses a, c"


def test_what_was_violated_has_one_line_and_no_address() -> None:
    """Masks stay."""
    assert what(Failure("crash", "<f at 0x7f17496c09a0>\n of 0x10")) == "crash: <f at 0x…> of 0x10"


def test_what_could_not_be_measured_is_not_good(stage: MakeStage) -> None:
    """Neither behaviour nor performance."""
    assert not all_good([stage(0, {"a": "pass"}, NotMeasured("the stage did not come back"))])
