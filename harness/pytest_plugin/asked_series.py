"""What the options of pytest ask for: the series, suite and plan that `harness run` would have with the same options, and the tests.

The words of `harness run` are made of the options, and are read by its own grammar: so both mean the same, now and later.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.cli.accepted import accepted_in
from harness.cli.arguments import parse
from harness.cli.carry_out import Plan, effort, selection_of
from harness.cli.exit_codes import UsageError
from harness.cli.run import RunRequest
from harness.cli.selection import budget_of, clauses_named, models_of, ships, suite_called, targets_of_suite
from harness.cli.series_source import sourced, suite_words, with_project
from harness.pytest_plugin.case_ids import ACROSS, APPLIES, Case, stage_id
from harness.pytest_plugin.option_rows import FLAG, PASSED_ON, SOURCES, OptionRow
from harness.sources.sourced_series import SourcedSeries
from harness.sources.target import Target
from harness.suite.registry import UnknownSuite
from harness.suite.suite import Suite
from harness.verify.conclusions import Selection, count_of
from harness.verify.run_stages import Verification
from stages.api import AcceptedChange

# By the name of the option of `harness run`: a word, several, or whether it is there.
Values = dict[str, str | list[str] | bool]

NAMES = "|".join(sorted((row.name for row in PASSED_ON), key=len, reverse=True))
# Words of the messages of `harness run` that a user of pytest has not written.
THEIR_OPTION = re.compile(rf"(?<![\w-])--({NAMES})(?![\w-])")
THEIR_HELP = "; see `harness run --help`"


@dataclass(frozen=True)
class AskedSeries:
    """What is to be tested. `words`: the options that say the same again to `harness replay`, also later and to others."""

    series: SourcedSeries
    suite: Suite
    targets: tuple[Target, ...]
    plan: Plan
    accepted: tuple[AcceptedChange, ...]
    words: tuple[str, ...]
    no_cache: bool

    @property
    def verification(self) -> Verification:
        """The same plan for whoever makes jobs of it."""
        return Verification(self.plan.clauses, self.plan.budget, self.plan.models)

    @property
    def selection(self) -> Selection:
        """What of the series that is, for conclusions."""
        return selection_of(self.series, self.suite, self.plan, self.targets)

    @property
    def headline(self) -> str:
        """What is tested, in one line."""
        what = f"series {self.series.name} · {count_of(len(self.plan.clauses), 'clause')} × {count_of(len(self.targets), 'stage')}"
        return f"{what} · {effort(self.plan)}"

    @property
    def cases(self) -> tuple[Case, ...]:
        """All tests, in the order of the stages, the clauses and the kinds."""
        return tuple(case for position in range(len(self.targets)) for case in self._of_stage(position)) + tuple(self._missing())

    def _of_stage(self, position: int) -> Iterator[Case]:
        models = self.plan.models if len(self.plan.models) > 1 else ("",)
        stage = stage_id(self.series.name, self.targets[position])
        for model in models:
            yield from (Case(stage, position, clause, kind, model) for clause, kinds in self.plan.clauses for kind in kinds)
            if self.suite.has_stages:
                yield Case(stage, position, ACROSS, model=model)

    def _missing(self) -> Iterator[Case]:
        """Of a series that ends early, and of which not only some stages are to be tested."""
        if self.series.ends_early and len(self.targets) == len(self.series.targets):
            last = self.targets[-1]
            yield Case(f"{stage_id(self.series.name, last).partition('/')[0]}/{last.index + 1}", -1, APPLIES)


def asked_series(values: Values) -> AskedSeries:
    """What the options come to; raises `UsageError`, in the words of whoever uses pytest."""
    try:
        return _asked(parse(list(run_words(values))).request)
    except (UsageError, UnknownSuite) as error:
        raise UsageError(in_pytests_words(str(error))) from None


def _asked(request: RunRequest) -> AskedSeries:
    found = sourced(request.source, request.suite)
    series, budget = found.series, with_project(request.budget, found.project)
    suite = suite_called(request.suite or series.suite)
    targets = targets_of_suite(suite, series, request.stages)
    plan = Plan(clauses_named(suite, request.check), budget_of(budget), models_of(budget, suite), budget.seed)
    if not suite.has_stages and len(plan.models) > 1:
        raise UsageError(f"the programs of suite {suite.name} are counted under one memory model at a time: name one")
    accepted = (*(series.accepted if suite.has_stages else ()), *accepted_in(request.accept, suite, series))
    words = (*found.lasting.words, *suite_words(request.suite))
    return AskedSeries(series, suite, tuple(targets), plan, accepted, words, request.no_cache)


def run_words(values: Values) -> Iterator[str]:
    """The command line of `harness run`."""
    yield "run"
    for row in PASSED_ON:
        value = values.get(row.name)
        if value in (None, False, [], ""):
            continue
        if row.form == FLAG:
            yield f"--{row.name}"
        else:
            # (Joined to its option, no word is taken for another one.)
            words = [value] if isinstance(value, str) else value
            assert isinstance(words, list)
            yield from words if row.name == "stage" else (f"--{row.name}={word}" for word in words)


def in_pytests_words(message: str) -> str:
    """A message of `harness run` that names the options as pytest has them."""
    return THEIR_OPTION.sub(r"--harness-\1", message.removesuffix(THEIR_HELP))


def placed_beside(row: OptionRow, word: str, directory: Path) -> str:
    """What a configuration file in `directory` says: a path in it is seen from there, wherever pytest is started."""
    if not row.is_path or (row in SOURCES and ships(word)) or not (directory / word).exists():
        return word
    return os.path.relpath(directory / word)


def unknown_of(words: Sequence[str], cases: Sequence[Case]) -> str:
    """What to say of words that name no test of the series."""
    stages = dict.fromkeys(case.stage for case in cases)
    return f"neither a file nor a test of the series is called {' or '.join(words)}: its stages are {', '.join(stages)}"
