"""Every violation with the execution that shows it."""

from __future__ import annotations

from dataclasses import replace

from harness.report.html.anchors import Anchors
from harness.report.html.failures_on_page import Failures, each_once, failures_on_page
from harness.suite.registry import suite_named
from harness.verify.conclusions import Conclusion
from harness.verify.verdicts import StageResult
from stages.api import AcceptedChange
from tests.report.html.runs_on_page import run_on_page, shown, target
from tests.report.made import MakeStage, concluded, under_models


def failures(stages: list[StageResult], conclusion: Conclusion) -> Failures:
    """Of these results, with an execution for the kind softirq on stage 1."""
    reviewed = run_on_page(stages, conclusion, executions={(1, "h1/softirq"): shown()}).reported.reviewed
    return failures_on_page(reviewed, {stage.index: target(stage.index) for stage in stages}, Anchors())


def test_what_is_said_of_one(stage: MakeStage) -> None:
    """What was violated in one line, the sentence of the clause, the command with where the series comes from, the execution."""
    stages = [stage(0, {"a": "pass"}), stage(1, {"a": "fail"})]
    found = failures(stages, concluded(stages))[1, "sc", "a", "softirq"]
    assert (found.said, found.sentence, found.word, found.new) == ("BUG: a is violated", "a holds.", "broken", True)
    assert found.command == "harness replay h1/softirq --series 'my dir'"
    assert found.execution is not None
    assert "s.py:1 (f)" in found.execution.text


def test_the_program_of_one(stage: MakeStage) -> None:
    """Its source, where the suite has it; and its file, where rows are in it."""
    stages = [stage(0, {"wakeup": "pass"}), stage(1, {"wakeup": "fail"})]
    result = stages[1].clauses["wakeup"].kinds["softirq"]
    assert result.failure is not None
    stages[1].clauses["wakeup"].kinds["softirq"] = replace(result, failure=replace(result.failure, program="woken-twice"))
    run = run_on_page(stages, concluded(stages), executions={(1, "h1/softirq"): shown("wakeup.py", 7)})
    reviewed = replace(run.reported.reviewed, suite=suite_named("tasklets"))
    (found,) = each_once(failures_on_page(reviewed, {1: target(1)}, Anchors()))
    assert found.program is not None
    assert "def woken_twice(b: Testbed) -> None:" in found.program.lines
    assert found.execution is not None
    assert found.execution.sources == (found.program.file,)


def test_certain_is_what_only_this_patch_can_have_broken(stage: MakeStage) -> None:
    """Not where the stage before has no verdict."""
    stages = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "error", "b": "pass"}), stage(2, {"a": "fail", "b": "fail"})]
    found = failures(stages, concluded(stages, of_stages=3))
    assert {clause: (each.new, each.certain) for (_, _, clause, _), each in found.items()} == {"a": (True, False), "b": (True, True)}


def test_one_that_cannot_be_shown(stage: MakeStage) -> None:
    """What is no single execution has no command, and what was not executed again no execution."""
    stages = [stage(0, {"a": "pass"}), stage(1, {"a": "pass fail", "b": "fail"})]
    result = stages[1].clauses["b"].kinds["softirq"]
    assert result.failure is not None
    stages[1].clauses["b"].kinds["softirq"] = replace(result, failure=replace(result.failure, replay=""))
    found = failures(stages, concluded(stages))
    assert [(each.command[:20], each.execution) for each in found.values()] == [("harness replay h1/vc", None), ("", None)]


def test_new_is_what_the_stage_before_kept(stage: MakeStage) -> None:
    """Also where it is accepted from that patch on; what was broken before is not new."""
    stages = [stage(0, {"a": "pass", "b": "fail"}), stage(1, {"a": "fail", "b": "fail"}), stage(2, {"a": "fail", "b": "fail"})]
    for accepted in ((), (AcceptedChange("a", ("softirq",), 1, "meant"),)):
        found = failures(stages, concluded(stages, of_stages=3, accepted=accepted))
        new = {(index, clause): each.new for (index, _, clause, _), each in found.items()}
        assert new == {(0, "b"): True, (1, "a"): True, (1, "b"): False, (2, "a"): False, (2, "b"): False}


def test_what_memory_models_share_is_shown_once(stage: MakeStage) -> None:
    """By its replay string; two places lead to it."""
    sc = [stage(0, {"a": "pass"}), stage(1, {"a": "fail"})]
    stages = under_models(sc=sc, tso=sc)
    found = failures(stages, concluded(stages))
    assert [place[1] for place in found] == ["sc", "tso"]
    (once,) = each_once(found)
    assert once.models == ("sc", "tso")


def test_the_simplest_of_a_clause_comes_first(stage: MakeStage) -> None:
    """Whatever kind and memory model it is of; clauses stay in their order."""
    made = []
    for model, deviations in (("arm", {"softirq": 0, "vcpu": 0}), ("sc", {"softirq": 2, "vcpu": 1})):
        stages = [stage(0, {"a": "pass pass", "b": "pass"}), stage(1, {"a": "fail fail", "b": "fail"})]
        for kind, number in deviations.items():
            result = stages[1].clauses["a"].kinds[kind]
            assert result.failure is not None
            at = tuple((place, 1) for place in range(number))
            failure = replace(result.failure, replay=f"h1/{model}/{kind}", engine="explored", deviations=at, model=model)
            stages[1].clauses["a"].kinds[kind] = replace(result, failure=failure)
        made.append(stages)
    stages = under_models(arm=made[0], sc=made[1])
    found = each_once(failures(stages, concluded(stages, kinds=("softirq", "vcpu"))))
    assert [each.command.split()[2] for each in found] == ["h1/sc/vcpu", "h1/sc/softirq", "h1/arm/softirq", "h1/arm/vcpu", "h1/softirq"]
