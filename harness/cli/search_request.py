"""What `bisect` and `run --search` have in common: a series that is searched instead of tested stage by stage."""

from __future__ import annotations

from dataclasses import dataclass

from harness.cli.carry_out import Plan, plan_without_core
from harness.cli.exit_codes import UsageError
from harness.cli.progress_line import Counter
from harness.cli.remembered import remembered
from harness.cli.selection import BudgetRequest
from harness.cli.series_source import Sourced, with_project
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
    plan = plan_without_core(clauses, asked, suite, "a search")
    if len(found.series.targets) < 2:
        raise UsageError(f"series {found.series.name} has one stage only: there is nothing to search")
    return plan


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
