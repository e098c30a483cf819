"""The words of the matrix."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.report.html.verdict_words import ACCEPTED, BROKEN, CANNOT_BE_TESTED, KEPT, NOT_TESTED, UNDECIDED_HERE, word_of, worst
from harness.verify.steps import NO_STEPS
from harness.verify.verdicts import ERROR, FAIL, NOT_RUN, PASS, UNDECIDED, UNTESTABLE, Failure, KindResult
from tests.report.made import told


@pytest.mark.parametrize(
    ("verdict", "kind", "word"),
    [
        (PASS, "", KEPT),
        (FAIL, "BUG", BROKEN),
        (ERROR, UNDECIDED, UNDECIDED_HERE),
        (ERROR, "crash", UNDECIDED_HERE),
        (ERROR, UNTESTABLE, CANNOT_BE_TESTED),
        (ERROR, NOT_RUN, NOT_TESTED),
    ],
)
def test_each_verdict_has_its_word(verdict: str, kind: str, word: str) -> None:
    """Nothing without a verdict is called kept, or broken."""
    result = KindResult("a", "softirq", verdict, 1, failure=Failure(kind, "") if kind else None)
    assert word_of(1, result, told(NO_STEPS)) == word


def test_what_is_not_there_was_not_tested() -> None:
    """An interrupted run has no result of what it lacks."""
    assert word_of(1, None, told(NO_STEPS)) == NOT_TESTED


def test_accepted_is_of_one_stage_and_kind() -> None:
    """The same violation on another stage is broken."""
    result = KindResult("a", "softirq", FAIL, 1, failure=Failure("BUG", ""))
    conclusion = told(replace(NO_STEPS, tolerated=frozenset({(1, "a", "softirq")})))
    assert [word_of(index, result, conclusion) for index in (1, 2)] == [ACCEPTED, BROKEN]


def test_the_worst_of_several() -> None:
    """A clause is kept if it is for each kind, and not tested if there is none."""
    assert [worst(words) for words in ([KEPT, KEPT], [KEPT, NOT_TESTED], [ACCEPTED, UNDECIDED_HERE], [BROKEN, UNDECIDED_HERE], [])] == [
        KEPT,
        NOT_TESTED,
        UNDECIDED_HERE,
        BROKEN,
        NOT_TESTED,
    ]
