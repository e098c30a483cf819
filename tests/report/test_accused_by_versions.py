"""A comparison of versions as accusations."""

from __future__ import annotations

from harness.report.accused_by_versions import accused_by_versions, open_ends
from harness.suite.registry import suite_named
from tests.report.compared_versions import compared
from tests.report.made import MakeStage


def test_what_is_held_against_patches(stage: MakeStage) -> None:
    """What is new is an error, what was there before a notice, and what cannot be compared a warning; what is uncertain says so."""
    verdicts = ("pass pass", "fail pass", "pass fail"), ("pass pass", "pass undecided", "pass fail", "fail fail")
    old, new = ([stage(at, dict(zip("ab", words.split(), strict=True))) for at, words in enumerate(of)] for of in verdicts)
    sides, versions = compared(old, new, (1, 1), (2, 2), (None, 3))
    accused = accused_by_versions(sides, versions, new, suite_named("tasklets"), ())
    assert [(each.level, each.patch, each.title) for each in accused.accusations] == [
        ("notice", 2, "patch 2 of v2 still breaks b (or before)"),
        ("error", 3, "patch 3 of v2 newly breaks a"),
    ]
    assert [(each.level, each.title, each.message) for each in open_ends(sides, versions)] == [
        ("warning", "not compared", "patch 1 of v2: b: v2 has no verdict")
    ]
