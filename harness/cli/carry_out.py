"""What the commands that test stages share: the run itself with its progress, and the words about it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from harness.cli.exit_codes import INTERRUPTED
from harness.cli.progress import Counter
from harness.jobs.stage_loading import Target
from harness.verify.run_stages import Plan, Run, run_stages


def carry_out(targets: Sequence[Target], plan: Plan, jobs: int) -> Run:
    """Run `plan` on `targets`, with progress on stderr."""
    progress = Counter("harness")
    try:
        return run_stages(targets, plan, jobs, progress)
    finally:
        progress.clear()


def effort(plan: Plan) -> str:
    """How much is run of each program, in words."""
    return f"timed {count(plan.budget.timed_seeds, 'seed')}, every interleaving up to {plan.budget.effort.executions} a program"


def count(number: int, what: str) -> str:
    """Such as "1 stage" or "6 stages"."""
    return f"{number} {what}{'s' * (number != 1)}"


def say_interrupted(saved: str = "") -> int:
    """Say on stderr that the run has ended early, and in which files its results are; return the exit code."""
    print(f"harness: interrupted; {f'what was done by then is in {saved}' if saved else 'nothing was saved'}", file=sys.stderr)
    return INTERRUPTED
