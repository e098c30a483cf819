"""The line below a table that says how many runs there were and what is known well enough, on figures made by hand."""

from __future__ import annotations

from typing import Any

from harness.measure.precision import Precision
from harness.measure.summary import FIGURES, Performance
from harness.report.performance_tables import precision_line
from harness.sources.target import Target

RULE = Precision(10, 64)


def performance(runs: int, spread: float) -> Performance:
    """A result of so many runs: every figure is 100, give or take `spread`."""
    return Performance(dict.fromkeys(FIGURES, 100.0), dict.fromkeys(FIGURES, spread), (), (), (), tuple(range(runs)), {})


def line(*results: tuple[tuple[str, ...], int, Performance | str]) -> str:
    """The line for these values, stages and results."""
    rows: Any = [(values, Target(index, f"patch {index}", "module", "path"), None) for values, index, _ in results]
    return precision_line(RULE, ("sockets",) if results[0][0] else (), rows, [found for _, _, found in results])


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
    assert line(((), 0, "broke down"), ((), 1, performance(16, 5))) == "16 runs: headline figures known to ±10 %"
    assert line(((), 0, "broke down")) == "no stage could be measured"
