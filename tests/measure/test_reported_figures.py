"""What was reported: the thresholds that decide whether a stage has the bug, and the claims."""

from __future__ import annotations

from harness.measure.reported_figures import CLAIMS, has_bug
from harness.suite.figure import NotMeasured
from tests.measure.made import performance

WITHOUT = {"idle_overhead_pct": 0.0, "idle_steal_pct": 0.1}


def test_either_figure_is_the_bug() -> None:
    """Overhead of 0.5 % or steal of 2 %; unknown if one of them is."""
    assert has_bug(performance(**WITHOUT)) is False
    assert has_bug(performance(idle_overhead_pct=0.5, idle_steal_pct=0.1)) is True
    assert has_bug(performance(idle_overhead_pct=0.4, idle_steal_pct=2.0)) is True
    assert has_bug(performance(idle_overhead_pct=None)) is None
    assert has_bug(NotMeasured("broke down")) is None


def test_claims_share_the_thresholds() -> None:
    """What is at its threshold from stage 1 on has not vanished."""
    stages = {0: performance(idle_overhead_pct=0.5), 1: performance(idle_overhead_pct=0.5, idle_steal_pct=1.99)}
    assert [claim.holds(claim.value(stages)) for claim in CLAIMS[:4]] == [True, False, False, True]
