"""What `run --reply` prints: a review, for which one execution a patch is executed again."""

from __future__ import annotations

from typing import TextIO

from harness.cli.carry_out import effort
from harness.cli.executing_again import executed_again
from harness.cli.github import files_of
from harness.cli.run_files import Tested
from harness.report.review import Reviewed, executions_quoted, review_text


def print_reply(tested: Tested, jobs: int, file: TextIO) -> None:
    """Print the review into `file`; raises `KeyboardInterrupt`."""
    done, conclusion = tested.done, tested.conclusion
    again = executed_again(done.targets, executions_quoted(done.stages, conclusion), jobs)
    if again.interrupted:
        raise KeyboardInterrupt
    files = files_of(done.targets, tested.source)
    reviewed = Reviewed(done.stages, conclusion, tested.suite, effort(done.plan), tested.words, files, tested.notes, again.found)
    print(review_text(reviewed), file=file)
