"""Has what files and GitHub show of executions executed again, and says meanwhile how far that has got."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.cli.progress_line import Counter
from harness.sources.target import Target
from harness.verify.executions import ExecutedAgain, Key, executions_of


def executed_again(targets: Sequence[Target], wanted: Iterable[Key], jobs: int) -> ExecutedAgain:
    """As `executions_of`."""
    progress = Counter("harness: executed again")
    try:
        return executions_of(targets, wanted, jobs, progress)
    finally:
        progress.clear()
