"""What `run` prints of a suite without stages, whose programs are counted."""

from __future__ import annotations

from harness.cli.carry_out import Run
from harness.cli.exit_codes import BAD, GOOD, HarnessFault
from harness.report.count_table import counts_lines, counts_table
from harness.report.tables import failures_table
from harness.suite.suite import Suite
from harness.verify.conclusions import all_good


def print_counts(suite: Suite, done: Run, tablefmt: str) -> int:
    """Print the counts; the exit code says whether all of them are right."""
    if done.faults:
        raise HarnessFault(done.faults[0])
    (stage,) = done.stages
    most = done.plan.budget.effort.executions
    print(f"suite {suite.name} · {len(done.plan.clauses)} clauses · optimal DPOR, up to {most} executions a program")
    print(counts_table(stage, tablefmt))
    print()
    good = all_good(done.stages)
    if not good:
        print(failures_table(done.stages, tablefmt))
        print()
    for line in counts_lines(stage):
        print(line)
    return GOOD if good else BAD
