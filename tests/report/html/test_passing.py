"""Groups of counterexamples at the lines of a patch."""

from __future__ import annotations

from harness.report.html.anchors import Anchors
from harness.report.html.failures_on_page import FailureOnPage, each_once, failures_on_page
from harness.report.html.passing import Passing, passing
from harness.report.html.patch_diff import ADDED, SAME, DiffLine, FileDiff
from tests.report.html.runs_on_page import run_on_page
from tests.report.made import MakeStage, concluded


def failures(stage: MakeStage) -> list[FailureOnPage]:
    """Of a for two kinds, and of b for one."""
    stages = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "fail fail", "b": "fail"})]
    return list(each_once(failures_on_page(run_on_page(stages, concluded(stages)).reported.reviewed, {}, Anchors())))


def groups(stage: MakeStage, *visits: tuple[int, ...]) -> list[Passing]:
    """Where a new file has lines with these visits."""
    lines = tuple(DiffLine(ADDED, None, at, "x", each) for at, each in enumerate(visits, 1))
    return list(passing("here", [FileDiff("s.py", "", lines)], failures(stage)).values())


def test_lines_with_the_same_counterexamples_are_one_group(stage: MakeStage) -> None:
    """Wherever they are; each group has a place of its own, and the numbers of its lines."""
    found = groups(stage, (1, 3), (1, 3), (), (1,), (1, 3))
    assert [(each.anchor, each.lines) for each in found] == [("here-through-1", "1–2, 5"), ("here-through-2", "4")]
    assert [len(each.failures) for each in found] == [2, 1]


def test_what_stands_at_the_lines(stage: MakeStage) -> None:
    """One clause is named, with its kinds; several are counted, and listed by clause."""
    found = groups(stage, (1,), (1, 2), (1, 2, 3))
    assert [each.label for each in found] == ["a (softirq)", "a (softirq, vcpu)", "3 counterexamples of 2 clauses"]
    assert {clause: [each.kind for each in of] for clause, of in found[-1].clauses.items()} == {"a": ["softirq", "vcpu"], "b": ["softirq"]}


def test_files_are_told_apart(stage: MakeStage) -> None:
    """The same counterexample through two of them is two groups."""
    lines = (DiffLine(ADDED, None, 1, "x", (1,)), DiffLine(SAME, 1, 2, "y"))
    found = passing("here", [FileDiff(name, "", lines) for name in ("s.py", "t.py")], failures(stage))
    assert list(found) == [("s.py", (1,)), ("t.py", (1,))]
    assert [each.anchor for each in found.values()] == ["here-through-1", "here-through-2"]
