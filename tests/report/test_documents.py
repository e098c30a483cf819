"""The JSON and the JUnit file."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from harness.report.json_file import to_json
from harness.report.junit import to_junit
from harness.suite.figure import NotMeasured
from harness.verify.verdicts import FAIL, ClauseResult, Failure, KindResult, StageResult
from tests.report.made import MakeStage


def test_json_of_a_failure(stage: MakeStage) -> None:
    """The first failing kind is the clause's failure; executions add up over kinds."""
    document = json.loads(to_json("fixed", [stage(0, {"a": "pass"}), stage(1, {"a": "pass fail"})], interrupted=False))
    assert (document["bisectable"], document["first_bad"]) == (False, {"a": 1})
    assert document["stages"][1]["clauses"]["a"] == {
        "verdict": "fail",
        "executions": 14,
        "complete": False,
        "kinds": {"softirq": "pass", "vcpu": "fail"},
        "search": {"programs": 4, "exhausted": 3, "open_ends": []},
        "failure": {"kind": "vcpu", "message": "BUG: a is violated", "replay": "h1/vcpu"},
    }


def test_a_part_of_the_results_proves_no_series_good(stage: MakeStage) -> None:
    """But it may prove one bad."""
    for verdict, bisectable in (("pass", None), ("fail", False)):
        document = json.loads(to_json("fixed", [stage(0, {"a": verdict})], interrupted=True))
        assert (document["interrupted"], document["bisectable"]) == (True, bisectable)


def test_json_has_one_form(stage: MakeStage) -> None:
    """Keys are sorted, text is UTF-8, one newline ends it."""
    text = to_json("fixed", [stage(0, {"b": "pass", "a": "pass"}, NotMeasured("µs"))], interrupted=False)
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert json.loads(text)["stages"][0]["performance"] == {"error": "µs"}
    assert "µs" in text


def test_junit_counts(stage: MakeStage) -> None:
    """Failures and errors are told apart, per stage and in all."""
    root = ElementTree.fromstring(to_junit("fixed", [stage(0, {"a": "pass"}), stage(1, {"a": "pass fail", "b": "error"})]))
    counts = [[element.get(name) for name in ("tests", "failures", "errors")] for element in (root, *root.findall("testsuite"))]
    assert counts == [["4", "1", "1"], ["1", "0", "0"], ["3", "1", "1"]]
    (failure,) = root.iter("failure")
    assert failure.get("message") == "BUG: a is violated"
    assert failure.text == "BUG: a is violated\nreplay: h1/vcpu"


@given(st.text())
def test_junit_carries_any_message(message: str) -> None:
    """What XML cannot carry is replaced; the document stays readable."""
    failure = Failure("crash", message, replay=message)
    made = StageResult(0, message, "m", clauses={"a": ClauseResult("a", {"vcpu": KindResult("a", "vcpu", FAIL, 1, failure=failure)})})
    text = to_junit("fixed", [made])
    assert len(list(ElementTree.fromstring(text.encode()).iter("failure"))) == 1
