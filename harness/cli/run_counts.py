"""What `run` prints of a suite without stages, whose programs are counted."""

from __future__ import annotations

from typing import TextIO

from harness.cli.carry_out import Run, memory_model
from harness.cli.exit_codes import HarnessFault
from harness.report.count_table import counts_lines, counts_table
from harness.report.failures_table import failures_table, undecided_lines
from harness.report.fitted_text import fitted
from harness.suite.suite import Suite
from harness.verify.conclusions import Conclusion


def print_counts(suite: Suite, done: Run, conclusion: Conclusion, tablefmt: str, file: TextIO) -> None:
    """Print the counts into `file`; raises `HarnessFault` if there are none because the harness failed."""
    if done.faults:
        raise HarnessFault(done.faults[0])
    (stage,) = done.stages
    most = done.plan.budget.effort.executions
    parts = [
        f"suite {suite.name} · {len(done.plan.clauses)} clauses · optimal DPOR, up to {most} executions a program"
        f"{memory_model(done.plan)}\n" + counts_table(stage, tablefmt),
        failures_table(done.stages, tablefmt, where="") if conclusion.bad else "",
        "\n".join(undecided_lines(done.stages)),
        "\n".join(counts_lines(stage)),
    ]
    print(fitted("\n\n".join(filter(None, parts)), tablefmt), file=file)
