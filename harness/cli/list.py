"""The command `list`, which shows what there is to run."""

from __future__ import annotations

from dataclasses import dataclass

from harness.cli.exit_codes import GOOD
from harness.cli.selection import suite_called
from harness.report.fitted_text import fitted
from harness.report.tables import headed, table
from harness.suite.clause import Clause
from harness.suite.registry import suites
from harness.suite.suite import Suite
from harness.verify.conclusions import count_of
from stages import SERIES
from stages.api import Series


@dataclass(frozen=True)
class ListRequest:
    """What `harness list` was asked for."""

    suite: str | None
    tablefmt: str


def list_all(request: ListRequest) -> int:
    """List the series, their stages, and the clauses of the contract."""
    form = request.tablefmt
    if request.suite is not None:
        print(fitted(_suite(suite_called(request.suite), form, alone=False), form))
        return GOOD
    for series in SERIES.values():
        print(fitted(_series(series, form), form), end="\n\n")
    found = [suite_called(name) for name in suites()]
    print(fitted("\n\n".join(_suite(suite, form, alone=len(found) == 1) for suite in found), form))
    return GOOD


def _series(series: Series, form: str) -> str:
    rows = [[stage.index, stage.short_title, stage.summary] for stage in series.stages]
    return headed(f"series {series.name}: {series.summary}", table(rows, ["stage", "patch", "summary"], form, ["stage"]))


def _suite(suite: Suite, form: str, alone: bool) -> str:
    """Its clauses; where there are several suites, also which one they belong to. A clause names its kinds if these are not all."""
    head = "" if alone else f"suite {suite.name}: {suite.summary} · "
    kinds = f"kind{'s' * (len(suite.kinds) != 1)} {', '.join(suite.kinds)}"
    rows = [[clause.id, f"{clause.sentence}{_only(clause, suite)}"] for clause in suite.clauses.values()]
    return headed(f"{head}{count_of(len(rows), 'clause')}, {kinds}", table(rows, ["clause", "sentence"], form))


def _only(clause: Clause, suite: Suite) -> str:
    return "" if set(clause.kinds) == set(suite.kinds) else f" ({', '.join(clause.kinds)} only)"
