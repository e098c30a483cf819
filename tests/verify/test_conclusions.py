"""What is concluded from the results of all stages."""

from __future__ import annotations

import pytest

from harness.suite.figure import NotMeasured
from harness.verify.conclusions import Selection, bisectable, what
from harness.verify.verdicts import Failure
from tests.report.made import MakeStage, concluded


def test_bisectable_is_a_sentence_about_everything(stage: MakeStage) -> None:
    """It is said only of all clauses of the suite on all stages of the series."""
    conclusion = concluded([stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "pass", "b": "pass"})])
    assert (conclusion.bisectable, conclusion.first_bad, conclusion.undecided) == (True, {}, False)
    assert conclusion.sentence == "bisectable: yes, every stage keeps the contract"


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ([{"a": "pass", "b": "pass"}], "partial: 2 of 2 clauses, 1 of 2 stages: no violation found"),
        ([{"a": "pass"}, {"a": "pass"}], "partial: 1 of 2 clauses, 2 of 2 stages: no violation found"),
        ([{"a": "undecided"}], "partial: 1 of 2 clauses, 1 of 2 stages: no violation found"),
        ([{"a": "pass", "b": "undecided"}, {"a": "pass", "b": "pass"}], "bisectable: undecided, no violation found"),
        ([{"a": "pass", "b": "pass"}, {"a": "error", "b": "error"}], "bisectable: undecided, no violation found"),
    ],
    ids=["one stage", "one clause", "one undecided test", "all, one undecided", "all, a stage cannot be tested"],
)
def test_anything_less_is_not_bisectable(stage: MakeStage, verdicts: list[dict[str, str]], said: str) -> None:
    """It is not the contrary either: nothing is bad, and the sentence says what was tested."""
    conclusion = concluded([stage(index, words) for index, words in enumerate(verdicts)])
    assert (conclusion.bisectable, conclusion.first_bad) == (None, {})
    assert conclusion.sentence == said


def test_some_kinds_are_a_part(stage: MakeStage) -> None:
    """Even where all clauses and all stages were tested."""
    stages = [stage(0, {"a": "pass"})]
    both = (("a", ("softirq", "vcpu")),)
    conclusion = bisectable(stages, Selection("fixed", "tasklets", (("a", ("softirq",)),), (0,), both, (0,)))
    assert conclusion.bisectable is None
    assert conclusion.sentence == "partial: 1 of 1 clauses, some kinds, 1 of 1 stages: no violation found"


def test_what_was_selected_but_not_seen_proves_nothing(stage: MakeStage) -> None:
    """A kind whose result is missing, as in an interrupted run, is not taken for a pass."""
    both = (("a", ("softirq", "vcpu")),)
    conclusion = bisectable([stage(0, {"a": "pass"})], Selection("fixed", "tasklets", both, (0,), both, (0,)), interrupted=True)
    assert conclusion.bisectable is None


def test_bad(stage: MakeStage) -> None:
    """The first stage that violates a clause counts, for any kind."""
    stages = [stage(0, {"a": "pass", "b": "pass", "c": "pass"}), stage(1, {"a": "pass fail", "b": "pass", "c": "fail"})]
    stages.append(stage(2, {"a": "fail", "b": "fail", "c": "pass"}))
    conclusion = concluded(stages, every_clause=("a", "b", "c"), of_stages=3)
    assert conclusion.first_bad == {"a": 1, "c": 1, "b": 2}
    assert conclusion.bisectable is False
    assert conclusion.sentence == "bisectable: no, first bad patch 1 for clauses a, c"


def test_undecided_accuses_nobody(stage: MakeStage) -> None:
    """Neither does a stage that cannot be tested; but a violation after it may not be the first."""
    stages = [stage(0, {"a": "pass", "b": "undecided"}), stage(1, {"a": "error", "b": "pass"}), stage(2, {"a": "fail", "b": "pass"})]
    conclusion = concluded(stages, of_stages=3)
    assert conclusion.first_bad == {"a": 2}
    assert conclusion.undecided
    assert conclusion.sentence == "bisectable: no, first bad patch 2 for clause a; undecided before it: stage 1"


def test_a_violation_in_a_part_is_still_a_part(stage: MakeStage) -> None:
    """The series is bad for certain; which patch made it so is not, and the stage is called a stage."""
    conclusion = concluded([stage(1, {"a": "fail"})])
    assert conclusion.bisectable is False
    assert conclusion.sentence == "partial: 1 of 2 clauses, 1 of 2 stages: violated, first in stage 1: a"


def test_what_was_violated_has_one_line_and_no_address() -> None:
    """Masks stay."""
    assert what(Failure("crash", "<f at 0x7f17496c09a0>\n of 0x10")) == "crash: <f at 0x…> of 0x10"


def test_what_could_not_be_measured_is_undecided(stage: MakeStage) -> None:
    """The clauses are kept all the same."""
    slow = stage(1, {"a": "pass", "b": "pass"}, NotMeasured("the stage did not come back"))
    conclusion = concluded([stage(0, {"a": "pass", "b": "pass"}), slow])
    assert (conclusion.bisectable, conclusion.undecided) == (True, True)
