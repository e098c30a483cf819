"""The verdicts of a run as JUnit XML: a suite per stage, a test case per clause and kind. It has no times: they differ from run to run."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from harness.verify.conclusions import what
from harness.verify.verdicts import ERROR, FAIL, KindResult, StageResult

# Characters that XML 1.0 cannot carry.
UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(series: str, stages: list[StageResult]) -> str:
    """The whole document."""
    root = ElementTree.Element("testsuites", name=f"series {series}")
    for stage in stages:
        results = [kind for clause in stage.clauses.values() for kind in clause.kinds.values()]
        suite = ElementTree.SubElement(root, "testsuite", {"name": _text(f"stage {stage.index}: {stage.title}"), **_counts(results)})
        for result in results:
            _case(suite, stage, result)
    root.attrib.update(_counts([kind for stage in stages for clause in stage.clauses.values() for kind in clause.kinds.values()]))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _text(text: str) -> str:
    return UNPRINTABLE.sub("\ufffd", text)


def _counts(results: list[KindResult]) -> dict[str, str]:
    verdicts = [result.verdict for result in results]
    return {"tests": str(len(verdicts)), "failures": str(verdicts.count(FAIL)), "errors": str(verdicts.count(ERROR))}


def _case(suite: ElementTree.Element, stage: StageResult, result: KindResult) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=stage.module, name=f"{result.clause}[{result.kind}]")
    if result.failure is not None:
        tag = "failure" if result.verdict == FAIL else "error"
        message = _text(what(result.failure))
        ElementTree.SubElement(case, tag, message=message).text = _text(f"{message}\nreplay: {result.failure.replay}")
