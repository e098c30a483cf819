"""What patches break and mend, and what of that is accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.verify.steps import Step, accepted_of, steps_of
from harness.verify.verdicts import StageResult
from stages.api import AcceptedChange
from tests.report.made import MakeStage

BOTH = ("softirq", "vcpu")


def test_a_patch_breaks_and_mends(stage: MakeStage) -> None:
    """Against the stage before, for each clause."""
    words = ({"a": "pass", "b": "fail"}, {"a": "fail", "b": "pass"}, {"a": "fail", "b": "pass"}, {"a": "pass", "b": "fail"})
    steps = steps_of([stage(index, each) for index, each in enumerate(words)], 0)
    assert [(step.patch, step.clause) for step in steps.breaks] == [(1, "a"), (3, "b")]
    assert [(step.patch, step.clause) for step in steps.mends] == [(1, "b"), (3, "a")]
    assert [step.clause for step in steps.baseline] == ["b"]


def test_a_step_is_of_one_kind(stage: MakeStage) -> None:
    """A patch breaks a clause for a kind that kept it, even if another kind never did."""
    steps = steps_of([stage(0, {"a": "fail pass"}), stage(1, {"a": "pass fail"}), stage(2, {"a": "fail fail"})], 0)
    assert steps.baseline == (Step(0, "a", ("softirq",), whole=False),)
    assert steps.breaks == (Step(1, "a", ("vcpu",), whole=False), Step(2, "a", ("softirq",), whole=False))
    assert [step.what for step in steps.mends] == ["a (softirq)"]


def test_kinds_of_the_same_step_are_together(stage: MakeStage) -> None:
    """They are named only where they are not all."""
    (step,) = steps_of([stage(0, {"a": "pass pass"}), stage(1, {"a": "fail fail"})], 0).breaks
    assert (step.kinds, step.what, step.in_full) == (BOTH, "a", "a (softirq, vcpu)")


@pytest.mark.parametrize(
    ("before", "after"),
    [("fail", "undecided"), ("pass", "error"), ("undecided", "pass"), ("pass", "pass"), ("error", "error")],
)
def test_a_patch_answers_only_for_what_is_certain(stage: MakeStage, before: str, after: str) -> None:
    """Where one of the two stages has no verdict, or both have the same, no patch has done anything."""
    steps = steps_of([stage(0, {"a": before}), stage(1, {"a": after})], 0)
    assert (steps.breaks, steps.mends, steps.unknown) == ((), (), ())


@pytest.mark.parametrize("between", [["undecided"], ["error", "error"], []])
def test_a_gap_makes_it_uncertain(stage: MakeStage, between: list[str]) -> None:
    """The last stage with a verdict kept it, so some patch since then broke it; who mends something across a gap is not said."""
    words = ["pass", *between, "fail"]
    stages = [stage(index, {"a": word}) for index, word in enumerate(words)]
    stages[-1].index += not between
    (step,) = steps_of(stages, 0).breaks
    assert (step.patch, step.certain) == (stages[-1].index, False)
    stages = [stage(index, {"a": word}) for index, word in zip((0, 2), ("fail", "pass"), strict=True)]
    assert steps_of(stages, 0).mends == ()


def test_nobody_is_known_where_nothing_before_has_a_verdict(stage: MakeStage) -> None:
    """It is not the baseline either."""
    steps = steps_of([stage(0, {"a": "undecided"}), stage(1, {"a": "fail"}), stage(2, {"a": "fail"})], 0)
    assert (steps.baseline, steps.breaks) == ((), ())
    assert [(step.patch, step.clause) for step in steps.unknown] == [(1, "a")]


def test_an_accepted_change_may_name_programs(stage: MakeStage) -> None:
    """Where others fail too, or nobody has looked whether they do, it is not accepted: neither at its patch nor later."""
    change = AcceptedChange("a", ("softirq",), 1, "why", programs=("known", "also-known"))

    def broken(index: int, failing: tuple[str, ...], all_seen: bool = True) -> StageResult:
        made = stage(index, {"a": "fail pass"})
        kinds = made.clauses["a"].kinds
        kinds["softirq"] = replace(kinds["softirq"], failing=failing, all_seen=all_seen)
        return made

    kept, narrow, wider = stage(0, {"a": "pass pass"}), broken(1, ("known",)), broken(2, ("known", "other"))
    steps = steps_of([kept, narrow, wider], 0, [change])
    assert steps.tolerated == {(1, "a", "softirq")}
    assert [step.patch for step in steps.breaks] == [2]
    for at_once in (broken(1, ("other",)), broken(1, ("known",), all_seen=False)):
        steps = steps_of([kept, at_once], 0, [change])
        assert (steps.tolerated, [step.patch for step in steps.breaks]) == (frozenset(), [1])


def test_what_has_no_verdict_is_not_accepted(stage: MakeStage) -> None:
    """Neither a search that was cut off nor a kind that could not be tested: only violations can be."""
    change = AcceptedChange("a", BOTH, 1, "why")
    for words, kinds in (("fail undecided", ["softirq"]), ("error fail", ["vcpu"]), ("undecided error", []), ("pass fail", ["vcpu"])):
        assert list(accepted_of(stage(0, {"a": words}).clauses["a"], [change])) == kinds


def test_an_accepted_change_lasts_until_it_is_mended(stage: MakeStage) -> None:
    """What breaks the clause again is not accepted."""
    change = AcceptedChange("a", BOTH, 1, "why")
    stages = [stage(index, {"a": f"{word} pass"}) for index, word in enumerate(("pass", "fail", "fail", "pass", "fail"))]
    steps = steps_of(stages, 0, [change])
    assert steps.accepted == ((change, ("softirq",)),)
    assert steps.tolerated == {(1, "a", "softirq"), (2, "a", "softirq")}
    assert [step.patch for step in steps.mends] == [3]
    assert [step.patch for step in steps.breaks] == [4]
    assert [each.sentence for each in steps.unmet] == ["accepted change does not happen: stage 1 keeps a (vcpu)"]


def test_an_accepted_change_needs_its_step(stage: MakeStage) -> None:
    """What the stage before violates already is not changed."""
    steps = steps_of([stage(0, {"a": "fail"}), stage(1, {"a": "fail"})], 0, [AcceptedChange("a", ("softirq",), 1, "why")])
    assert steps.accepted == ()
    assert [step.clause for step in steps.baseline] == ["a"]
    assert [each.sentence for each in steps.unmet] == [
        "accepted change does not happen: the stage before patch 1 violates a (softirq) already"
    ]


def test_an_accepted_change_is_no_error_where_it_was_not_tested(stage: MakeStage) -> None:
    """Stages, clauses and kinds may be left out; the stages behind its patch count as accepted."""
    change = AcceptedChange("a", BOTH, 1, "why")
    assert steps_of([stage(0, {"a": "pass"}), stage(2, {"b": "pass"})], 0, [change]).unmet == ()
    steps = steps_of([stage(3, {"a": "fail"})], 0, [change])
    assert (steps.unmet, steps.unknown) == ((), ())
    assert steps.tolerated == {(3, "a", "softirq")}


def test_a_clause_is_accepted_if_all_its_violations_are(stage: MakeStage) -> None:
    """Neither a kept clause nor one that fails for another kind too is counted apart."""
    stages = [
        stage(0, {"a": "pass pass", "b": "pass"}),
        stage(1, {"a": "fail pass", "b": "pass"}),
        stage(2, {"a": "fail fail", "b": "pass"}),
    ]
    steps = steps_of(stages, 0, [AcceptedChange("a", ("softirq",), 1, "why")])
    assert [[steps.accepts(each, clause) for clause in ("a", "b")] for each in stages] == [[False, False], [True, False], [False, False]]
