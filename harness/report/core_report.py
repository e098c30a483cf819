"""What a machine with the core of 2014 shows: findings about the core, for people, as JSON, and as a property of a JUnit suite.

Where the core of 2014 was not tested, there is nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.machine.core import XEN_2014
from harness.report.replay_command import replay_hint
from harness.report.tables import table
from harness.verify.conclusions import what
from harness.verify.core_findings import CoreFindings, core_findings
from harness.verify.faults import Fault, ranges, stages_named
from harness.verify.verdicts import StageResult

ABOUT = "about the core of 2014, not about any patch, for it is kept with the mended core:"
NOTHING = "the core of 2014 shows nothing that the mended one does not"
UNFINISHED = "with the core of 2014, not everything has a verdict"
UNSURE = "with the core of 2014, violated, and without a verdict with the mended one, so nobody knows whose it is"
UNDECIDED = "with the core of 2014, undecided"

HEADERS = ("clause", "stages", "kinds", "what was violated", "replay")


def core_text(stages: Sequence[StageResult], tablefmt: str, source: Sequence[str]) -> str:
    """A table of the findings, how to see one again, and a line for each thing that is no finding and no pass.

    `source`: options that name the series.
    """
    if not any(stage.old_core for stage in stages):
        return ""
    findings = core_findings(stages)
    lines = [_line(UNSURE, fault) for fault in findings.unsure] + [_line(UNDECIDED, fault) for fault in findings.undecided]
    if findings.found:
        lines.insert(0, f"{ABOUT}\n{table([_row(fault) for fault in findings.found], HEADERS, tablefmt)}\n{replay_hint(source)}")
    return "\n".join(lines or [NOTHING if findings.complete else UNFINISHED])


def _row(fault: Fault) -> list[str]:
    return [fault.clause, ranges(fault.stages), ", ".join(fault.kinds), what(fault.failure), fault.failure.replay]


def _line(head: str, fault: Fault) -> str:
    return f"{head}: {stages_named(fault.stages)}: {fault.clause} ({', '.join(fault.kinds)}): {what(fault.failure)}"


def core_json(stages: Sequence[StageResult]) -> dict[str, Any]:
    """The key `core` of the document."""
    if not any(stage.old_core for stage in stages):
        return {}
    findings = core_findings(stages)
    lists = {"findings": findings.found, "unsure": findings.unsure, "undecided": findings.undecided}
    return {"core": {"name": XEN_2014.name, "complete": findings.complete, **{name: list(map(_json, of)) for name, of in lists.items()}}}


def _json(fault: Fault) -> dict[str, Any]:
    failure = fault.failure
    said = {"failure": failure.kind, "message": what(failure), "program": failure.program, "replay": failure.replay}
    return {"clause": fault.clause, "kinds": fault.kinds, "stages": fault.stages, **said}


def core_properties(stage: StageResult) -> dict[str, str]:
    """What a stage shows of the core, in a property."""
    if not stage.old_core:
        return {}
    findings: CoreFindings = core_findings([stage])
    return {"about the core of 2014": ", ".join(f"{fault.clause} ({', '.join(fault.kinds)})" for fault in findings.found) or "nothing"}
