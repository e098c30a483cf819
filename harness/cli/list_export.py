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
    """Make a git repository with one commit per stage, which `git bisect` can search with `harness check tasklet.py`."""
    # Imported here because GitPython is slow to import and no other command needs it.
    from harness.sources.git_export import FILE, CannotExport, export_series

    try:
        tags = export_series(series_named(options.series), options.directory)
    except CannotExport as error:
        raise UsageError(str(error)) from None
    print(f"{options.directory}: {len(tags)} commits of {FILE}, tagged {tags[0]} to {tags[-1]}")
    print(f"search it with: git bisect start {tags[-1]} {tags[0]} && git bisect run harness check {FILE}")
    return GOOD
