"""Names for places on a page."""

from __future__ import annotations

from harness.report.html.anchors import Anchors


def test_names_are_safe_and_given_once() -> None:
    """Whatever a clause is called, nothing of its name ends an attribute or an address."""
    anchors = Anchors()
    assert [anchors.of("failure", 1, name) for name in ('a" b', "a?b", "a-b", "#ü")] == [
        "failure-1-a-b",
        "failure-1-a-b-2",
        "failure-1-a-b-3",
        "failure-1-",
    ]
