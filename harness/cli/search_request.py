"""What `bisect` and `run --search` have in common: a series that is searched instead of tested stage by stage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.cli.carry_out import Plan
from harness.cli.exit_codes import UsageError
from harness.cli.progress_line import Counter
from harness.cli.remembered import remembered
from harness.cli.selection import BudgetRequest, budget_of, core_of, models_of
from harness.cli.series_source import Sourced, with_project
from harness.machine.core import MENDED
from harness.sources.sourced_series import SourcedSeries
from harness.suite.suite import Suite
from harness.verify.conclusions import Clauses
from harness.verify.run_stages import Verification
from harness.verify.search_rounds import Accepts, Judge, PairSearch, accept_nothing, search_series

ALL = "all"


@dataclass(frozen=True)
class HowToSearch:
    """How to search, and with what."""

    search: str
    budget: BudgetRequest
    jobs: int
    no_cache: bool


def plan_of(found: Sourced, suite: Suite, clauses: Clauses, budget: BudgetRequest) -> Plan:
    """How far to test each stage; raises `UsageError` where a search makes no sense."""
    asked = with_project(budget, found.project)
    if not suite.has_stages:
        raise UsageError(f"suite {suite.name} has no stages to search")
    if core_of(asked, suite) != MENDED.name:
        raise UsageError(f"what only a core of {asked.core} fails accuses no patch: a search goes without --core")
    if len(found.series.targets) < 2:
        raise UsageError(f"series {found.series.name} has one stage only: there is nothing to search")
    return Plan(clauses, budget_of(asked), models_of(asked, suite), asked.seed)


def searched(series: SourcedSeries, plan: Plan, how: HowToSearch, accepts: Accepts = accept_nothing) -> list[PairSearch]:
    """Search the series for each clause and kind of the plan."""
    pairs = [(clause, kind) for clause, kinds in plan.clauses for kind in kinds]
    progress = Counter("harness")
    with remembered(how.no_cache) as cache:
        judge = Judge(series.targets, Verification((), plan.budget, plan.models), how.jobs, progress, cache)
        try:
            return search_series(judge, pairs, how.search, accepts)
        finally:
            progress.clear()


def end_of(series: SourcedSeries) -> Iterable[str]:
    """What a reader has to know about where the stages come from, and where they end before all patches are applied."""
    yield from series.notes
    if series.ends_early:
        yield f"the series ends after stage {len(series.targets) - 1}: {series.ends_early}"
        yield from series.hunk.splitlines()
