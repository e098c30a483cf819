"""Turns what the user named (series, stages, clauses, files) into what the harness works with, or into a `UsageError`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches

from harness.cli.exit_codes import UsageError
from harness.cli.native_request import NO_NATIVE, NativeRequest
from harness.explored.models import SC, USUAL
from harness.machine.core import MENDED
from harness.report.files import CannotWrite
from harness.sources.shipped import targets_of_series
from harness.sources.sourced_series import SourcedSeries
from harness.sources.target import Target, target_of_suite
from harness.suite.registry import UnknownSuite, suite_named
from harness.suite.suite import Suite
from harness.suite.whole_numbers import NoSuchNumber, shortened, whole_number
from harness.verify.checking import Budget
from harness.verify.conclusions import Clauses
from harness.verify.deepening import DEEP, Effort
from stages import SERIES
from stages.api import Series

MOST_STAGES = 10**6


@dataclass(frozen=True)
class BudgetRequest:
    """How much to run of each program, as far as it was asked for."""

    seeds: int | None
    executions: int | None
    preemptions: int | None
    deep: bool
    accept_bound: int | None
    models: tuple[str, ...]
    core: str
    seed: int


# Nothing was asked for.
USUAL_BUDGET = BudgetRequest(None, None, None, deep=False, accept_bound=None, models=(), core=MENDED.name, seed=0)


def series_named(name: str) -> Series:
    """The series of that name."""
    if name not in SERIES:
        if os.path.isdir(name):
            instead = f"`harness run --series {name}` says what its patches break"
            raise UsageError(f"{name!r} is a directory, and here a series is one that ships: {', '.join(SERIES)}; {instead}")
        raise UsageError(f"unknown series {name!r}{meant(name, SERIES)}: choose one of {', '.join(SERIES)}")
    return SERIES[name]


def meant(word: str, names: Iterable[str]) -> str:
    """Which name somebody may have meant who wrote that word, as part of a sentence; nothing if none is like it."""
    found = get_close_matches(word, names, n=1)
    return f" (did you mean {found[0]}?)" if found else ""


def ships(name: str) -> bool:
    """Whether there is a series of that name."""
    return name in SERIES


def stages_numbered(series: Series, wanted: Sequence[int], native: NativeRequest = NO_NATIVE) -> list[Target]:
    """The stages with the numbers `wanted`, all if there are none, in the order of the series."""
    return chosen(series.name, targets_of_series(series, native.settings(())), wanted)


def chosen(name: str, targets: Sequence[Target], wanted: Sequence[int]) -> list[Target]:
    """Those of the `targets` of a series that have the numbers `wanted`, all if there are none."""
    known = {target.index: target for target in targets}
    for index in wanted:
        if index not in known:
            raise UsageError(f"unknown stage {index}: series {name} has {min(known)} to {max(known)}")
    return [target for index, target in known.items() if index in wanted or not wanted]


def suite_called(name: str) -> Suite:
    """The suite of that name."""
    try:
        return suite_named(name)
    except UnknownSuite as error:
        raise UsageError(str(error)) from None


def suite_with_stages(name: str) -> Suite:
    """The suite of that name, which has to have stages."""
    found = suite_called(name)
    if not found.has_stages:
        raise UsageError(f"suite {found.name} has no stages: name one that has")
    return found


def with_suite(target: Target, name: str | None) -> Target:
    """The same stage, to be tested with another suite if one is named; the suite that it has may be a name only."""
    return replace(target, suite=suite_with_stages(name or target.suite).found_as)


def targets_of_suite(suite: Suite, series: SourcedSeries, wanted: Sequence[int]) -> list[Target]:
    """The stages with the numbers `wanted`, to be tested with `suite`; a suite without stages is one target by itself."""
    if suite.has_stages:
        return [replace(target, suite=suite.found_as) for target in chosen(series.name, series.targets, wanted)]
    if wanted:
        raise UsageError(f"suite {suite.name} has no stages")
    return [target_of_suite(suite.name, suite.found_as)]


def stage_number(digits: str) -> int:
    """The number that a word of digits is; no series has more than this many stages."""
    try:
        return whole_number(digits, 0, MOST_STAGES)
    except NoSuchNumber as error:
        raise UsageError(f"the number of a stage {error}") from None


def every_clause(suite: Suite) -> Clauses:
    """All clauses of a suite with all their kinds."""
    return clauses_named(suite, ())


def clauses_named(suite: Suite, wanted: Sequence[str], kind: str | None = None) -> Clauses:
    """The clauses `wanted` (each word may name several, with commas), all if there are none; with their kinds, or only `kind`."""
    names = [name for words in wanted for name in words.split(",") if name]
    if wanted and not names:
        raise UsageError(f"no clause is named: choose from {', '.join(suite.clauses)}")
    for name in names:
        if name not in suite.clauses:
            raise UsageError(f"unknown clause {shortened(name)!r}{meant(name, suite.clauses)}: choose from {', '.join(suite.clauses)}")
    chosen = {name: tuple(clause.kinds) for name, clause in suite.clauses.items() if name in names or not wanted}
    if kind is None:
        return tuple(chosen.items())
    if not any(kind in kinds for kinds in chosen.values()):
        known = dict.fromkeys(kind for kinds in chosen.values() for kind in kinds)
        raise UsageError(f"no clause is tested for kind {kind!r}: choose one of {', '.join(known)}")
    return tuple((name, (kind,)) for name, kinds in chosen.items() if kind in kinds)


def clause_called(suite: Suite, name: str, kind: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The only clause that is meant, with its kinds, or only `kind`."""
    if name not in suite.clauses:
        raise UsageError(f"unknown clause {shortened(name)!r}{meant(name, suite.clauses)}: choose one of {', '.join(suite.clauses)}")
    ((clause, kinds),) = clauses_named(suite, [name], kind)
    return clause, kinds


def models_of(request: BudgetRequest, suite: Suite) -> tuple[str, ...]:
    """The memory models: those that were asked for, or the usual one; executions are counted without store buffers."""
    return request.models or (USUAL if suite.has_stages else SC,)


def core_of(request: BudgetRequest, suite: Suite) -> str:
    """The core of the machine: what was asked for; programs without a stage use none of it."""
    return request.core if suite.has_stages else MENDED.name


def budget_of(request: BudgetRequest) -> Budget:
    """How much to run of each program: what was asked for, and otherwise what is usual, or deep."""
    usual = DEEP if request.deep else Effort()
    executions = usual.executions if request.executions is None else request.executions
    preemptions = usual.preemptions if request.preemptions is None else request.preemptions
    accept_bound = usual.accept_bound if request.accept_bound is None else request.accept_bound
    effort = replace(usual, executions=executions, preemptions=preemptions, accept_bound=accept_bound)
    return Budget(timed_seeds=Budget.timed_seeds if request.seeds is None else request.seeds, effort=effort, seed=request.seed)


@contextmanager
def file_errors() -> Iterator[None]:
    """What goes wrong with a file in this block is a usage error."""
    try:
        yield
    except CannotWrite as error:
        raise UsageError(str(error)) from None
