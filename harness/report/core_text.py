"""What a machine with the core of 2014 shows, for people: findings about the core as a table, and what nobody can lay to it in lines."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.tables import table
from harness.verify.conclusions import what
from harness.verify.core_findings import core_findings
from harness.verify.faults import Fault, ranges, stages_named
from harness.verify.verdicts import StageResult

ABOUT = "about the core of 2014, not about any patch: what follows is kept with the mended core"
NOTHING = "the core of 2014 shows nothing that the mended one does not"
UNSURE = "with the core of 2014, violated, and without a verdict with the mended one, so nobody knows whose it is"
UNDECIDED = "with the core of 2014, undecided"

HEADERS = ("clause", "stages", "kinds", "what was violated", "replay")


def core_text(stages: Sequence[StageResult], tablefmt: str) -> str:
    """Nothing if the core of 2014 was not tested."""
    if not any(stage.old_core for stage in stages):
        return ""
    findings = core_findings(stages)
    lines = [_line(UNSURE, fault) for fault in findings.unsure] + [_line(UNDECIDED, fault) for fault in findings.undecided]
    if not findings.found:
        return "\n".join(lines or [NOTHING])
    rows = [
        [fault.clause, ranges(fault.stages), ", ".join(fault.kinds), what(fault.failure), fault.failure.replay] for fault in findings.found
    ]
    return "\n".join([f"{ABOUT}\n{table(rows, HEADERS, tablefmt)}", *lines])


def _line(head: str, fault: Fault) -> str:
    return f"{head}: {stages_named(fault.stages)}: {fault.clause} ({', '.join(fault.kinds)}): {what(fault.failure)}"
