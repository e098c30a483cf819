"""The words that make a run again: a command line of what decides about its results, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.cli.selection import BudgetRequest
from harness.cli.series_source import DEFAULT_SERIES, SourceRequest
from harness.machine.core import MENDED


def run_words(
    source: SourceRequest,
    suite: str | None,
    stages: Sequence[int],
    check: Sequence[str],
    budget: BudgetRequest,
    others: Mapping[str, str | bool | None],
) -> list[str]:
    """What to type behind `harness`; `others` are options by their names, with what they were given."""
    named = source.words if source.series is None else ("--series", source.series, *source.native.words)
    words = ["run", *map(str, stages), *(named if source.named else ["--series", DEFAULT_SERIES, *source.words])]
    words += [] if suite is None else ["--suite", suite]
    words += ["--check", *check] if check else []
    return [*words, *budget_words(budget), *option_words(others)]


def option_words(options: Mapping[str, str | bool | None]) -> Iterator[str]:
    """Options by their names, with what they were given."""
    for option, value in options.items():
        yield from [option, value] if isinstance(value, str) else [option] * bool(value)


def budget_words(budget: BudgetRequest) -> Iterator[str]:
    """What a budget was given that is not what it is without."""
    numbers = {
        "--seeds": budget.seeds,
        "--executions": budget.executions,
        "--preemptions": budget.preemptions,
        "--accept-bound": budget.accept_bound,
        "--seed": budget.seed or None,
    }
    yield from (word for option, value in numbers.items() if value is not None for word in (option, str(value)))
    if budget.models:
        yield from ("--model", ",".join(budget.models))
    if budget.core != MENDED.name:
        yield from ("--core", budget.core)
    if budget.deep:
        yield "--deep"
