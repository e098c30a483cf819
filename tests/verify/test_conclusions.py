"""What is concluded from the results of all stages."""

from __future__ import annotations

import pytest

from harness.verify.conclusions import all_good, bisectable_line, first_bad, performance_line, what
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
    assert not all_good([stage(0, {"a": "pass"}, error="the stage did not come back")])


@pytest.mark.parametrize(
    ("overheads", "said"),
    [
        ({0: 10.0, 1: 0.1, 2: 0.0}, "the performance bug is fixed by patch 1"),
        ({0: 10.0, 1: 0.1, 2: 9.0, 3: 0.1}, "the performance bug is fixed by patch 3"),
        ({0: 10.0, 3: 0.1}, "the performance bug is fixed between stages 0 and 3"),
        ({0: 10.0, 1: 9.0}, "the performance bug is there in stage 1, the last one"),
        ({0: 0.1, 1: 0.1}, "no stage has the performance bug"),
        ({0: 0.5, 1: 0.49}, "the performance bug is fixed by patch 1"),
        ({0: 10.0, 1: None}, "the performance bug: not measured on every stage"),
    ],
)
def test_which_patch_fixes_the_performance_bug(stage: MakeStage, overheads: dict[int, float | None], said: str) -> None:
    """The one after the last stage that is above the threshold."""
    assert performance_line([stage(index, {}, idle_overhead_pct=value) for index, value in overheads.items()]) == said
