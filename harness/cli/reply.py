"""What `run --reply` prints: a review, for which one execution a patch is executed again."""

from __future__ import annotations

import os
from typing import TextIO

from harness.cli.carry_out import Run, effort
from harness.cli.executing_again import executed_again
from harness.cli.github import files_of
from harness.cli.series_source import SourceRequest
from harness.report.review import Reviewed, executions_quoted, review_text
from harness.sources.sourced_series import SourcedSeries
from harness.suite.own_suite import place_of
from harness.suite.suite import Suite
from harness.verify.conclusions import Conclusion


def print_reply(
    series: SourcedSeries, source: SourceRequest, done: Run, conclusion: Conclusion, suite: Suite, jobs: int, file: TextIO
) -> None:
    """Print the review into `file`; raises `KeyboardInterrupt`."""
    again = executed_again(done.targets, executions_quoted(done.stages, conclusion), jobs)
    if again.interrupted:
        raise KeyboardInterrupt
    notes = (*([f"The series ends early: {series.ends_early}"] if series.ends_early else []), *series.notes)
    words = (*source.words, *own_words(suite))
    files = files_of(done.targets, source)
    print(review_text(Reviewed(done.stages, conclusion, suite, effort(done.plan), words, files, notes, again.found)), file=file)


def own_words(suite: Suite) -> tuple[str, ...]:
    """The option that names a suite of the user's own again, from here."""
    path = place_of(suite.reference)
    return ("--suite", os.path.relpath(path)) if path else ()
