"""What is told of the core of 2014."""

from __future__ import annotations

from dataclasses import replace

from harness.report.core_report import NOTHING, UNFINISHED, core_json, core_properties, core_text
from harness.verify.verdicts import StageResult
from tests.report.made import MakeStage

ABOUT = """about the core of 2014, not about any patch, for it is kept with the mended core:
clause    stages    kinds          what was violated    replay
--------  --------  -------------  -------------------  ----------
a         0–1       softirq, vcpu  BUG: a is violated   h1/softirq"""
UNSURE = "with the core of 2014, violated, and without a verdict with the mended one, so nobody knows whose it is: stage 1: b (softirq): "


def on_both_cores(mended: StageResult, old: StageResult) -> StageResult:
    """A stage with both cores."""
    return replace(mended, models={"arm": mended.clauses}, old_core=old.clauses)


def findings(stage: MakeStage) -> list[StageResult]:
    """Two stages with findings about the core, and one thing that nobody can lay to it."""
    first = on_both_cores(stage(0, {"a": "pass pass"}), stage(0, {"a": "fail fail"}))
    return [first, on_both_cores(stage(1, {"a": "pass pass", "b": "undecided"}), stage(1, {"a": "fail fail", "b": "fail"}))]


def test_text(stage: MakeStage) -> None:
    """Equal findings of several stages are one row; the rest are lines."""
    assert (
        core_text(findings(stage), "simple", ("--mbox", "m"))
        == f"{ABOUT}\nto see one again: harness replay STRING --mbox m\n{UNSURE}BUG: b is violated"
    )


def test_nothing_to_tell(stage: MakeStage) -> None:
    """That nothing was found is only said if everything was looked at, and nothing at all where the core was not tried."""
    assert core_text([stage(0, {"a": "pass"})], "simple", ()) == ""
    assert core_text([on_both_cores(stage(0, {"a": "pass"}), stage(0, {"a": "pass"}))], "simple", ()) == NOTHING
    assert core_text([on_both_cores(stage(0, {"a": "pass"}), stage(0, {"a": "error"}))], "simple", ()) == UNFINISHED


def test_json(stage: MakeStage) -> None:
    """The findings with their replay strings; no key where the core was not tried."""
    assert core_json([stage(0, {"a": "pass"})]) == {}
    core = core_json(findings(stage))["core"]
    assert (core["name"], core["complete"], core["undecided"]) == ("2014", True, [])
    assert core["findings"] == [
        {
            "clause": "a",
            "kinds": ("softirq", "vcpu"),
            "stages": (0, 1),
            "failure": "BUG",
            "message": "BUG: a is violated",
            "program": "p",
            "replay": "h1/softirq",
        }
    ]
    assert [each["clause"] for each in core["unsure"]] == ["b"]


def test_property(stage: MakeStage) -> None:
    """One for each stage, of what is about the core."""
    first, second = findings(stage)
    assert core_properties(first) == core_properties(second) == {"about the core of 2014": "a (softirq, vcpu)"}
    assert core_properties(on_both_cores(stage(0, {"a": "pass"}), stage(0, {"a": "pass"}))) == {"about the core of 2014": "nothing"}
    assert core_properties(stage(0, {"a": "pass"})) == {}
