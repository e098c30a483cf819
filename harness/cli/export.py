"""The command `series export`, which makes a git repository of a series."""

from __future__ import annotations

from dataclasses import dataclass

from harness.cli.exit_codes import GOOD, UsageError
from harness.cli.selection import series_named


@dataclass(frozen=True)
class ExportRequest:
    """What `harness series export` was asked for."""

    series: str
    directory: str


def export(request: ExportRequest) -> int:
    """Make a git repository with one commit per stage, which `git bisect` can search with `harness check tasklet.py`."""
    # Imported here because GitPython is slow to import and no other command needs it.
    from harness.sources.git_export import FILE, CannotExport, export_series

    try:
        tags = export_series(series_named(request.series), request.directory)
    except CannotExport as error:
        raise UsageError(str(error)) from None
    print(f"{request.directory}: {len(tags)} commits of {FILE}, tagged {tags[0]} to {tags[-1]}")
    print(f"search it with: git bisect start {tags[-1]} {tags[0]} && git bisect run harness check {FILE}")
    return GOOD
