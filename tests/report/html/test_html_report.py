"""What is on the page."""

from __future__ import annotations

from dataclasses import replace

from harness.report.html.html_report import BAD, GOOD, UNSURE, html_report
from harness.report.html.short_answer import Linked, ShortAnswer
from harness.report.html.verdict_words import WORDS
from harness.report.review import BEYOND
from harness.verify.verdicts import OpenEnd
from tests.report.html.runs_on_page import run_on_page
from tests.report.made import MakeStage, concluded


def test_the_answer(stage: MakeStage) -> None:
    """It is short, and says how good that is; nothing that nobody knows is good."""
    verdicts = {"pass": GOOD, "fail": BAD, "undecided": UNSURE}
    for verdict, state in verdicts.items():
        stages = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "pass", "b": verdict})]
        made = html_report(run_on_page(stages, concluded(stages)))
        assert made.state == state
    assert made.answer.head == "bisectable: undecided under sc"


def test_the_answer_about_a_part(stage: MakeStage) -> None:
    """It says first how small the part is."""
    stages = [stage(0, {"a": "pass"}), stage(1, {"a": "pass"})]
    made = html_report(run_on_page(stages, concluded(stages)))
    part = "partial: 1 of 2 clauses, 2 of 2 stages, under sc"
    assert made.answer == ShortAnswer(part, ((Linked("no violation found", "contract"),),))
    assert {each.heading: each.lines for each in made.remarks}["Left out"] == ("1 clause not asked for: b",)


def test_what_the_baseline_violates_does_not_count_if_nobody_wants_that(stage: MakeStage) -> None:
    """As for the exit code."""
    stages = [stage(index, {"a": verdict}) for index, verdict in enumerate(("fail", "pass", "fail"))]
    run = run_on_page(stages, concluded(stages, of_stages=3))
    assert html_report(run).state == BAD
    excused = html_report(replace(run, reported=replace(run.reported, new_only=True)))
    assert excused.state == GOOD
    assert (Linked("not counted: "), Linked("patch 2", "patch-2"), Linked(" breaks a, which the baseline violates")) in excused.did


def test_what_is_said_of_performance(stage: MakeStage) -> None:
    """A sentence where it was measured, and nothing to draw where it was not; every word of the matrix is explained."""
    stages = [stage(0, {"a": "pass"}), stage(1, {"a": "pass"})]
    run = run_on_page(stages, concluded(stages))
    made = html_report(run)
    assert (made.performance_answer, made.plots, made.undrawn) == ("", (), "")
    assert {word for word, _ in made.meanings} == set(WORDS)
    measured = html_report(replace(run, reported=replace(run.reported, performance=True)))
    assert measured.performance_answer == "the performance bug: not measured on every stage"


def test_the_series(stage: MakeStage) -> None:
    """The rows of the tables of a run, each with the place of its patch."""
    stages = [stage(0, {"a": "pass"}), stage(1, {"a": "fail"})]
    run = run_on_page(stages, concluded(stages))
    table = html_report(run).series
    assert [row[table.linked] for row in table.rows] == ["Patch 0", "Patch 1"]
    assert table.links == ("patch-0", "patch-1")
    assert "breaks" in table.headers
    shipped = html_report(replace(run, series=replace(run.series, patches=False))).series
    assert shipped.headers == ("stage", "patch", "contract", "exhausted")


def test_what_was_not_searched(stage: MakeStage) -> None:
    """What is undecided, where searches have ended, what could not be tested, what no such run shows; in an interrupted run, that."""
    stages = [stage(0, {"a": "pass"}), stage(1, {"a": "undecided", "b": "error"})]
    result = stages[0].clauses["a"].kinds["softirq"]
    stages[0].clauses["a"].kinds["softirq"] = replace(result, open_ends=(OpenEnd("a", "p", "within 2 preemptions", 2),))
    run = run_on_page(stages, concluded(stages, interrupted=True))
    run = replace(run, reported=replace(run.reported, problems={0: "does not compile"}))
    made = html_report(run)
    remarks = {each.heading: each.lines for each in made.remarks}
    assert remarks["Left out"] == ("the run was interrupted: the tests that it lacks were not run",)
    assert remarks["Undecided"] == ("undecided: stage 1: a (softirq): a is violated",)
    assert remarks["Cannot be tested"][0] == "stage 0 cannot be tested: it does not compile"
    assert made.open_ends is not None
    assert made.open_ends.rows == (("a", "softirq", "p", "0", "within 2 preemptions"),)
    assert (BEYOND,) in remarks.values()


def test_the_command_is_one_that_a_shell_takes(stage: MakeStage) -> None:
    """Words with spaces are one word."""
    stages = [stage(0, {"a": "pass"})]
    assert html_report(run_on_page(stages, concluded(stages))).command == "harness run --series 'my dir'"
