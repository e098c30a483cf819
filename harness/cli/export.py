"""The command `series export`, which makes a git repository of a series."""

from __future__ import annotations

from dataclasses import dataclass

from harness.cli.exit_codes import GOOD, UsageError
from harness.cli.series_source import SourceRequest, sourced
from harness.sources.export_files import check_command, exported_file


@dataclass(frozen=True)
class ExportRequest:
    """What `harness series export` was asked for."""

    source: SourceRequest
    directory: str


def export(request: ExportRequest) -> int:
    """Make a git repository with one commit per stage, which `git bisect` can search with `harness check FILE`."""
    # Imported here because GitPython is slow to import and no other command needs it.
    from harness.sources.git_export import CannotExport, export_series

    series = sourced(request.source).series
    try:
        tags = export_series(series, request.directory)
    except CannotExport as error:
        raise UsageError(str(error)) from None
    print(f"{request.directory}: {len(tags)} commits of {exported_file(series)}, tagged {tags[0]} to {tags[-1]}")
    print(_how_to_bisect(tags[0], tags[-1], check_command(series)))
    return GOOD


def _how_to_bisect(first: str, last: str, check: str) -> str:
    """The commands, in the order in which to give them. A search between ends that nobody has checked accuses an innocent patch."""
    return f"""check both ends; the first has to be good and the last bad:
  git checkout --quiet {first} && {check}
  git checkout --quiet {last} && {check}
then search between them:
  git bisect start {last} {first}
  git bisect run {check}"""
