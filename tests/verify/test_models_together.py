"""One verdict over several memory models."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.verify.conclusions import Conclusion
from harness.verify.models_together import together
from harness.verify.verdicts import OpenEnd, StageResult
from stages.api import AcceptedChange
from tests.report.made import MakeStage, concluded, stage, under_models

__all__ = ["stage"]


def series(stage: MakeStage, words: str) -> list[StageResult]:
    """A stage for each word."""
    return [stage(index, {"a": word}) for index, word in enumerate(words.split())]


def over(stage: MakeStage, tso: str, pso: str, accepted: tuple[AcceptedChange, ...] = ()) -> Conclusion:
    """What is concluded from the verdicts under two models."""
    stages = under_models(tso=series(stage, tso), pso=series(stage, pso))
    return concluded(stages, every_clause=("a",), of_stages=len(stages), accepted=accepted)


@pytest.mark.parametrize(
    ("tso", "pso", "verdict"),
    [
        ("pass", "pass", "pass"),
        ("pass", "fail", "fail"),
        ("fail", "error", "fail"),
        ("pass", "error", "error"),
        ("undecided", "pass", "error"),
    ],
)
def test_the_worst_is_the_verdict(stage: MakeStage, tso: str, pso: str, verdict: str) -> None:
    """A violation under one of them is one; without it, what has no verdict under one has none."""
    (found,) = under_models(tso=series(stage, tso), pso=series(stage, pso))
    result = found.clauses["a"].kinds["softirq"]
    assert (result.verdict, found.clauses["a"].verdict) == (verdict, verdict)
    assert (result.failure is None) == (verdict == "pass")
    assert (result.executions, result.programs) == (14, 4)


def test_what_was_not_tested_under_each_has_no_verdict(stage: MakeStage) -> None:
    """An interrupted run has not seen that it is kept; that it is violated, it may have."""
    for word, kinds in (("pass", {}), ("fail", {"softirq": "fail"})):
        (tested,) = series(stage, word)
        clauses = together({"tso": tested.clauses, "pso": {}})
        found = {kind: result.verdict for clause in clauses.values() for kind, result in clause.kinds.items()}
        assert found == kinds


def test_an_open_end_says_under_which_model(stage: MakeStage) -> None:
    """There may be one under each."""
    models = {}
    for model in ("tso", "pso"):
        (made,) = series(stage, "pass")
        kinds = made.clauses["a"].kinds
        kinds["softirq"] = replace(kinds["softirq"], open_ends=(OpenEnd("a", "p", "exhausted within 2 preemptions", 2),))
        models[model] = [made]
    (found,) = under_models(**models)
    ends = [end.how_far for end in found.clauses["a"].kinds["softirq"].open_ends]
    assert ends == ["exhausted within 2 preemptions, under tso", "exhausted within 2 preemptions, under pso"]


def test_a_baseline_under_one_model_excuses_no_patch_under_another(stage: MakeStage) -> None:
    """Over both, the first stage violates the clause already; the patch that breaks it under the other one is named all the same."""
    found = over(stage, "fail fail", "pass fail")
    assert (found.bisectable, found.bad, found.first_bad) == (False, True, {"a": 1})
    assert found.sentence == (
        "bisectable: no under pso; yes under tso"
        " · under tso: no patch breaks what the stage before it kept; the baseline breaks a (softirq) · under pso: patch 1 breaks a"
    )


def test_every_model_has_to_be_sure(stage: MakeStage) -> None:
    """A series is bisectable when it is under each; where one has no verdict, nobody knows."""
    assert over(stage, "pass pass", "pass pass").bisectable is True
    found = over(stage, "pass pass", "pass undecided")
    assert (found.bisectable, found.bad, found.undecided, found.undecided_stages) == (None, False, True, (1,))


def test_what_is_the_same_under_all_models_is_said_once(stage: MakeStage) -> None:
    """As for one model; where another one has an answer of its own, those of the same answer have one together."""
    assert over(stage, "pass fail", "pass fail").sentence == "bisectable: no under tso, pso: patch 1 breaks a"
    models = {"sc": "pass pass", "tso": "pass pass", "pso": "pass undecided", "arm": "pass fail"}
    found = concluded(under_models(**{model: series(stage, verdicts) for model, verdicts in models.items()}), every_clause=("a",))
    assert found.sentence == (
        "bisectable: no under arm; undecided under pso; yes under sc, tso"
        " · under sc, tso: every stage keeps the contract · under pso: no violation found; undecided: stage 1 · under arm: patch 1 breaks a"
    )


def test_an_accepted_change_may_happen_under_one_model_only(stage: MakeStage) -> None:
    """It is there then; one that happens under none is an error."""
    change = AcceptedChange("a", ("softirq",), 1, "why")
    found = over(stage, "pass pass", "pass fail", (change,))
    assert (found.bisectable, found.bad, found.steps.accepted) == (True, False, ((change, ("softirq",)),))
    assert "does not happen" not in found.sentence
    found = over(stage, "pass pass", "pass pass", (change,))
    assert (found.bad, "does not happen" in found.sentence) == (True, True)


def test_what_is_accepted_under_one_model_is_held_against_the_patch_under_another(stage: MakeStage) -> None:
    """Where another patch violates it before, it is not the change that was accepted."""
    change = AcceptedChange("a", ("softirq",), 2, "why")
    found = over(stage, "pass pass fail", "pass fail fail", (change,))
    assert (found.bisectable, found.first_bad) == (False, {"a": 1})
    assert (2, "a", "softirq") not in found.steps.tolerated
