"""The JUnit XML of a run."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.report.counterexample_text import counterexample_text
from harness.report.junit import executions_told, to_junit
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.suite.clause import Clause
from harness.suite.suite import Suite
from harness.tasklets.clauses import never_concurrent
from harness.verify.verdicts import FAIL, ClauseResult, Failure, KindResult, StageResult
from stages.api import AcceptedChange
from tests.report.made import MakeStage, concluded, under_models

KINDS = ("softirq", "vcpu")
PROGRAMS = (never_concurrent.two_cpus_schedule, never_concurrent.two_cpus_send)
SUITE = Suite("tasklets", "", KINDS, {name: Clause(name, "", PROGRAMS, KINDS) for name in ("a", "b")})


def root_of(stages: list[StageResult], interrupted: bool = False) -> ElementTree.Element:
    """The document as a reader has it."""
    return ElementTree.fromstring(to_junit(stages, concluded(stages, interrupted), SUITE).encode())


def test_junit_counts(stage: MakeStage) -> None:
    """Failures and errors are told apart, per stage and in all."""
    root = root_of([stage(0, {"a": "pass"}), stage(1, {"a": "pass fail", "b": "error"})])
    counts = [[element.get(name) for name in ("tests", "failures", "errors", "time")] for element in (root, *root.findall("testsuite"))]
    assert counts == [["4", "1", "1", "0"], ["1", "0", "0", "0"], ["3", "1", "1", "0"]]
    (failure,) = root.iter("failure")
    assert (failure.get("message"), failure.get("type")) == ("BUG: a is violated", "BUG")
    assert failure.text == "BUG: a is violated\nreplay: harness replay h1/vcpu"


def test_a_failure_has_its_counterexample(stage: MakeStage) -> None:
    """Just as `harness replay` prints it; a violation that is held against nobody has none."""
    stages = [stage(0, {"a": "pass", "b": "fail"}), stage(1, {"a": "fail", "b": "fail"})]
    conclusion = concluded(stages)
    assert executions_told(stages, conclusion) == [(1, "h1/softirq")]
    row = CounterexampleRow(0, "read x = 1, stage.py:1 (f)", deviation=True)
    shown = Counterexample(((0, "CPU0"),), (row,), "BUG: a is violated")
    text = to_junit(stages, conclusion, SUITE, {(1, "h1/softirq"): shown, (0, "h1/softirq"): shown}, ("--range", "a b..c"))
    (failure,) = ElementTree.fromstring(text.encode()).iter("failure")
    assert failure.text == f"BUG: a is violated\nreplay: harness replay h1/softirq --range 'a b..c'\n\n{counterexample_text(shown)}"
    assert text.count("stage.py:1") == 1


def test_a_violation_that_is_held_against_nobody_is_skipped(stage: MakeStage) -> None:
    """An accepted one with its reason, and those of the baseline until they are mended; what is broken again is a failure."""
    words = ({"a": "pass", "b": "fail"}, {"a": "fail", "b": "fail"}, {"a": "fail", "b": "pass"}, {"a": "pass", "b": "fail"})
    stages = [stage(index, each) for index, each in enumerate(words)]
    conclusion = concluded(stages, of_stages=4, accepted=(AcceptedChange("a", ("softirq",), 1, "so it is"),))
    root = ElementTree.fromstring(to_junit(stages, conclusion, SUITE).encode())
    suites = root.findall("testsuite")
    told = [[(case.get("name"), *((e.tag, e.get("message")) for e in case)) for case in suite.iter("testcase")] for suite in suites]
    accepted, old = ("skipped", "accepted: so it is"), ("skipped", "no patch broke it: the baseline violates it")
    a, b = "a[softirq]", "b[softirq]"
    assert told == [[(a,), (b, old)], [(a, accepted), (b, old)], [(a, accepted), (b,)], [(a,), (b, ("failure", "BUG: b is violated"))]]
    assert [element.get("skipped") for element in (root, *suites)] == ["4", "1", "2", "1", "0"]


def test_a_case_has_the_place_of_its_program(stage: MakeStage) -> None:
    """The one that failed, or the first one; the file is the same on every machine, and is there."""
    made = stage(0, {"a": "pass fail"})
    kinds = made.clauses["a"].kinds
    kinds["vcpu"] = KindResult("a", "vcpu", FAIL, 1, failure=Failure("BUG", "", program=PROGRAMS[1].name))
    root = Path(__file__).resolve().parents[2]
    for case, program in zip(root_of([made]).iter("testcase"), PROGRAMS, strict=True):
        assert (case.get("file"), case.get("time")) == ("harness/tasklets/clauses/never_concurrent.py", "0")
        lines = (root / (case.get("file") or "")).read_text(encoding="utf-8").splitlines()
        below = lines[int(case.get("line") or 0) - 1 :]
        assert next(line for line in below if line.startswith("def ")).startswith(f"def {program.name.replace('-', '_')}(")


def test_a_clause_without_a_place_has_none(stage: MakeStage) -> None:
    """A suite of another version may lack it."""
    (case,) = root_of([stage(0, {"unknown": "pass"})]).iter("testcase")
    assert case.get("file") is None


def test_an_interrupted_run_is_marked(stage: MakeStage) -> None:
    """Every suite says so, in a property and in words; one of a whole run does not."""
    for interrupted in (False, True):
        (suite,) = root_of([stage(0, {"a": "pass"})], interrupted).iter("testsuite")
        properties = {each.get("name"): each.get("value") for each in suite.iter("property")}
        assert properties.get("interrupted") == ("true" if interrupted else None)
        assert (properties["executions"], properties["models"]) == ("7", "sc")
        assert (suite.find("system-err") is not None) == interrupted
        order = [element.tag for element in suite]
        assert order == ["properties", "testcase", *["system-err"] * interrupted]


@settings(max_examples=10)
@given(st.text())
def test_junit_carries_any_message(message: str) -> None:
    """What XML cannot carry is replaced; the document stays readable."""
    failure = Failure(message, message, replay=message)
    made = StageResult(0, message, "m", clauses={"a": ClauseResult("a", {"vcpu": KindResult("a", "vcpu", FAIL, 1, failure=failure)})})
    assert len(list(root_of([made]).iter("failure"))) == 1


def test_a_case_for_each_of_several_memory_models(stage: MakeStage) -> None:
    """Excused by what holds under its own model only."""
    tso = [stage(0, {"a": "fail"}), stage(1, {"a": "fail"})]
    pso = [stage(0, {"a": "pass"}), stage(1, {"a": "fail"})]
    stages = under_models(tso=tso, pso=pso)
    root = ElementTree.fromstring(to_junit(stages, concluded(stages), SUITE).encode())
    told = [[(case.get("name"), *(e.tag for e in case)) for case in suite.iter("testcase")] for suite in root.findall("testsuite")]
    assert told == [
        [("a[softirq, tso]", "skipped"), ("a[softirq, pso]",)],
        [("a[softirq, tso]", "skipped"), ("a[softirq, pso]", "failure")],
    ]
