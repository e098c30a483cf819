"""Which patch fixes the performance bug, in a sentence."""

from __future__ import annotations

import pytest

from harness.measure.figures import IDLE_OVERHEAD
from harness.report.performance_line import performance_line
from harness.suite.figure import NotMeasured
from tests.measure.made import performance


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
def test_which_patch_fixes_the_performance_bug(overheads: dict[int, float | None], said: str) -> None:
    """The one after the last stage that is at the threshold or above it."""
    stages = [(index, performance(**{IDLE_OVERHEAD.name: value})) for index, value in overheads.items()]
    assert performance_line(stages) == said


def test_a_stage_without_figures_is_not_measured() -> None:
    """Whether it could not be measured, or nobody tried."""
    assert performance_line([(0, NotMeasured("broke down"))]) == "the performance bug: not measured on every stage"
    assert performance_line([(0, None)]) == "the performance bug: not measured on every stage"
