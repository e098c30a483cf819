"""The table of counts, and what is said below it."""

from __future__ import annotations

from harness.report.count_table import counts_lines, counts_table
from harness.suite.program import Known
from harness.verify.verdicts import NOT_RUN, PASS, ClauseResult, Count, KindResult, StageResult

RIGHT = Count("right", Known(3), "exhausted", 3, good=True)
WRONG = Count("wrong", Known(3, deadlocks=1), "exhausted", 4, 0, 2)
LARGE = Count("large", Known(10**6), NOT_RUN)


def stage(*counts: Count) -> StageResult:
    """A stage whose only clause has these counts."""
    return StageResult(0, "", "", {"sample": ClauseResult("sample", {"any": KindResult("sample", "any", PASS, 0, counts=counts)})})


def test_a_row_for_each_program_that_was_counted() -> None:
    """Deadlocks are shown where there are some, or should be. No two columns have one name."""
    head = counts_table(stage(RIGHT), "tsv").splitlines()[0].split("\t")
    assert len(set(head)) == len(head)
    rows = [line.split() for line in counts_table(stage(RIGHT, LARGE, WRONG), "plain").splitlines()]
    assert rows[1:] == [
        ["sample", "right", "3", "3", "–", "–", "0", "as", "published"],
        ["sample", "wrong", "4", "3", "0", "1", "2", "differs"],
    ]


def test_what_was_not_run_and_what_differs_is_said() -> None:
    """In the order of the table."""
    assert counts_lines(stage(RIGHT)) == ["counts: all 1 are as published"]
    assert counts_lines(stage(RIGHT, LARGE, WRONG)) == [
        "not run: large (1000000); allow more --executions, or --deep",
        "counts: 1 of 2 differ from what is published: wrong",
    ]
