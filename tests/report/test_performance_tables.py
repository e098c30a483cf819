"""Tables of figures, and the line below them that says how many runs there were, on figures made by hand."""

from __future__ import annotations

import pytest

from harness.jobs.stage_loading import NO_SERIES
from harness.measure.measure_cells import StageUnderLoad
from harness.measure.performance import Measured, Performance
from harness.measure.precision import Precision
from harness.measure.workload import usual_workload
from harness.report.performance_tables import cells_table, precision_line, runstates_table
from harness.suite.figure import Figure, NotMeasured
from tests.measure import made
from tests.measure.made import ROWS, target

RULE = Precision(10, 64)
BROKEN = NotMeasured("broke down")


def performance(runs: int, spread: float) -> Performance:
    """A result of so many runs: every figure is 100, give or take `spread`."""
    return made.performance(spread, 100.0, runs)


def line(*results: tuple[tuple[str, ...], int, Measured]) -> str:
    """The line for these values, stages and results."""
    cells = [StageUnderLoad(target(index), usual_workload(), varied) for varied, index, _ in results]
    return precision_line(RULE, ("sockets",) if results[0][0] else (), cells, [found for _, _, found in results])


def test_one_load() -> None:
    """The number of runs, and whether they were enough; only the first stage counts."""
    assert line(((), 1, performance(24, 90)), ((), 0, performance(24, 10))) == "24 runs: headline figures known to ±10 %"
    assert line(((), 0, performance(64, 20)), ((), 1, performance(64, 1))) == (
        "64 runs, the most that were allowed: headline figures not known to ±10 %\nstage 0: overhead ±20 %, steal ±20 %, irq p99 ±20 %"
    )


def test_many_loads() -> None:
    """How many are known, and which not."""
    text = line((("4",), 0, performance(16, 5)), (("8",), 0, performance(64, 20)))
    assert text.splitlines() == [
        "16 to 64 runs: headline figures known to ±10 % for 1 of 2 loads, the others stopped at 64",
        "sockets 8, stage 0: overhead ±20 %, steal ±20 %, irq p99 ±20 %",
    ]
    assert line((("4",), 0, performance(16, 5)), (("8",), 0, performance(16, 5))).endswith("for 2 of 2 loads")


def test_a_stage_that_cannot_be_measured() -> None:
    """The next one decides; if there is none, the line says so."""
    assert line(((), 0, BROKEN), ((), 1, performance(16, 5))) == "16 runs: headline figures known to ±10 %"
    assert line(((), 0, BROKEN)) == "no stage could be measured"


@pytest.mark.parametrize("figure", ROWS, ids=lambda figure: figure.name)
def test_every_figure_has_a_column(figure: Figure) -> None:
    """With its value, its spread and its unit; a star where it differs from the stage above, if that is of the same load."""
    cells = [StageUnderLoad(target(index), usual_workload(), (load,)) for load, index in (("a", 0), ("a", 1), ("b", 1))]
    found = [made.performance(1.0, value) for value in (3.0, 9.0, 3.0)]
    header, *rows = ([cell.strip() for cell in row.split("\t")] for row in cells_table(["load"], cells, found, "tsv").splitlines())
    texts = [row[header.index(figure.title)] for row in rows]
    assert texts == [figure.text(3, 1), f"{figure.text(9, 1)} *", figure.text(3, 1)]


def test_a_column_that_says_nothing_is_left_out() -> None:
    """What nobody has measured; a file has no number."""
    cell = StageUnderLoad(target(0, NO_SERIES), usual_workload())
    text = cells_table([], [cell], [made.performance(usual=None, locks_per_run=2.0)], "tsv")
    assert [[word.strip() for word in row.split("\t")] for row in text.splitlines()] == [
        ["stage", "patch", "lock/run"],
        ["–", "patch 0", "2.00 ±0.10"],
    ]


def test_runstates_are_named_by_the_load() -> None:
    """Time in the stage's code has the name of what ran."""
    found = Performance(
        (), {}, {}, (), ({"vcpu": "v", "running": 2000, "runnable": 0, "blocked": 0, "walks": 1000},), (), (0, 1), {"mhz": 1}
    )
    header = runstates_table(found, "tsv").splitlines()[0]
    assert [word.strip() for word in header.split("\t")] == ["vCPU", "RUNNING ms", "RUNNABLE ms", "BLOCKED ms", "walks ms"]
