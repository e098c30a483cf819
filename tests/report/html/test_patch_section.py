"""What the page says of one patch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.report.html import html_report as html_report_module
from harness.report.html.html_report import RunOnPage, html_report
from harness.report.html.patch_section import PatchSection
from harness.sources.sourced_series import SourcedSeries
from harness.suite.figure import NotMeasured
from harness.verify.verdicts import UNTESTABLE, Failure
from stages.api import AcceptedChange
from tests.measure.made import performance
from tests.report.html.runs_on_page import run_on_page, shown, target
from tests.report.made import MakeStage, concluded


@pytest.fixture(autouse=True)
def without_plots(monkeypatch: pytest.MonkeyPatch) -> None:
    """To draw takes long, and is of no concern here."""
    monkeypatch.setattr(html_report_module, "report_plots", lambda *_: [])


def section(run: RunOnPage, index: int) -> PatchSection:
    """Of the patch with that number."""
    return next(each for each in html_report(run).patches if each.index == index)


def test_what_a_patch_does(stage: MakeStage) -> None:
    """What it breaks, what was broken before, and what is accepted, apart from each other."""
    stages = [stage(0, {"a": "fail fail", "b": "pass pass"}), stage(1, {"a": "fail pass", "b": "fail fail"})]
    accepted = (AcceptedChange("b", ("vcpu",), 1, "meant"),)
    made = section(run_on_page(stages, concluded(stages, accepted=accepted)), 1)
    assert [(each.clause, each.kind) for each in made.breaks] == [("b", "softirq")]
    assert [(each.clause, each.kind) for each in made.accepted] == [("b", "vcpu")]
    assert [(each.clause, each.kind) for each in made.still_broken] == [("a", "softirq")]
    assert [step.in_full for step in made.repairs] == ["a (vcpu)"]
    assert made.message == "Message 1\n\nWhy."


def test_a_stage_without_verdicts(stage: MakeStage) -> None:
    """Why it cannot be tested, be it that it does not load or that its code is wrong; and what was searched in vain."""
    stages = [stage(0, {"a": "pass"}), stage(1, {"a": "undecided"}), stage(2, {"a": "error"})]
    result = stages[2].clauses["a"].kinds["softirq"]
    stages[2].clauses["a"].kinds["softirq"] = replace(result, failure=Failure(UNTESTABLE, "raises NameError in nearly every program"))
    run = run_on_page(stages, concluded(stages, of_stages=3))
    run = replace(run, reported=replace(run.reported, problems={0: "does not import"}))
    assert [(each.problem, each.undecided) for each in html_report(run).patches] == [
        ("does not import", ()),
        ("", ("undecided: stage 1: a (softirq): a is violated",)),
        ("raises NameError in nearly every program", ()),
    ]


def test_its_lines(stage: MakeStage) -> None:
    """Those that the executions go through which show what it breaks itself; not those of what was broken before."""
    stages = [stage(0, {"a": "fail", "b": "pass"}), stage(1, {"a": "fail", "b": "pass fail"})]
    executions = {(1, "h1/softirq"): shown("s.py", 2), (1, "h1/vcpu"): shown("s.py", 3)}
    targets = [target(0, "x\n"), target(1, "x\ny\nz\n")]
    made = section(run_on_page(stages, concluded(stages), targets, executions), 1)
    assert made.files is not None
    assert [(line.after, line.visits) for line in made.files[0].lines] == [(1, ()), (2, ()), (3, (1,))]
    assert [(each.anchor, each.lines, each.label) for each in made.passing.values()] == [("patch-1-through-1", "3", "b (vcpu)")]
    assert section(run_on_page(stages, concluded(stages), targets), 0).files is None


def test_against_a_stage_that_is_not_in_the_run(stage: MakeStage) -> None:
    """Its lines are known, for the series has it; how it behaves is not."""
    targets = [target(0, "x\n"), target(1, "x\ny\n"), target(2, "x\ny\nz\n")]
    stages = [stage(0, {"a": "pass"}), stage(2, {"a": "pass"})]
    series = SourcedSeries("mine", "tasklets", tuple(targets), ("zero", "one", "two"), authors=("", "", "A. N. Other <a@example.org>"))
    made = section(run_on_page(stages, concluded(stages), [targets[0], targets[2]], series=series), 2)
    assert made.files is not None
    assert [line.text for line in made.files[0].lines] == ["x", "y", "z"]
    assert made.behaviour.problem == "the stage before is not in this run"
    assert (made.message, made.author) == ("two", "A. N. Other <a@example.org>")


def test_what_was_measured(stage: MakeStage) -> None:
    """Behaviour that differs, with its unit; each figure with the one before, and a star where they differ."""
    stages = [
        replace(stage(0, {"a": "pass"}, performance(0.1, locks_per_run=3.0)), behaviour={"interrupts off": 7}),
        replace(stage(1, {"a": "pass"}, performance(0.1, locks_per_run=1.0)), behaviour={"interrupts off": 9}),
    ]
    made = section(run_on_page(stages, concluded(stages)), 1)
    assert made.behaviour.rows == (("interrupts off", "7 cycles", "9 cycles"),)
    assert ("lock/run", "3.00 ±0.10", "1.00 ±0.10 *") in made.figures.rows
    assert section(run_on_page(stages, concluded(stages)), 0).behaviour.problem == ""


def test_what_could_not_be_measured(stage: MakeStage) -> None:
    """Why; that is no difference."""
    stages = [
        replace(stage(0, {"a": "pass"}, performance()), behaviour={"interrupts off": 7}),
        replace(stage(1, {"a": "pass"}, NotMeasured("it hangs")), behaviour=NotMeasured("it crashes")),
    ]
    made = section(run_on_page(stages, concluded(stages)), 1)
    assert (made.behaviour.problem, made.behaviour.rows) == ("not measured: it crashes", ())
    assert (made.figures.problem, made.figures.rows) == ("not measured: it hangs", ())
    lacking = [stages[0], replace(stages[1], behaviour={})]
    assert section(run_on_page(lacking, concluded(lacking)), 1).behaviour.problem == "not measured in this run"
    same = [replace(each, behaviour={"interrupts off": 7}, performance=None) for each in stages]
    made = section(run_on_page(same, concluded(same)), 1)
    assert made.behaviour.problem == "no measured behaviour differs"
    assert made.figures.problem == "performance was not measured in this run"
