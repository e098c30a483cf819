"""The table of somebody's patches: what each breaks and repairs, and what is still broken behind it."""

from __future__ import annotations

from dataclasses import replace

from harness.report.patches_table import patches_table
from tests.report.made import MakeStage, concluded


def test_breaks_repairs_and_what_is_still_broken(stage: MakeStage) -> None:
    """By clause, with the kinds if these are not all; a baseline's violation is its own, and what cannot be tested accuses nobody."""
    verdicts = [("pass pass", "fail pass"), ("fail pass", "fail pass"), ("error error", "error error"), ("fail fail", "pass pass")]
    stages = [stage(index, {"a": a, "b": b}) for index, (a, b) in enumerate(verdicts)]
    stages = [replace(each, commit=f"{each.index}" * 40) for each in stages]
    lines = patches_table(stages, False, "tsv", concluded(stages, of_stages=4)).splitlines()
    rows = [[cell.strip() for cell in line.split("\t")] for line in lines]
    assert rows[0] == ["stage", "commit", "patch", "contract", "breaks", "repairs", "still broken", "exhausted"]
    assert [row[:2] + row[3:7] for row in rows[1:]] == [
        ["0", "0" * 10, "1/2", "", "", "b"],
        ["1", "1" * 10, "0/2", "a (softirq)", "", "b"],
        ["2", "2" * 10, "untestable", "", "", ""],
        ["3", "3" * 10, "1/2", "a (vcpu) (or before)", "", "a"],
    ]


def test_many_are_counted(stage: MakeStage) -> None:
    """The rows above have their names; without commits there is no column for them."""
    names = "abcd"
    stages = [
        stage(0, dict.fromkeys(names, "pass")),
        stage(1, dict.fromkeys(names, "fail")),
        stage(2, {**dict.fromkeys(names, "fail"), "a": "pass"}),
    ]
    lines = patches_table(stages, False, "tsv", concluded(stages, every_clause=tuple(names), of_stages=3)).splitlines()
    rows = [[cell.strip() for cell in line.split("\t")] for line in lines]
    assert [row[3:6] for row in rows[2:]] == [["a, b, c, d", "", ""], ["", "a", "3 clauses"]]
