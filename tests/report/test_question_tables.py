"""The tables that answer questions: what counts as better, and as a verdict that survives, on figures made by hand."""

from __future__ import annotations

from harness.measure.measure_cells import StageUnderLoad
from harness.measure.performance import Performance
from harness.measure.reported_figures import CLAIMS
from harness.measure.workload import usual_workload
from harness.report import question_tables as answers
from tests.measure.made import BY_NAME, performance, target

RUN_P99, RATE = BY_NAME["run_p99_us"], BY_NAME["tasklets_per_s"]


def cell(index: int, *varied: str) -> StageUnderLoad:
    """A stage of that number under a load that differs in these."""
    return StageUnderLoad(target(index), usual_workload(), varied)


BUG = {"idle_overhead_pct": 10.0, "idle_steal_pct": 35.0, "irq_p99_us": 100.0}
CURED = {"idle_overhead_pct": 0.0, "idle_steal_pct": 0.1, "irq_p99_us": 3.0}


def test_a_difference_within_both_spreads_is_none() -> None:
    """Only beyond them something is better or worse; for a rate, more is better; what was not measured is neither."""
    before = performance(spread=1, run_p99_us=10, tasklets_per_s=10)
    assert answers.judged(RUN_P99, performance(spread=1, run_p99_us=8.1), before) == ""
    assert answers.judged(RUN_P99, performance(spread=1, run_p99_us=7.9), before) == "better"
    assert answers.judged(RUN_P99, performance(spread=1, run_p99_us=12.1), before) == "worse"
    assert answers.judged(RATE, performance(spread=1, tasklets_per_s=12.1), before) == "better"
    assert answers.judged(RUN_P99, performance(run_p99_us=None), before) == ""


def test_reviewers_say_where_the_bug_stays() -> None:
    """A flavour that does not cure it is listed with the size and the load."""
    cells = [cell(0, "8", "21000", lock) for lock in ("ttas", "mcs")]
    text = answers.reviewers(cells, [performance(**BUG), performance(**CURED)], "simple")
    assert "stage 0 with ttas locks: the bug is there on 8 sockets at 21000/s" in text
    assert "stage 0 with mcs locks: no bug at any size and load tried" in text
    assert [line.split()[-1] for line in text.splitlines()[:4]] == ["bug", "-----", "yes", "no"]
    assert "\nbug: whether idle overhead is at least 0.5 % or idle steal is at least 2 %\n" in text


def test_scenarios_mark_changes() -> None:
    """The stage that makes a figure worse says so in its cell and below the tables."""
    cells = [cell(index, "cross-cpu") for index in (0, 1)]
    text = answers.scenarios(cells, [performance(run_p99_us=1), performance(run_p99_us=2)], "simple")
    assert "2.00 ±0.10 µs worse" in text
    assert text.endswith("cross-cpu, stage 1: schedule to run, p99 worse")


def test_claims_disagree_where_they_do() -> None:
    """A predicted steal of 15 % is not about 40 %."""
    text = answers.claims({0: performance(**{**BUG, "idle_steal_pct": 15.0}), 1: performance(**CURED)}, "simple")
    assert [line.split()[-1] for line in text.splitlines()[2:]] == ["yes", "NO", "yes", "yes", "yes"]


def test_sensitivity_names_what_changes_a_verdict() -> None:
    """A variation without the bug changes the verdict on the baseline, and only that."""
    usual = {0: performance(**BUG), 1: performance(**CURED)}
    other = {0: performance(**{**BUG, "idle_overhead_pct": 0.1}), 1: performance(**CURED)}
    text = answers.sensitivity(["as it is", "inject halved"], [usual, other], CLAIMS, "simple")
    assert "0.1 % CHANGES" in text
    assert "changes with inject halved" in text
    assert text.count("survives every variation") == len(CLAIMS) - 1


def varied(**last: float) -> tuple[list[StageUnderLoad], list[Performance]]:
    """Cells and results of cross-cpu as it is and under variations: at stage 0 the p99 is 1, at stage 1 as given."""
    cells = [cell(index, "cross-cpu", name.replace("_", " ")) for name in last for index in (0, 1)]
    return cells, [performance(run_p99_us=value) for value in last.values() for value in (1.0, value)]


def test_cells_sensitivity_marks_what_does_not_survive() -> None:
    """A verdict that a variation takes away or turns round is marked in its cell, and the variations are named below."""
    text = answers.cells_sensitivity(*varied(as_it_is=2.0, a=0.5, b=1.0, c=2.0), "plain")
    assert "2.00 ±0.10 µs worse (REVERSES)" in text
    assert "cross-cpu, stage 1, schedule to run, p99: worse; better with a; no difference with b" in text.splitlines()
    assert text.endswith("0 of 1 verdicts (better, worse) survive every variation; 1 are the opposite under some")
    text = answers.cells_sensitivity(*varied(as_it_is=2.0, a=1.0), "plain")
    assert "2.00 ±0.10 µs worse ?" in text


def test_cells_sensitivity_of_what_survives() -> None:
    """No mark, and no list."""
    text = answers.cells_sensitivity(*varied(as_it_is=2.0, a=3.0), "plain")
    assert "2.00 ±0.10 µs worse\n" in text
    assert answers.UNSURE not in text
    assert text.endswith("\n\n1 of 1 verdicts (better, worse) survive every variation; 0 are the opposite under some")


def test_cells_sensitivity_of_no_difference() -> None:
    """That nothing differs is a verdict too: a variation under which something does is named."""
    text = answers.cells_sensitivity(*varied(as_it_is=1.0, a=3.0), "plain")
    assert "1.00 ±0.10 µs ?" in text
    assert "cross-cpu, stage 1, schedule to run, p99: no difference; worse with a" in text
    assert "0 of 0 verdicts" in text
