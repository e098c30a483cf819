"""The page of two versions of a series: its records, and the page read as a browser does."""

from __future__ import annotations

import pytest

from harness.report.html.html_report import BAD, GOOD, UNSURE
from harness.report.html.rendering import VERSIONS, to_html
from harness.report.html.versions_report import VersionsOnPage, VersionsReport, executions_of_versions, versions_report
from harness.report.review import Reviewed
from harness.report.versions_table import Sides
from harness.verify.executions import Executions
from harness.verify.verdicts import StageResult
from harness.verify.versions import Versions
from tests.report.compared_versions import compared
from tests.report.html.page_read import Element, read
from tests.report.html.runs_on_page import SUITE, shown, target
from tests.report.made import MakeStage

Both = tuple[list[StageResult], list[StageResult]]


@pytest.fixture
def both(stage: MakeStage) -> Both:
    """Patch 1 breaks `a` in the first version alone; patch 2 breaks `b` in the second alone, and `a` has no verdict there."""
    verdicts = ("pass pass", "fail pass", "pass pass"), ("pass pass", "pass pass", "undecided fail")
    old, new = ([stage(at, dict(zip("ab", words.split(), strict=True))) for at, words in enumerate(of)] for of in verdicts)
    return old, new


def on_page(both: Both, sides: Sides, versions: Versions, executions: Executions | None = None) -> VersionsReport:
    """What the page has."""
    reviewed = [
        Reviewed(stages, conclusion, SUITE, "quickly", ("--series", name), {}, executions=executions or {})
        for stages, conclusion, name in zip(both, sides.conclusions, ("v1", "v2"), strict=True)
    ]
    targets = {number: target(number) for number in range(4)}
    page = VersionsOnPage(sides, versions, (reviewed[0], reviewed[1]), (targets, targets), ("It is so.",), ("harness", "compare", "my dir"))
    return versions_report(page)


@pytest.fixture
def made(both: Both) -> VersionsReport:
    """The page, with what shows what is mended."""
    return on_page(both, *compared(*both, (1, 1), (2, 2)), {(1, "h1/softirq"): shown("s.py", 1)})


def test_the_answer(both: Both, stage: MakeStage, made: VersionsReport) -> None:
    """Good is only what was compared and is not newly broken."""
    assert (made.state, made.answer.head) == (BAD, "v2 newly breaks a clause")
    same = both[0], both[0]
    assert on_page(same, *compared(*same, (1, 1), (2, 2))).state == GOOD
    unsure = both[0], [*both[0][:2], stage(2, {"a": "undecided", "b": "pass"})]
    assert on_page(unsure, *compared(*unsure, (1, 1), (2, 2))).state == UNSURE


def test_the_matrix(made: VersionsReport) -> None:
    """A column for each patch; what differs leads to the execution of the version that has it."""
    assert [column.stage for column in made.matrix.columns] == ["1", "2"]
    assert [[(cell.word, cell.link) for cell in row.cells] for row in made.matrix.rows] == [
        [("better", "failure-1-a-softirq"), ("undecided", "")],
        [("same", ""), ("worse", "failure-2-b-softirq")],
    ]
    assert (made.matrix.words, made.matrix.patches) == (("worse", "undecided", "better", "same"), ("2",))
    assert [(each.version, each.failure.stage, each.failure.execution is not None) for each in made.differences] == [
        ("v1", 1, True),
        ("v2", 2, False),
    ]


def test_a_patch_that_one_version_lacks(both: Both) -> None:
    """It has a name that no other one has; and one that is new is not called anything else."""
    patches = on_page(both, *compared(*both, (1, None), (None, 1), (2, 2))).patches
    assert [(each.anchor, each.what) for each in patches] == [
        ("patch-v1-1", "It is patch 1 of v1, which v2 lacks."),
        ("patch-1", "It is patch 1 of v2, and new there."),
        ("patch-2", "It is patch 2 of v2, and was patch 2 of v1."),
    ]


def test_what_is_executed_again(both: Both) -> None:
    """Of each version, what shows that it differs from the other one."""
    _, versions = compared(*both, (1, 1), (2, 2))
    replays = {(number, (clause, "softirq", "sc")): f"{clause}{number}" for number in range(3) for clause in "ab"}
    assert [executions_of_versions(versions, side, replays) for side in (0, 1)] == [[(1, "a1")], [(2, "b2")]]


def rendered(made: VersionsReport) -> Element:
    """The page, read."""
    return read(to_html(made, VERSIONS))


def test_links_lead_somewhere_on_the_page(made: VersionsReport) -> None:
    """Each to a place that there is, and no place is there twice."""
    page = rendered(made)
    anchors = [each.attributes["id"] for each in page.every if "id" in each.attributes]
    assert len(set(anchors)) == len(anchors)
    links = [each.attributes["href"] for each in page.all("a")]
    assert {link.partition("?")[0] for link in links} <= {f"#{anchor}" for anchor in anchors}
    assert "#failure-2-b-softirq" in links


def test_what_a_reader_finds(made: VersionsReport) -> None:
    """The answer, the table, what is to be said besides, each patch, and the execution."""
    page = rendered(made)
    overview = page.by_id("overview").text
    assert "v2 newly breaks a clause" in overview
    assert "It is so." in overview
    assert "harness compare 'my dir'" in overview
    assert page.by_id("overview").all("table")[0].rows[1] == ["1", "1", "title 1", "a", "", "a", "", "", ""]
    assert "Mended" in page.by_id("patch-1").text
    assert "v1, stage 1: a (softirq)" in page.by_id("failure-1-a-softirq").text
    assert page.by_id("failure-1-a-softirq").all("ol", "steps")
    assert "was not executed again" in page.by_id("failure-2-b-softirq").text
