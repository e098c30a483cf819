"""Executions to show: those of the findings of the series as posted, each executed once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from harness.cli.selection import stages_numbered
from harness.jobs.job import Job
from harness.report.findings_document import examples
from harness.search.counterexample import Counterexample
from harness.search.replay_string import decode
from harness.verify.headed import headed_as_replayed
from harness.verify.verify_in_worker import replay_execution
from stages import POSTED

DOCUMENT = Path(__file__).parents[2] / "stages" / "posted" / "FINDINGS.md"

# An interrupt in the middle of a call, after which a list has an entry that nobody looks for: whatever the document has of that clause.
INTERRUPTED = "h2/posted/4/b373d9b5a0/wakeup/vcpu/woken-by-interrupt/x5000,32/173a"
# Another CPU comes in between, and what it has written is found.
KILLED_TOGETHER = "h2/posted/1/255c0dc0b3/kill-returns/softirq/kill-together/x5000,2/d3fe"
# The replay strings, by clause.
FINDINGS = {decode(string).clause: string for _, string in examples(DOCUMENT.read_text(encoding="utf-8"))}


@cache
def replayed(string: str) -> Counterexample:
    """The execution that a replay string of the series as posted stands for."""
    found = decode(string)
    (target,) = stages_numbered(POSTED, [found.stage])
    job = Job(target, found.clause, found.kind, found.program, found.engine, found.model, found, found.seed)
    shown = replay_execution(job).counterexample
    assert shown is not None
    return headed_as_replayed(shown, target, found)
