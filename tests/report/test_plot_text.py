"""The words of plots."""

from __future__ import annotations

from dataclasses import replace

from harness.report.plot_text import LONGEST_NAME, NOTHING, alike, conditions, fitting, gaps, stage_name
from harness.suite.figure import NotMeasured
from tests.report.html.measured_stages import CONFIGURATION, measured


def test_names_have_number_and_title() -> None:
    """A long title is cut, and what is no text, or would be a line of its own, does not get into a plot."""
    assert stage_name(3, "tasklet: Remove it.") == "3 Remove it"
    assert stage_name(3, "long " * 100) == f"3 {('long ' * 100)[: LONGEST_NAME - 1].rstrip()}…"
    assert fitting("a\n\tb\x00\x1b[1m\ud800\u202e <c>", 90) == "a b\ufffd\ufffd[1m\ufffd\ufffd <c>"


def test_the_same_curve_is_told_once() -> None:
    """All names are in one, in the order of the first of them."""
    assert alike([("0", (1, 2)), ("1", (3, 4)), ("2", (1, 2)), ("3", (1, 2))]) == [("0\n= 2\n= 3", (1, 2)), ("1", (3, 4))]


def test_what_was_not_measured_is_said() -> None:
    """With the reason."""
    assert gaps([("0 A", measured(0)), ("1 B", NotMeasured("is\nmissing"))]) == ["1 B: not measured, the stage is missing"]


def test_conditions() -> None:
    """What all results have in common is named, what differs is said to, and how many runs there were."""
    found = measured(0)
    assert conditions([found, NotMeasured("x")]) == "idle-guests on westmere-ex-8s, lock ttas; 8 runs each"
    other = replace(found, seeds=(1, 2), configuration={**CONFIGURATION, "lock": "mcs"})
    assert conditions([found, other]) == "idle-guests on westmere-ex-8s, several flavours of lock; 2 to 8 runs each"
    assert conditions([NotMeasured("x")]) == NOTHING
