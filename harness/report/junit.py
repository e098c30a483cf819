"""The verdicts of a run as JUnit XML: a suite per stage, a test case per clause and kind (docs/json.md).

Every `time` is 0, for readers that ask for one: how long a test takes differs from run to run, and the same results give the same bytes.
What a test costs is told by the property `executions` of its suite.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import version
from xml.etree import ElementTree

from harness.report.json_file import MODEL
from harness.suite.suite import Suite
from harness.verify.conclusions import Conclusion, what
from harness.verify.verdicts import ERROR, FAIL, KindResult, StageResult

# Characters that XML 1.0 cannot carry.
UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

NO_TIME = "0"
INTERRUPTED = "the run was interrupted: the tests that it lacks were not run"


def to_junit(stages: Sequence[StageResult], conclusion: Conclusion, suite: Suite) -> str:
    """The whole document; `suite` is what the stages were tested with."""
    root = ElementTree.Element("testsuites", name=f"series {conclusion.selection.series}")
    for stage in stages:
        _stage(root, stage, conclusion, suite)
    root.attrib.update(_counts([result for stage in stages for result in _results(stage)]))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _stage(root: ElementTree.Element, stage: StageResult, conclusion: Conclusion, suite: Suite) -> None:
    results = _results(stage)
    element = ElementTree.SubElement(root, "testsuite", {"name": _text(f"stage {stage.index}: {stage.title}"), **_counts(results)})
    properties = ElementTree.SubElement(element, "properties")
    for name, value in _properties(results, conclusion).items():
        ElementTree.SubElement(properties, "property", name=name, value=value)
    for result in results:
        _case(element, stage, result, suite)
    if conclusion.interrupted:
        ElementTree.SubElement(element, "system-err").text = INTERRUPTED


def _results(stage: StageResult) -> list[KindResult]:
    return [kind for clause in stage.clauses.values() for kind in clause.kinds.values()]


def _properties(results: Sequence[KindResult], conclusion: Conclusion) -> dict[str, str]:
    return {
        "harness": version("series-harness"),
        "suite": conclusion.selection.suite,
        "model": MODEL,
        "executions": str(sum(result.executions for result in results)),
        "conclusion": conclusion.sentence,
        **({"interrupted": "true"} if conclusion.interrupted else {}),
    }


def _text(text: str) -> str:
    return UNPRINTABLE.sub("\ufffd", text)


def _counts(results: Sequence[KindResult]) -> dict[str, str]:
    verdicts = [result.verdict for result in results]
    return {"tests": str(len(verdicts)), "failures": str(verdicts.count(FAIL)), "errors": str(verdicts.count(ERROR)), "time": NO_TIME}


def _case(parent: ElementTree.Element, stage: StageResult, result: KindResult, suite: Suite) -> None:
    name = f"{result.clause}[{result.kind}]"
    attributes = {"classname": stage.module, "name": name, "time": NO_TIME, **_place(suite, result)}
    case = ElementTree.SubElement(parent, "testcase", attributes)
    if result.failure is not None:
        tag = "failure" if result.verdict == FAIL else "error"
        message = _text(what(result.failure))
        element = ElementTree.SubElement(case, tag, message=message, type=_text(result.failure.kind))
        element.text = _text(f"{message}\nreplay: {result.failure.replay}")


def _place(suite: Suite, result: KindResult) -> dict[str, str]:
    """Where the program is that failed, or else the first one of the clause."""
    clause = suite.clauses.get(result.clause)
    programs = [] if clause is None else clause.programs_for(result.kind)
    failed = [program for program in programs if result.failure is not None and program.name == result.failure.program]
    place = next((program.place for program in [*failed, *programs]), None)
    return {} if place is None else {"file": place[0], "line": str(place[1])}
