"""What `run --reply` prints: a review, for which one execution a patch is executed again."""

from __future__ import annotations

import os
from typing import TextIO

from harness.cli.carry_out import Run, effort
from harness.cli.replay import decoded
from harness.cli.series_source import SourceRequest
from harness.jobs.executor import OK
from harness.report.review import Reviewed, review_text
from harness.search.counterexample import Counterexample
from harness.sources.sourced_series import SourcedSeries
from harness.suite.own_suite import place_of
from harness.suite.suite import Suite
from harness.verify.complaints import Complaint, complaints, simplicity
from harness.verify.conclusions import Conclusion
from harness.verify.explore_programs import replay_again
from stages.api import DEFAULT_SUITE


def print_reply(series: SourcedSeries, source: SourceRequest, done: Run, conclusion: Conclusion, suite: Suite, file: TextIO) -> None:
    """Print the review into `file`."""
    shown = {}
    for patch, found in complaints(done.stages, conclusion).items():
        simplest = min(found, key=lambda complaint: simplicity(complaint.failure))
        shown[patch] = (simplest, _executed(done, patch, simplest))
    notes = (*([f"The series ends early: {series.ends_early}"] if series.ends_early else []), *series.notes)
    words = (*source.words, *own_words(suite))
    print(review_text(Reviewed(done.stages, conclusion, suite, effort(done.plan), words, shown, notes)), file=file)


def _executed(done: Run, patch: int, complaint: Complaint) -> Counterexample | None:
    """The execution of a complaint, if it is one and can be executed again."""
    if not complaint.failure.replay:
        return None
    target = next(target for target in done.targets if target.index == patch)
    again = replay_again(target, decoded(complaint.failure.replay))
    if again.interrupted:
        raise KeyboardInterrupt
    if again.outcome.status != OK:
        return None
    found: Counterexample | None = again.outcome.value.counterexample
    return found


def own_words(suite: Suite) -> tuple[str, ...]:
    """The option that names a suite again, from here, if it is not the usual one."""
    path = place_of(suite.reference)
    return () if suite.name == DEFAULT_SUITE and not path else ("--suite", os.path.relpath(path) if path else suite.name)
