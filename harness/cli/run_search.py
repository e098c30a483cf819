"""What `run --search` does and prints: of a long series, it looks for the patches that break clauses, and tests few stages for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.cli.carry_out import Plan, effort
from harness.cli.exit_codes import BAD, GOOD, UNDECIDED
from harness.cli.search_request import HowToSearch, plan_of, searched
from harness.cli.series_source import Sourced
from harness.report.failures_table import FIRST_BAD, accepted_lines, failures_text
from harness.report.fitted_text import fitted
from harness.report.search_tables import AnswerLine, accused, answer_lines, answers_table, first_bad_stages, not_seen_lines
from harness.sources.sourced_series import SourcedSeries
from harness.suite.suite import Suite
from harness.verify.common_lack import lacked_in_search
from harness.verify.conclusions import Clauses, count_of, under
from harness.verify.search_rounds import PairSearch
from harness.verify.series_search import BROKEN_BEFORE, KEPT
from harness.verify.steps import accepted_of
from harness.verify.verdicts import FAIL, ClauseResult, KindResult
from stages.api import AcceptedChange


@dataclass(frozen=True)
class Searching:
    """A series that is to be searched, for what, and which changes are accepted. `words`: the options that name it and its suite."""

    found: Sourced
    suite: Suite
    clauses: Clauses
    accepted: tuple[AcceptedChange, ...]
    how: HowToSearch
    words: tuple[str, ...] = ()

    @property
    def series(self) -> SourcedSeries:
        """The series."""
        return self.found.series

    def accepted_at(self, stage: int, result: KindResult) -> AcceptedChange | None:
        """The change that a violation at a stage comes from, if it is accepted from there on."""
        changes = [change for change in self.accepted if change.patch <= stage]
        return accepted_of(ClauseResult(result.clause, {result.kind: result}), changes).get(result.kind)

    def accepts(self, stage: int, result: KindResult) -> bool:
        """Whether it is."""
        return self.accepted_at(stage, result) is not None


def run_search(searching: Searching, tablefmt: str) -> int:
    """Search each clause and kind, print what that comes to, and return the exit code: those of `run`."""
    plan = plan_of(searching.found, searching.suite, searching.clauses, searching.how.budget)
    searches = searched(searching.series, plan, searching.how, searching.accepts)
    lines = answer_lines(searches)
    _print(searching, plan, searches, lines, tablefmt)
    if accused(lines):
        return BAD
    return UNDECIDED if searching.series.ends_early or any(line.outcome not in (KEPT, BROKEN_BEFORE) for line in lines) else GOOD


def _print(searching: Searching, plan: Plan, searches: Sequence[PairSearch], lines: Sequence[AnswerLine], tablefmt: str) -> None:
    series, how = searching.series, searching.how.search
    stages = len(series.targets)
    extent = f"{count_of(len(plan.clauses), 'clause')} × {count_of(stages, 'stage')}"
    first_bad = first_bad_stages(searches, series.targets)
    kept = [line.what for line in lines if line.outcome == KEPT]
    parts = [
        f"series {series.name} · {how} search of {extent} · {effort(plan)}",
        answers_table([line for line in lines if line.outcome != KEPT], stages, tablefmt),
        failures_text(first_bad, tablefmt, searching.words, FIRST_BAD),
        f"both ends keep, 2 of {stages} stages tested: {', '.join(kept)}" if kept else "",
        "\n".join(_accepted_lines(searching, searches)),
        "\n".join(series.remarks),
        "\n".join(not_seen_lines(how, lines)),
        lacked_in_search(searches),
        f"partial: {how} search {under(plan.models)}: {'; '.join(_concluded(lines)) or 'no patch is found to break a clause'}",
    ]
    print(fitted("\n\n".join(filter(None, parts)), tablefmt))


def _accepted_lines(searching: Searching, searches: Sequence[PairSearch]) -> list[str]:
    """What was taken for kept at the tip though it is violated, and why."""
    kinds: dict[tuple[int, str, str], list[str]] = {}
    for each in searches:
        result = each.results[each.search.tip]
        if result.verdict == FAIL and (change := searching.accepted_at(each.search.tip, result)):
            kinds.setdefault((change.patch, result.clause, change.why), []).append(result.kind)
    return accepted_lines((*change, names) for change, names in sorted(kinds.items()))


def _concluded(lines: Sequence[AnswerLine]) -> list[str]:
    """Who is accused of what, and how much has no answer."""
    together: dict[tuple[int, ...], list[AnswerLine]] = {}
    for line in accused(lines):
        together.setdefault(line.suspects, []).append(line)
    said = [f"{found[0].who} breaks {', '.join(line.what for line in found)}" for _, found in sorted(together.items())]
    open_lines = [line.what for line in lines if line.outcome not in (KEPT, BROKEN_BEFORE) and line not in accused(lines)]
    return [*said, *[f"no answer: {', '.join(open_lines)}"] * bool(open_lines)]
