"""What GitHub shows of `bisect` and `compare`: the patches that are to blame, at their lines, and a summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.cli.executing_again import executed_again
from harness.cli.github import bytes_left, files_of, write_to_github
from harness.cli.series_source import SourceRequest
from harness.report.accusations import Accused, accusing_annotations, accusing_markdown
from harness.report.github_annotations import Annotation, as_commands
from harness.report.interrupted_words import EXECUTIONS_LACKING
from harness.sources.target import Target


def accuse_on_github(accused: Accused, warnings: Sequence[Annotation], targets: Sequence[Target], source: SourceRequest, jobs: int) -> None:
    """Write that, and `warnings` about what has no answer. What is shown is executed again.

    Raises `UsageError`, and `KeyboardInterrupt` when all is written.
    """
    again = executed_again(targets, [each.key for each in accused.accusations if each.failure.replay], jobs)
    told = replace(accused, lacking=EXECUTIONS_LACKING * again.interrupted)
    lines = as_commands([*accusing_annotations(told, files_of(targets, source), again.found), *warnings])
    write_to_github(lines, accusing_markdown(told, again.found, bytes_left()))
    if again.interrupted:
        raise KeyboardInterrupt
