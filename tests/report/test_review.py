"""The review as text: its parts, and what is said when there is nothing to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.report.mail_text import WIDTH
from harness.report.review import Reviewed, review_text
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.suite.clause import Clause
from harness.suite.suite import Suite
from harness.verify.complaints import complaints
from harness.verify.verdicts import FAIL, PASS, StageResult
from stages.api import AcceptedChange
from tests.report.made import MakeStage, concluded

KINDS = ("softirq", "vcpu")
SUITE = Suite("made", "", KINDS, {name: Clause(name, f"The sentence of {name}. " * 5, (), KINDS) for name in "ab"})
SHOWN = Counterexample(((0, "CPU0"),), (CounterexampleRow(0, "load x", deviation=True),), "BUG: no")


def review(stages: list[StageResult], accepted: Sequence[AcceptedChange] = (), notes: tuple[str, ...] = ()) -> str:
    """The review of these stages, each patch with an execution."""
    conclusion = concluded(stages, of_stages=len(stages), accepted=tuple(accepted))
    shown = {patch: (found[0], SHOWN) for patch, found in complaints(stages, conclusion).items()}
    text = review_text(Reviewed(stages, conclusion, SUITE, "timed 1 seed", ("--range", "main..topic"), shown, notes))
    assert all(len(line) <= WIDTH for line in text.splitlines())
    return text


def joined(text: str) -> str:
    """Without the ends of lines."""
    return " ".join(text.split())


def test_a_patch_that_breaks_a_clause(stage: MakeStage) -> None:
    """Its title and commit, the clause and its sentence, what was violated, the model, the command, the execution."""
    broken = replace(stage(1, {"a": "fail pass", "b": "pass"}), commit="1" * 40, under_sc={("a", "softirq"): FAIL})
    text = review([stage(0, {"a": "pass pass", "b": "pass"}), broken, stage(2, {"a": "pass pass", "b": "pass"})])
    said = joined(text)
    assert said.startswith("Patch 1, “tasklet: Patch 1” (111111111111), breaks what the tree before it keeps. a (softirq): ")
    assert "a (softirq): The sentence of a. The sentence of a." in said
    assert "Violated: BUG: a is violated Memory model: sc, and without store buffers (sc) as well" in said
    assert "\n\nharness replay h1/softirq --range main..topic\n\n" in text
    assert text.count("  CPU0:\n  * load x\n  BUG: a is violated\n\n") == 1
    assert "Patch 2 repairs a (softirq)." in said
    assert "Tested: everything; timed 1 seed. Every interleaving was seen in 17 of 18 searches; a violation" in said
    assert said.endswith("and other memory models were not tested.")


def test_without_store_buffers_it_does_not_happen(stage: MakeStage) -> None:
    """Then that is said; where nobody asked, nothing is."""
    stages = [stage(0, {"a": "pass"}), replace(stage(1, {"a": "fail"}), under_sc={("a", "softirq"): PASS})]
    assert "Memory model: sc, but not sc: it takes a weak memory" in joined(review(stages))
    assert "Memory model: sc\n" in review([stage(0, {"a": "pass"}), stage(1, {"a": "fail"})])


def test_a_patch_or_one_before(stage: MakeStage) -> None:
    """It is not accused for certain, and what cannot be tested accuses nobody."""
    said = joined(review([stage(0, {"a": "pass"}), stage(1, {"a": "undecided"}), stage(2, {"a": "fail"})]))
    assert "a (softirq), broken by this patch or one before: The sentence" in said
    assert "Undecided: stage 1; that accuses no patch." in said


def test_nothing_to_reply(stage: MakeStage) -> None:
    """What is not of a patch, accepted, or not known is said, and replied to nobody."""
    accepted = [AcceptedChange("b", ("softirq",), 1, "Known.")]
    said = joined(review([stage(0, {"a": "fail", "b": "pass"}), stage(1, {"a": "fail", "b": "fail"})], accepted, ("A note",)))
    assert said.startswith("Nothing to reply: no patch is found to break what the tree before it keeps. ")
    assert "The tree before the series violates a (softirq) already: that is of no patch." in said
    assert "Accepted from patch 1 on: b (softirq)." in said
    assert " A note. " in said
    said = joined(review([stage(0, {"a": "undecided"}), stage(1, {"a": "fail"})]))
    assert "Patch 1 or before, or the tree before the series, breaks a (softirq)." in said


def test_one_stage_alone(stage: MakeStage) -> None:
    """Nobody knows who did it."""
    said = joined(review([stage(1, {"a": "fail"})]))
    assert said.startswith("Nothing to reply: stage 1 violates a, but it is the only one tested, so nobody knows which patch did it.")
    assert "Tested: 1 of 2 clauses, 1 of 1 stages" in said


@pytest.mark.parametrize("width", [10, 100])
def test_an_execution_that_cannot_be_shown(stage: MakeStage, width: int) -> None:
    """Is not made up; long titles are broken over lines."""
    stages = [stage(0, {"a": "pass"}), replace(stage(1, {"a": "fail"}), title="t" * width)]
    conclusion = concluded(stages)
    text = review_text(Reviewed(stages, conclusion, SUITE, "timed 1 seed", (), {}))
    assert "a cannot be shown as one execution." in text
    assert all(len(line) <= WIDTH for line in text.splitlines())


def test_an_execution_without_operations(stage: MakeStage) -> None:
    """It is violated at once, and that is said."""
    stages = [stage(0, {"a": "pass"}), stage(1, {"a": "fail"})]
    conclusion = concluded(stages)
    shown = {1: (complaints(stages, conclusion)[1][0], replace(SHOWN, rows=()))}
    text = review_text(Reviewed(stages, conclusion, SUITE, "timed 1 seed", (), shown))
    assert "Of a (softirq), program p, nothing can be shown: it is violated before the first operation." in joined(text)
