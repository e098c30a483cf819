"""What GitHub shows of a run: annotations at the lines of the patches, and a summary of the step.

Annotations are lines on stderr. GitHub reads them on both streams, and what is on stdout, tables or a file, stays as it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

from harness.cli.selection import file_errors
from harness.cli.series_source import SourceRequest
from harness.report.annotated_run import Annotated, commands
from harness.report.files import append
from harness.report.patch_lines import FileOfStage, file_of
from harness.report.run_markdown import Reported, to_markdown
from harness.sources.target import NO_SERIES, Target

# Where GitHub wants the summary, and where the repository is.
SUMMARY = "GITHUB_STEP_SUMMARY"
WORKSPACE = "GITHUB_WORKSPACE"
# GitHub shows no summary of more than a mebibyte.
MOST_BYTES = 900_000


def require_github() -> None:
    """See that the summary can be written, if one is wanted; raises `UsageError`."""
    _append("")


def report_to_github(reported: Reported, targets: Sequence[Target], source: SourceRequest | None = None) -> None:
    """Write the annotations, and the summary if one is wanted; without a `source`, the targets are files. Raises `UsageError`."""
    write_to_github(commands(Annotated(reported, files_of(targets, source))), to_markdown(reported, bytes_left()))


def write_to_github(lines: Iterable[str], summary: str) -> None:
    """Write the lines of annotations, and the summary if one is wanted. Raises `UsageError`."""
    for line in lines:
        print(line, file=sys.stderr)
    _append(summary)


def bytes_left() -> int:
    """How long a summary may be, after what others have written there in the same step."""
    path = os.environ.get(SUMMARY, "")
    return max(MOST_BYTES - (os.path.getsize(path) if os.path.isfile(path) else 0), 0)


def _append(text: str) -> None:
    if path := os.environ.get(SUMMARY):
        with file_errors():
            append(path, text)


def files_of(targets: Sequence[Target], source: SourceRequest | None) -> dict[int, FileOfStage]:
    """The file of each stage, as GitHub calls it; of commits and mails, as it is at the end of the series, which is the last target."""
    patches = source is not None and (source.range is not None or source.mbox is not None)
    files: dict[int, FileOfStage] = {}
    after = None
    for before, target in reversed([*zip([None, *targets], targets, strict=False)]):
        follows = before if before is not None and before.index == target.index - 1 else None
        last, name = (targets[-1], targets[-1].module) if patches else (None, _in_workspace(_path(target, source)))
        found = files[target.index] = file_of(target, follows, last, name, after)
        # A stage that lacks the file, or cannot be read, says nothing of its lines.
        after = found if patches and target.source else after
    return files


def _path(target: Target, source: SourceRequest | None) -> str:
    """Where the file of a stage is that is no commit's."""
    if target.series == NO_SERIES or source is None or source.series is None or os.path.exists(target.path):
        return target.path
    return os.path.join(source.series, target.module)


def _in_workspace(path: str) -> str:
    """A path from the top of the repository, if it is in there; else as it is."""
    top = os.path.realpath(os.environ.get(WORKSPACE) or os.curdir)
    inner = os.path.relpath(os.path.realpath(path), top)
    return path if inner.startswith(os.pardir) else inner
