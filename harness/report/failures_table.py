"""What does not pass, for people: violations as a table, and in lines of their own what each patch did and what is undecided."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.tables import table
from harness.verify.conclusions import what
from harness.verify.faults import Fault, not_run, patch_effects, ranges, stages_named, undecided, violations
from harness.verify.verdicts import UNDECIDED, StageResult

HEADERS = ("clause", "stages", "kinds", "what was violated", "replay")


def failures_table(stages: Sequence[StageResult], tablefmt: str) -> str:
    """A row for each fault: its clause, all stages and kinds that have it, what the first of them violated, and how to see that again.

    Below it a line for each patch that breaks or repairs a clause.
    """
    rows = [
        [fault.clause, ranges(fault.stages), ", ".join(fault.kinds), what(fault.failure), fault.failure.replay]
        for fault in violations(stages)
    ]
    effects = [effect.sentence for effect in patch_effects(stages)]
    return "\n".join([table(rows, HEADERS, tablefmt), *([""] if effects else []), *effects])


def undecided_lines(stages: Sequence[StageResult]) -> list[str]:
    """A line for each clause that has no verdict, and why; such as "undecided: stage 4: fifo (softirq, vcpu): …"."""
    return [_undecided(fault) for fault in undecided(stages)]


def not_run_lines(stages: Sequence[StageResult], reason: str = "since it does not load or does not come back") -> list[str]:
    """A line for each stage with tests that were given up for `reason`."""
    counts = not_run(stages).items()
    return [f"stage {index}: {count} test{'s' * (count != 1)} not run, {reason}" for index, count in counts]


def _undecided(fault: Fault) -> str:
    # A failure that says only that it is undecided says so first.
    head = UNDECIDED if fault.failure.kind == UNDECIDED else "not tested"
    reason = what(fault.failure).removeprefix(f"{UNDECIDED}: ")
    return f"{head}: {stages_named(fault.stages)}: {fault.clause} ({', '.join(fault.kinds)}): {reason}"
