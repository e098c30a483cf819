"""Tables: the marks, and how far searches got."""

from __future__ import annotations

from dataclasses import replace

from harness.report.tables import open_ends_table, stages_table, table
from harness.verify.steps import steps_of
from harness.verify.verdicts import OpenEnd, StageResult
from stages.api import AcceptedChange
from tests.measure.made import performance
from tests.report.made import MakeStage, concluded, told, under_models


def test_a_star_marks_what_differs_by_more_than_its_spread(stage: MakeStage) -> None:
    """The two spreads add up; the first stage has no star; what was not measured is a dash."""
    stages = [
        stage(0, {"a": "pass", "b": "fail"}, performance(0.8, None, locks_per_run=3.0, idle_steal_pct=5.0)),
        stage(1, {"a": "pass", "b": "pass"}, performance(0.8, None, locks_per_run=1.0, idle_steal_pct=3.5)),
    ]
    rows = [line.split("|")[1:-1] for line in stages_table(stages, True, "github", concluded(stages)).splitlines()[2:]]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["0", "Patch 0", "1/2", "3/4", "3.00", "–", "–", "5.0 %", "–", "–"],
        ["1", "Patch 1", "2/2", "4/4", "1.00 *", "–", "–", "3.5 %", "–", "–"],
    ]


def test_what_was_not_exhausted(stage: MakeStage) -> None:
    """A row per program and kind, with all stages for which that is so; one line when there is none."""
    stages = [stage(0, {"fifo": "pass"}), stage(1, {"fifo": "pass"}), stage(2, {"fifo": "pass"})]
    assert open_ends_table(stages, "tsv") == "every interleaving of every program was explored"
    for made in stages[1:]:
        kind = made.clauses["fifo"].kinds["softirq"]
        made.clauses["fifo"].kinds["softirq"] = replace(
            kind, open_ends=(OpenEnd("fifo", "order-of-hypercall", "exhausted within 2 preemptions"),)
        )
    rows = [[cell.strip() for cell in line.split("\t")] for line in open_ends_table(stages, "tsv").splitlines()]
    assert rows == [
        ["not exhausted", "kind", "program", "stages", "how far"],
        ["fifo", "softirq", "order-of-hypercall", "1, 2", "exhausted within 2 preemptions"],
    ]


def test_what_a_failure_has_cut_off_is_said(stage: MakeStage) -> None:
    """A search that ends at its first failure has not seen every interleaving."""
    assert open_ends_table([stage(0, {"fifo": "fail"})], "tsv").endswith("explored, up to the first failure")


def test_where_nothing_was_run_nothing_is_claimed(stage: MakeStage) -> None:
    """Of no stage, of some stages, or not for each clause of one: the sentence is about programs that were run."""
    tested, untested, partly = stage(0, {"fifo": "pass"}), stage(1, {"fifo": "error"}), stage(2, {"fifo": "pass error"})
    for made, kind in ((untested, "softirq"), (partly, "vcpu")):
        made.clauses["fifo"].kinds[kind] = replace(made.clauses["fifo"].kinds[kind], programs=0, exhausted=0)
    run = "every interleaving of every program that was run was explored"
    assert open_ends_table([untested, StageResult(2, "Patch 2", "s2")], "tsv") == "nothing was explored: no program was run"
    assert open_ends_table([tested, untested], "tsv") == f"{run}; nothing of stage 1 was"
    assert open_ends_table([tested, partly], "tsv") == run


def test_accepted_changes_are_counted_apart(stage: MakeStage) -> None:
    """Behind the clauses that are kept, where there are any."""
    stages = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "fail", "b": "pass"})]
    steps = steps_of(stages, 0, [AcceptedChange("a", ("softirq",), 1, "why")])
    rows = [line.split("\t") for line in stages_table(stages, False, "tsv", told(steps)).splitlines()[1:]]
    assert [row[2].strip() for row in rows] == ["2/2", "1/2 + 1 accepted"]


def test_a_column_for_each_of_several_memory_models(stage: MakeStage) -> None:
    """What is accepted there is counted apart there; programs add up, and an open end says under which model."""
    words = {"tso": ("pass pass", "fail pass"), "pso": ("pass pass", "pass fail")}
    tso, pso = ([stage(index, dict(zip("ab", each.split(), strict=True))) for index, each in enumerate(of)] for of in words.values())
    stages = under_models(tso=tso, pso=pso)
    conclusion = concluded(stages, accepted=(AcceptedChange("a", ("softirq",), 1, "why"),))
    header, *rows = [[cell.strip() for cell in line.split("\t")] for line in stages_table(stages, False, "tsv", conclusion).splitlines()]
    assert header == ["stage", "patch", "contract tso", "contract pso", "exhausted"]
    assert rows == [["0", "Patch 0", "2/2", "2/2", "8/8"], ["1", "Patch 1", "1/2 + 1 accepted", "1/2", "6/8"]]


def test_markdown_cells() -> None:
    """A bar and a tag in a cell end no cell and begin no tag, where they would."""
    assert table([["a | <b>"]], ["x"], "github").splitlines()[-1] == "| a \\| &lt;b> |"
    assert table([["a | <b>"]], ["x"], "simple").splitlines()[-1] == "a | <b>"
