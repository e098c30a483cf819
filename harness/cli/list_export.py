"""The commands that run nothing: `list` and `series export`."""

from __future__ import annotations

import argparse

from harness.cli.exit_codes import GOOD, UsageError
from harness.cli.selection import series_named
from harness.report.tables import table
from harness.suite.registry import suite_named
from stages import SERIES
from stages.api import DEFAULT_SUITE


def list_all(options: argparse.Namespace) -> int:
    """List the series, their stages, and the clauses of the contract."""
    form = options.tablefmt
    for series in SERIES.values():
        print(f"series {series.name}: {series.summary}")
        print(
            table(
                [[stage.index, stage.short_title, stage.summary] for stage in series.stages], ["stage", "patch", "summary"], form, ["stage"]
            )
        )
        print()
    suite = suite_named(DEFAULT_SUITE)
    print(f"{len(suite.clauses)} clauses")
    print(
        table(
            [[clause.id, ", ".join(clause.kinds), clause.sentence] for clause in suite.clauses.values()],
            ["clause", "kinds", "sentence"],
            form,
        )
    )
    return GOOD


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
