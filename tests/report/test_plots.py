"""The plots of `harness perf --plot`: as files, whose words are text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure

from harness.measure.measure_cells import StageUnderLoad
from harness.measure.measured_run import QUANTILES
from harness.measure.performance import Measured
from harness.measure.workload import usual_workload
from harness.report.plot_style import drawing
from harness.report.plot_text import MOST_BANDS
from harness.report.plots import LatencyCurve, distribution_figure, plot
from harness.sources.target import NO_SERIES
from harness.suite.figure import NotMeasured
from tests.measure.made import target
from tests.report.html.measured_stages import measured

MISSING = NotMeasured("is broken")


def drawn(path: Path, columns: list[str], cells: list[StageUnderLoad], results: list[Measured]) -> list[str]:
    """The words in the plot of these cells."""
    plot(str(path), columns, cells, results)
    return [each.text or "" for each in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")]


def cell(index: int, *varied: str, series: str = "fixed") -> StageUnderLoad:
    """A stage under the usual load."""
    return StageUnderLoad(target(index, series), usual_workload(), varied)


def test_a_sweep_is_drawn_against_its_numbers(tmp_path: Path) -> None:
    """With title, runs, unit and patches; the same lines are told together, what was not measured is said; the same bytes twice."""
    cells = [cell(index, *load) for load in (("ttas", "5"), ("ttas", "10")) for index in range(3)]
    results = [measured(0), measured(1), measured(2), MISSING, measured(1), measured(2)]
    said = drawn(tmp_path / "x.svg", ["lock", "device_hz"], cells, results)
    assert said[said.index("1 patch 1, lock ttas") + 1] == "= 2 patch 2, lock ttas"
    assert "0 patch 0, lock ttas at device_hz 10: not measured, the stage is broken" in said
    again = tmp_path / "y.svg"
    plot(str(again), ["lock", "device_hz"], cells, results)
    assert again.read_bytes() == (tmp_path / "x.svg").read_bytes()
    assert {"device_hz, 1/s", "overhead, %", "idle-guests on westmere-ex-8s, lock ttas; 8 runs each"} <= set(said)


def test_without_numbers_distributions_are_drawn(tmp_path: Path) -> None:
    """A file is called what it is called; figures of which none could be measured are no empty plot."""
    found = drawn(tmp_path / "x.svg", [], [cell(0), cell(1, series=NO_SERIES), cell(2)], [measured(0), measured(1), MISSING])
    assert {"0 patch 0", "module", "2 patch 2: not measured, the stage is broken", "From the request to the run"} <= set(found)
    nothing = drawn(tmp_path / "y.svg", [], [cell(0)], [MISSING])
    assert "0 patch 0: not measured, the stage is broken" in nothing


def test_what_a_logarithmic_axis_has_no_place_for() -> None:
    """Shares with a time that is not above zero are the first ones; the curve begins behind them."""
    curve = LatencyCurve((-0.5, 0.0, *[1.0] * (len(QUANTILES) - 2)))
    assert curve.off_scale == 2
    assert LatencyCurve((1.0,) * len(QUANTILES)).off_scale == 0


def lines(figure: Figure) -> int:
    """How many curves a figure of one area has."""
    (area,) = figure.axes
    return len(area.lines)


def test_many_curves_have_no_bands() -> None:
    """They would hide each other."""
    named = [(str(index), replace(measured(1), latencies=(float(index + 1),) * len(QUANTILES))) for index in range(MOST_BANDS + 1)]
    with drawing():
        few, many = (distribution_figure(named[:count]).axes[0] for count in (MOST_BANDS, MOST_BANDS + 1))
    assert (len(few.collections), len(many.collections)) == (MOST_BANDS, 0)


def test_curves_that_are_the_same_are_one() -> None:
    """And one that differs in its interval only is another one."""
    with drawing():
        assert lines(distribution_figure([("a", measured(1)), ("b", measured(2))])) == 1
        assert lines(distribution_figure([("a", measured(0)), ("b", measured(2))])) == 2
