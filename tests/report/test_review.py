"""The review as text: its parts, and what is said when there is nothing to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from harness.report.counterexample_text import counterexample_text
from harness.report.mail_text import WIDTH
from harness.report.patch_lines import FileOfStage
from harness.report.review import IN_MAIL, Reviewed, executions_quoted, review_text
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.suite.clause import Clause
from harness.suite.suite import Suite
from harness.verify.verdicts import FAIL, PASS, StageResult
from stages.api import AcceptedChange
from tests.report.made import MakeStage, concluded

KINDS = ("softirq", "vcpu")
SUITE = Suite("made", "", KINDS, {name: Clause(name, f"The sentence of {name}. " * 5, (), KINDS) for name in "ab"})
SHOWN = Counterexample(((0, "CPU0"),), (CounterexampleRow(0, "load x, file.py:2 (f)", deviation=True),), "BUG: a is violated")

NO_FILES: Mapping[int, FileOfStage] = {}


def review(
    stages: list[StageResult],
    accepted: Sequence[AcceptedChange] = (),
    notes: tuple[str, ...] = (),
    files: Mapping[int, FileOfStage] = NO_FILES,
    shown: Counterexample | None = SHOWN,
) -> str:
    """The review of these stages; what it wants to show is `shown`."""
    conclusion = concluded(stages, of_stages=len(stages), accepted=tuple(accepted))
    executions = {key: shown for key in executions_quoted(stages, conclusion) if shown is not None}
    text = review_text(Reviewed(stages, conclusion, SUITE, "timed 1 seed", ("--range", "main..topic"), files, notes, executions))
    assert all(len(line) <= WIDTH or line.startswith("> ") for line in text.splitlines())
    return text


def joined(text: str) -> str:
    """Without the ends of lines."""
    return " ".join(text.split())


def test_a_patch_that_breaks_a_clause(stage: MakeStage) -> None:
    """Its title and commit, the clause, the model, what was violated, the command, the execution as the terminal shows it."""
    broken = replace(stage(1, {"a": "fail pass", "b": "pass"}), commit="1" * 40, under_sc={("a", "softirq"): FAIL})
    text = review([stage(0, {"a": "pass pass", "b": "pass"}), broken, stage(2, {"a": "pass pass", "b": "pass"})])
    said = joined(text)
    assert said.startswith("Patch 1, “tasklet: Patch 1” (111111111111), breaks what the tree before it keeps: a (softirq). Memory")
    assert "Memory model: sc, and without store buffers (sc) as well. a (softirq): one execution of p Violated: BUG: a is violated" in said
    assert f"\n\nharness replay h1/softirq --range main..topic\n\n{counterexample_text(SHOWN, IN_MAIL)}\n" in text
    assert "Patch 2 repairs a (softirq)." in said
    assert "Tested: everything; timed 1 seed. Every interleaving was seen in 17 of 18 searches; a violation" in said
    assert said.endswith("and other memory models were not tested.")


def test_the_simplest_first_and_then_the_others(stage: MakeStage) -> None:
    """One execution a patch, that of the simplest failure; the sentences of the other clauses, with their commands."""
    broken = stage(1, {"a": "fail", "b": "fail"})
    for clause, deviations in (("a", ((1, 1), (2, 1))), ("b", ((1, 1),))):
        result = broken.clauses[clause].kinds["softirq"]
        assert result.failure is not None
        failure = replace(result.failure, replay=f"h1/{clause}", engine="explored", deviations=deviations)
        broken.clauses[clause].kinds["softirq"] = replace(result, failure=failure)
    text = review([stage(0, {"a": "pass", "b": "pass"}), broken])
    assert joined(text).index("b (softirq): one execution of p") < joined(text).index("a (softirq): The sentence of a. The sentence of a.")
    assert text.count("load x") == 1
    assert text.index("harness replay h1/b") < text.index("load x") < text.index("harness replay h1/a")


def test_lines_of_the_patch_are_quoted(stage: MakeStage) -> None:
    """Above what is said about them."""
    files = {1: FileOfStage("src/file.py", ("one", "three"), ("one", "two", "three"))}
    text = review([stage(0, {"a": "pass"}), stage(1, {"a": "fail"})], files=files)
    assert "\n\n> +++ src/file.py\n> @@ -1,2 +1,3 @@\n>  one\n> +two\n>  three\n\na (softirq): one execution" in text


def test_without_store_buffers_it_does_not_happen(stage: MakeStage) -> None:
    """Then that is said; where nobody asked, nothing is."""
    stages = [stage(0, {"a": "pass"}), replace(stage(1, {"a": "fail"}), under_sc={("a", "softirq"): PASS})]
    assert "Memory model: sc, but not sc: it takes a weak memory." in joined(review(stages))
    assert "Memory model: sc.\n" in review([stage(0, {"a": "pass"}), stage(1, {"a": "fail"})])


def test_memory_models_that_differ(stage: MakeStage) -> None:
    """Are told of each clause; of all clauses at once where they do not."""
    under = {("a", "softirq"): FAIL}
    stages = [stage(0, {"a": "pass", "b": "pass"}), replace(stage(1, {"a": "fail", "b": "fail"}), under_sc=under)]
    text = review(stages)
    assert text.count("\n  Memory model: sc") == 2
    assert joined(text).startswith(
        "Patch 1, “tasklet: Patch 1”, breaks what the tree before it keeps: a (softirq), b (softirq). a (softirq):"
    )
    assert review([stages[0], replace(stages[1], under_sc={})]).count("Memory model") == 1


def test_a_patch_or_one_before(stage: MakeStage) -> None:
    """It is not accused for certain, and what cannot be tested accuses nobody."""
    said = joined(review([stage(0, {"a": "pass"}), stage(1, {"a": "undecided"}), stage(2, {"a": "fail"})]))
    assert "keeps: a (softirq), by this patch or one before. Memory model: sc." in said
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


def test_what_may_be_of_the_baseline_is_told_in_one_line_a_patch(stage: MakeStage) -> None:
    """However many clauses it is."""
    stages = [stage(0, {"a": "undecided", "b": "undecided"}), stage(1, {"a": "fail", "b": "fail"})]
    assert "Patch 1 or before, or the tree before the series, breaks a (softirq), b (softirq). Undecided" in joined(review(stages))


def test_one_stage_alone(stage: MakeStage) -> None:
    """Nobody knows who did it."""
    said = joined(review([stage(1, {"a": "fail"})]))
    assert said.startswith("Nothing to reply: stage 1 violates a, but it is the only one tested, so nobody knows which patch did it.")
    assert "Tested: 1 of 2 clauses, 1 of 1 stages" in said


@pytest.mark.parametrize("width", [10, 100])
def test_an_execution_that_cannot_be_shown(stage: MakeStage, width: int) -> None:
    """Is not made up; long titles are broken over lines."""
    text = review([stage(0, {"a": "pass"}), replace(stage(1, {"a": "fail"}), title="t" * width)], shown=None)
    said = joined(text)
    assert "a (softirq): The sentence of a. The sentence of a." in said
    assert "How a comes to be violated is not shown here: it is not one execution that can be executed again." in said


def test_an_execution_without_operations(stage: MakeStage) -> None:
    """It is violated at once, and that is said."""
    said = joined(review([stage(0, {"a": "pass"}), stage(1, {"a": "fail"})], shown=replace(SHOWN, rows=())))
    assert "How a comes to be violated is not shown here: it is violated before the first operation." in said
