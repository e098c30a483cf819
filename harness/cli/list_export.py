"""The commands that run nothing: `list` and `series export`."""

from __future__ import annotations

import argparse

from harness.cli.exit_codes import GOOD, UsageError
from harness.cli.selection import series_named, suite_called
from harness.report.tables import table
from harness.suite.registry import suite_named
from harness.suite.suite import Suite
from stages import SERIES
from stages.api import DEFAULT_SUITE


def list_all(options: argparse.Namespace) -> int:
    """List the series, their stages, and the clauses of the contract."""
    form = options.tablefmt
    if options.suite:
        suite = suite_called(options.suite)
        print(f"suite {suite.name}: {suite.summary}")
        _list_clauses(suite, form)
        return GOOD
    for series in SERIES.values():
        print(f"series {series.name}: {series.summary}")
        print(
            table(
                [[stage.index, stage.short_title, stage.summary] for stage in series.stages], ["stage", "patch", "summary"], form, ["stage"]
            )
        )
        print()
    _list_clauses(suite_named(DEFAULT_SUITE), form)
    return GOOD


def _list_clauses(suite: Suite, form: str) -> None:
    print(f"{len(suite.clauses)} clauses")
    print(
        table(
            [[clause.id, ", ".join(clause.kinds), clause.sentence] for clause in suite.clauses.values()],
            ["clause", "kinds", "sentence"],
            form,
        )
    )


def export(options: argparse.Namespace) -> int:
    """Make a git repository with one commit per stage, which `git bisect` can search with `harness check FILE`."""
    # Imported here because GitPython is slow to import and no other command needs it.
    from harness.sources.git_export import CannotExport, export_series

    series = series_named(options.series)
    try:
        tags = export_series(series, options.directory)
    except CannotExport as error:
        raise UsageError(str(error)) from None
    print(f"{options.directory}: {len(tags)} commits of {series.file}, tagged {tags[0]} to {tags[-1]}")
    print(_how_to_bisect(tags[0], tags[-1], f"harness check {series.file}"))
    return GOOD


def _how_to_bisect(first: str, last: str, check: str) -> str:
    """The commands, in the order in which to give them. A search between ends that nobody has checked accuses an innocent patch."""
    return f"""check both ends; the first has to be good and the last bad:
  git checkout --quiet {first} && {check}
  git checkout --quiet {last} && {check}
then search between them:
  git bisect start {last} {first}
  git bisect run {check}"""
