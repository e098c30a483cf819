"""The JSON of a run."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

from harness.report.json_file import to_json
from harness.suite.figure import NotMeasured
from harness.verify.verdicts import StageResult
from stages.api import AcceptedChange
from tests.report.made import MakeStage, concluded, under_models


def document(stages: list[StageResult], interrupted: bool = False) -> dict[str, Any]:
    """The JSON as a reader has it."""
    found = json.loads(to_json(stages, concluded(stages, interrupted)))
    assert isinstance(found, dict)
    return found


def test_every_kind_that_fails_is_there(stage: MakeStage) -> None:
    """With its program; executions add up over kinds."""
    found = document([stage(0, {"a": "pass"}), stage(1, {"a": "fail undecided"})])
    assert (found["bisectable"], found["first_bad"], found["undecided"]) == (False, {"a": 1}, True)
    failure = {"message": "BUG: a is violated", "failure": "BUG", "program": "p", "replay": "h1/softirq"}
    undecided = {"message": "undecided: a is violated", "failure": "undecided", "program": "p", "replay": "h1/vcpu"}
    assert found["stages"][1]["clauses"]["a"] == {
        "verdict": "fail",
        "models": {"sc": "fail"},
        "executions": 14,
        "complete": False,
        "kinds": {"softirq": "fail", "vcpu": "error"},
        "search": {"programs": 4, "exhausted": 2, "robust": 0, "open_ends": [], "within": {}},
        "failures": [
            {"kind": "softirq", "model": "sc", "verdict": "fail", **failure},
            {"kind": "vcpu", "model": "sc", "verdict": "error", **undecided},
        ],
    }
    assert found["patches"] == [{"patch": 1, "breaks": ["a"], "repairs": []}]


def test_it_says_what_was_tested(stage: MakeStage) -> None:
    """The versions, the suite, the model, and what of suite and series was selected."""
    found = document([stage(1, {"a": "pass"})])
    assert (found["schema"], found["harness"], found["series"], found["suite"], list(found["models"])) == (
        2,
        version("series-harness"),
        "fixed",
        "tasklets",
        ["sc"],
    )
    assert found["selected"] == {"whole": False, "clauses": {"a": ["softirq"]}, "stages": [1], "of_clauses": 2, "of_stages": 2}
    assert found["bisectable"] is None
    assert found["conclusion"] == "partial: 1 of 2 clauses, 1 of 2 stages, under sc: no violation found"


def test_a_part_of_the_results_proves_no_series_good(stage: MakeStage) -> None:
    """But it may prove one bad."""
    for verdict, bisectable in (("pass", None), ("fail", False)):
        found = document([stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": verdict})], interrupted=True)
        assert (found["interrupted"], found["bisectable"]) == (True, bisectable)


def test_json_has_one_form(stage: MakeStage) -> None:
    """Keys are sorted, text is UTF-8, one newline ends it."""
    made = stage(0, {"b": "pass", "a": "pass"}, NotMeasured("µs"))
    text = to_json([made], concluded([made]))
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert json.loads(text)["stages"][0]["performance"] == {"error": "µs"}
    assert "µs" in text


def test_steps(stage: MakeStage) -> None:
    """What patches do, what the baseline breaks, and what is accepted, each with its kinds."""
    stages = [stage(0, {"a": "pass fail", "b": "pass"}), stage(1, {"a": "fail pass", "b": "fail"})]
    stages.append(stage(2, {"a": "fail pass", "b": "fail"}))
    accepted = (AcceptedChange("b", ("softirq",), 1, "It must be."), AcceptedChange("a", ("vcpu",), 2, "Not so."))
    found = json.loads(to_json(stages, concluded(stages, of_stages=3, accepted=accepted)))
    assert (found["bad"], found["first_bad"], found["baseline_breaks"]) == (True, {"a": 1}, {"a": ["vcpu"]})
    assert found["patches"] == [{"patch": 1, "breaks": ["a"], "repairs": ["a"]}]
    assert found["breaks"] == [{"patch": 1, "clause": "a", "kinds": ["softirq"], "or_before": False, "or_baseline": False}]
    assert found["mends"] == [{"patch": 1, "clause": "a", "kinds": ["vcpu"]}]
    assert found["accepted"] == [{"clause": "b", "kinds": ["softirq"], "patch": 1, "why": "It must be."}]
    assert found["accepted_but_absent"] == [
        {"clause": "a", "kinds": ["vcpu"], "patch": 2, "message": "accepted change does not happen: stage 2 keeps a (vcpu)"}
    ]


def test_each_memory_model_has_its_own_verdict(stage: MakeStage) -> None:
    """Beside the one over all of them; a failure says under which it is, and what sequential consistency says of it."""
    tso, pso = [stage(0, {"a": "pass"}), stage(1, {"a": "pass"})], [stage(0, {"a": "pass"}), stage(1, {"a": "fail"})]
    stages = under_models(tso=tso, pso=pso)
    stages[1].under_sc = {("a", "softirq"): "pass"}
    found = document(stages)
    clause = found["stages"][1]["clauses"]["a"]
    assert (clause["verdict"], clause["models"]) == ("fail", {"tso": "pass", "pso": "fail"})
    assert [(each["model"], each["under_sc"]) for each in clause["failures"]] == [("pso", "pass")]
    assert {model: each["first_bad"] for model, each in found["models"].items()} == {"tso": {}, "pso": {"a": 1}}
    assert (found["bisectable"], found["first_bad"]) == (False, {"a": 1})
