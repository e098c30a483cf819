"""The table of `harness litmus`: a row for each program, a column for each memory model, what was counted beside what is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.litmus.count_programs import ExecutionCount
from harness.report.figure_cells import MISSING
from harness.report.tables import table

# The tallies of each program, by memory model.
CountsByModel = Mapping[str, Mapping[str, ExecutionCount]]


def litmus_counts(tallies: CountsByModel, models: Sequence[str], tablefmt: str) -> str:
    """The table; `=` and `≠` stand between the count and what is published."""
    rows = [[name, *(_cell(of[model]) for model in models), sum(of[model].blocked for model in models)] for name, of in tallies.items()]
    return f"executions: counted = published\n{table(rows, ['program', *models, 'blocked'], tablefmt, ['blocked'])}"


def _cell(tally: ExecutionCount) -> str:
    count = f"{tally.executions}{'+' * bool(tally.reached)}"
    if tally.published is None:
        return f"{count} {MISSING}"
    if tally.reached and not tally.differs:
        return f"{count} of {tally.published}"
    return f"{count} {'≠' if tally.executions != tally.published else '='} {tally.published}{' !' * tally.differs}"


def litmus_counts_lines(tallies: CountsByModel) -> list[str]:
    """Whether the counts are right, in words."""
    every = [tally for of in tallies.values() for tally in of.values()]
    wrong = [tally for tally in every if tally.differs]
    cut = [f"{tally.program} under {tally.model}" for tally in every if tally.reached]
    compared = sum(tally.published is not None for tally in every)
    unknown = f"; {len(every) - compared} for which nothing is published ({MISSING})" if compared < len(every) else ""
    lines = [f"cut off, so that the count is not complete (+): {', '.join(cut)}; allow more --executions"] if cut else []
    if wrong:
        return [*lines, *map(_difference, wrong), f"counts: {len(wrong)} of {len(every)} are not as they should be{unknown}"]
    as_published = "no more than" if cut else "equal to"
    return [*lines, f"counts: {compared} are {as_published} what is published{unknown}; no run was in vain (blocked)"]


def _difference(tally: ExecutionCount) -> str:
    what = f"{tally.executions} executions" + ("" if tally.published is None else f", published are {tally.published}")
    blocked = f"; {tally.blocked} runs in vain" * bool(tally.blocked)
    return f"{tally.program} under {tally.model}: {what}{blocked}{'; ' * bool(tally.wrong)}{tally.wrong}"
