"""The plots of a report: which there are, what they say, and that they fit into a page."""

from __future__ import annotations

import re
import sys
from xml.etree import ElementTree

import pytest

from harness.jobs.standing import nobody
from harness.measure.ladder_curves import LadderCurves, measure_curves
from harness.measure.lock_ladder import LockLadder
from harness.measure.settings import Settings
from harness.report.html.report_plots import PlotOnPage, report_plots
from harness.verify.verdicts import StageResult
from tests.report.html.measured_stages import PROBLEM, stages

LARGEST = 100_000


@pytest.fixture(scope="module")
def ladder() -> LadderCurves:
    """A small lock ladder."""
    return measure_curves(LockLadder(cpus=(1, 4), length=100_000), Settings("uniform"), 0, 1, nobody)


@pytest.fixture(scope="module")
def plots(ladder: LadderCurves) -> dict[str, PlotOnPage]:
    """All plots of a series of which one stage could not be measured."""
    pytest.importorskip("matplotlib")
    return {plot.name: plot for plot in report_plots(stages(broken=2), ladder)}


def words(plot: PlotOnPage) -> list[str]:
    """The texts in a plot."""
    return [each.text or "" for each in ElementTree.fromstring(plot.svg).iter("text")]


def test_there_is_one_of_everything(plots: dict[str, PlotOnPage]) -> None:
    """What loses time, interrupts, locks, what the load measures of its own, the distribution, and the lock ladder."""
    assert list(plots) == ["overhead", "irq", "locks", "others", "latency", "ladder"]


def test_each_fits_into_a_page(plots: dict[str, PlotOnPage]) -> None:
    """Small, in the ink of the page on its ground, without styles, and with identifiers that no other has and that all are there."""
    given: list[str] = []
    for plot in plots.values():
        assert len(plot.svg.encode()) < LARGEST
        root = ElementTree.fromstring(plot.svg)
        assert (root.tag, root.attrib["role"], root.attrib["aria-label"]) == ("svg", "img", plot.title)
        assert "currentColor" in plot.svg
        assert not re.search(r"style|<script|#000000|#ffffff|http|Date", plot.svg)
        own = [each.attrib["id"] for each in root.iter() if "id" in each.attrib]
        assert set(re.findall(r"url\(#([^)]*)\)", plot.svg)) | set(re.findall(r'href="#([^"]*)"', plot.svg)) == set(own)
        given += own
    assert len(given) == len(set(given)) > 0


def test_stages_have_their_titles_values_and_intervals(plots: dict[str, PlotOnPage]) -> None:
    """A row for each, also where values coincide; the one that was not measured says so; units are on the axes."""
    said = words(plots["overhead"])
    assert [word for word in said if word.startswith(("0 ", "1 ", "2 ", "3 "))] == [
        "0 Patch number 0",
        "1 Patch number 1",
        "2 Patch number 2",
        "3 Patch number 3",
    ]
    assert said.count("0.2 ±0.3 %") == 2
    assert said.count("not measured") == 2
    assert {"idle overhead, %", "idle steal, %"} <= set(said)
    assert "8 runs each" in plots["overhead"].caption
    assert "confidence interval" in plots["overhead"].caption


def test_stages_with_the_same_distribution_are_told_together(plots: dict[str, PlotOnPage]) -> None:
    """Their one curve has the names of both, and there is a remark in place of the curve that is missing."""
    said = words(plots["latency"])
    first = said.index("1 Patch number 1")
    assert said[first + 1] == "= 3 Patch number 3"
    assert f"2 Patch number 2: not measured, the stage {PROBLEM}" in said


def test_numbers_stand_beside(plots: dict[str, PlotOnPage]) -> None:
    """For who does not see the plot: a row a stage, with a star where it differs, and why there is no number."""
    overhead = plots["overhead"]
    assert overhead.headers == ("stage", "patch", "idle overhead", "idle steal")
    assert overhead.rows[:3] == (
        ("0", "Patch number 0", "10.0 ±0.3 %", "30.0 ±0.3 %"),
        ("1", "Patch number 1", "0.2 ±0.3 % *", "0.0 ±0.3 % *"),
        ("2", "Patch number 2", f"not measured: it {PROBLEM}", f"not measured: it {PROBLEM}"),
    )
    assert plots["latency"].rows[0][2] == "20.40 ±2.04 µs"
    assert [row[0] for row in plots["ladder"].rows] == ["1", "4"]


def test_the_same_results_give_the_same_bytes(plots: dict[str, PlotOnPage], ladder: LadderCurves) -> None:
    """Twice in one process; hashes of strings play no part."""
    assert {plot.name: plot for plot in report_plots(stages(broken=2), ladder)} == plots


def test_titles_of_strangers_are_only_text() -> None:
    """Neither markup, nor a formula, nor what is no text."""
    pytest.importorskip("matplotlib")
    found = stages(2)
    found[1].title = "<script>alert(1)</script> $x_{$ & \x1b\ud800 \u4e00"
    for plot in report_plots(found):
        assert any("<script>alert(1)</script> $x_{$ & \ufffd\ufffd \u4e00" in word for word in words(plot))


def test_nothing_measured_is_no_zero() -> None:
    """Where no stage has figures there is nothing to see, and the table says why; where nobody wanted any there is no plot."""
    for plot in report_plots(stages(1, broken=0)):
        assert plot.svg == ""
        assert "Nothing could be measured." in plot.caption
        assert PROBLEM in plot.rows[0][-1]
    assert report_plots([StageResult(0, "a", "m")]) == []


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers are there, and what they mean."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    found = report_plots(stages(2))
    assert [plot.svg for plot in found] == [""] * 5
    assert all(len(plot.rows) == 2 for plot in found)
