"""The verdicts of a run as JUnit XML: a suite per stage, a test case per clause and kind (docs/json.md).

Every `time` is 0, for readers that ask for one: how long a test takes differs from run to run, and the same results give the same bytes.
What a test costs is told by the property `executions` of its suite.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from xml.etree import ElementTree

from harness.report.core_report import core_properties
from harness.report.counterexample_text import counterexample_text
from harness.report.interrupted_words import TESTS_LACKING
from harness.report.replay_command import replay_command
from harness.suite.suite import Suite
from harness.verify.conclusions import Conclusion, by_model, what
from harness.verify.executions import NONE, Executions, Key
from harness.verify.verdicts import FAIL, KindResult, StageResult

# Characters that XML 1.0 cannot carry.
UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

NO_TIME = "0"
FAILURE = "failure"
COUNTED = ("tests", "failures", "errors", "skipped")


@dataclass(frozen=True)
class _Beside:
    """What there is besides results: what the stages were tested with, executions, and the options that name the series."""

    suite: Suite
    executions: Executions
    source: Sequence[str]


def to_junit(
    stages: Sequence[StageResult],
    conclusion: Conclusion,
    suite: Suite,
    executions: Executions = NONE,
    source: Sequence[str] = (),
) -> str:
    """The whole document; `suite` is what the stages were tested with, `executions` is what of `executions_told` can be shown.

    `source`: options that name the series.
    """
    beside = _Beside(suite, executions, source)
    root = ElementTree.Element("testsuites", name=f"series {conclusion.selection.series}")
    cases = [_cases(stage, conclusion) for stage in stages]
    for stage, of in zip(stages, cases, strict=True):
        _stage(root, stage, of, conclusion, beside)
    counts = list(map(_counts, cases))
    root.attrib.update({name: str(sum(int(each[name]) for each in counts)) for name in COUNTED}, time=NO_TIME)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


@dataclass(frozen=True)
class _Case:
    """A test, under which memory model if there are several, and what is concluded there."""

    stage: StageResult
    result: KindResult
    model: str
    conclusion: Conclusion

    @property
    def name(self) -> str:
        return f"{self.result.clause}[{self.result.kind}{', ' * bool(self.model)}{self.model}]"

    @property
    def excuse(self) -> str:
        """Why a violation is held against nobody; nothing if it is."""
        return self.conclusion.excuse(self.stage.index, self.result)

    @property
    def tag(self) -> str:
        """What a reader is to take it for; nothing if it passes."""
        result = self.result
        return "" if result.failure is None else "skipped" if self.excuse else FAILURE if result.verdict == FAIL else "error"


def _cases(stage: StageResult, conclusion: Conclusion) -> list[_Case]:
    return [
        _Case(tested, result, model if conclusion.models else "", each)
        for model, tested, each in by_model(stage, conclusion)
        for clause in tested.clauses.values()
        for result in clause.kinds.values()
    ]


def _stage(root: ElementTree.Element, stage: StageResult, cases: Sequence[_Case], conclusion: Conclusion, beside: _Beside) -> None:
    element = ElementTree.SubElement(root, "testsuite", {"name": _text(f"stage {stage.index}: {stage.title}"), **_counts(cases)})
    properties = ElementTree.SubElement(element, "properties")
    for name, value in {**_properties(cases, conclusion), **core_properties(stage)}.items():
        ElementTree.SubElement(properties, "property", name=name, value=value)
    for case in cases:
        _case(element, case, beside)
    if conclusion.interrupted:
        ElementTree.SubElement(element, "system-err").text = TESTS_LACKING


def _properties(cases: Sequence[_Case], conclusion: Conclusion) -> dict[str, str]:
    return {
        "harness": version("series-harness"),
        "suite": conclusion.selection.suite,
        "models": ", ".join(conclusion.selection.models),
        "executions": str(sum(case.result.executions for case in cases)),
        "conclusion": conclusion.sentence,
        **({"interrupted": "true"} if conclusion.interrupted else {}),
    }


def _text(text: str) -> str:
    return UNPRINTABLE.sub("\ufffd", text)


def _counts(cases: Sequence[_Case]) -> dict[str, str]:
    tags = [case.tag for case in cases]
    numbers = (len(tags), tags.count("failure"), tags.count("error"), tags.count("skipped"))
    return {**{name: str(number) for name, number in zip(COUNTED, numbers, strict=True)}, "time": NO_TIME}


def _case(parent: ElementTree.Element, case: _Case, beside: _Beside) -> None:
    result = case.result
    attributes = {"classname": case.stage.module, "name": case.name, "time": NO_TIME, **_place(beside.suite, result)}
    element = ElementTree.SubElement(parent, "testcase", attributes)
    if result.failure is not None:
        message = _text(what(result.failure))
        attributes = {"message": _text(case.excuse)} if case.excuse else {"message": message, "type": _text(result.failure.kind)}
        said = ElementTree.SubElement(element, case.tag, attributes)
        command = [f"replay: {replay_command(replay, beside.source)}"] if (replay := result.failure.replay) else []
        said.text = _text("\n\n".join(["\n".join([message, *command]), *_execution(case, beside.executions)]))


def executions_told(stages: Sequence[StageResult], conclusion: Conclusion) -> list[Key]:
    """The executions that the document shows: of every failure."""
    failures = [
        (stage.index, case.result.failure)
        for stage in stages
        for case in _cases(stage, conclusion)
        if case.tag == FAILURE and case.result.failure is not None
    ]
    return [(index, failure.replay) for index, failure in failures if failure.replay]


def _execution(case: _Case, executions: Executions) -> list[str]:
    """The counterexample of a failure as `harness replay --width 80` prints it."""
    failure = case.result.failure
    shown = executions.get((case.stage.index, failure.replay)) if case.tag == FAILURE and failure is not None else None
    return [] if shown is None else [counterexample_text(shown)]


def _place(suite: Suite, result: KindResult) -> dict[str, str]:
    """Where the program is that failed, or else the first one of the clause."""
    clause = suite.clauses.get(result.clause)
    programs = [] if clause is None else clause.programs_for(result.kind)
    failed = [program for program in programs if result.failure is not None and program.name == result.failure.program]
    place = next((program.place for program in [*failed, *programs]), None)
    return {} if place is None else {"file": place[0], "line": str(place[1])}
