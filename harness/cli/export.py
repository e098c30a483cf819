"""The command `series export`, which makes a git repository of a series."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from harness.cli.exit_codes import GOOD, UsageError
from harness.cli.remembered import remembered
from harness.cli.run_words import run_words
from harness.cli.selection import USUAL_BUDGET, budget_of, every_clause, models_of, suite_called
from harness.cli.series_source import SourceRequest, sourced
from harness.sources.export_files import check_command, exported_file
from harness.sources.sourced_series import SourcedSeries
from harness.verify.known_ends import broken_between
from harness.verify.run_stages import Verification

# Stands for a clause where nobody knows yet which one can be searched for.
ANY = "CLAUSE"


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
    print("\n".join(_how_to_bisect(series, request, tags[0], tags[-1])))
    return GOOD


def _how_to_bisect(series: SourcedSeries, request: ExportRequest, first: str, last: str) -> list[str]:
    """What can be searched for, as far as earlier runs tell, and the commands for it."""
    suite = suite_called(series.suite)
    models = models_of(USUAL_BUDGET, suite)
    plan = Verification(every_clause(suite), budget_of(USUAL_BUDGET), models)
    with remembered(no_cache=False) as cache:
        broken = None if cache is None else broken_between(series.targets, plan, cache)
    known = f"as earlier runs have found under {', '.join(models)}"
    if broken is None:
        ends = (series.targets[0].index, series.targets[-1].index)
        run = shlex.join(["harness", *run_words(request.source, None, ends, (), USUAL_BUDGET, {"--no-perf": True})])
        head = f"to bisect, put for {ANY} a clause that {first} keeps and {last} violates; `{run}` says which do"
    elif broken:
        head = f"{first} keeps and {last} violates, {known}: {', '.join(broken)}"
    else:
        return [f"{last} violates no clause that {first} keeps, {known}: there is nothing to bisect"]
    check = check_command(series, broken[0] if broken else ANY)
    return [head, *_commands(request.directory, first, last, check)]


def _commands(directory: str, first: str, last: str, check: str) -> list[str]:
    """In the order in which to give them. A search between ends that nobody has checked accuses an innocent patch."""
    return [
        "check both ends:",
        f"  cd {shlex.quote(directory)}",
        f"  git checkout --quiet {first} && {check}    # has to say good",
        f"  git checkout --quiet {last} && {check}    # has to say bad",
        "then search between them:",
        f"  git bisect start {last} {first}",
        f"  git bisect run {check}",
    ]
