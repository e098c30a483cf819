"""Which memory model it takes for a program to fail: each is searched under one after the other, until it fails.

Whatever happens under sequential consistency happens under the others too. So a program that fails there has a fault that no barrier mends,
and nothing more is asked about it. One that fails only under a weaker model lacks a barrier there: the fewest with which all of those pass
under the weakest one are looked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from harness.jobs.executor import INTERRUPTED, OK
from harness.jobs.standing import Standing
from harness.sources.target import Target
from harness.suite.clause import NO_RACES
from harness.suite.suite import Suite
from harness.verify.deepening import Effort
from harness.verify.explore_programs import Explored, Row, explore_programs, simplicity_of_row
from harness.verify.find_violations import Progress, Unfit
from harness.verify.suggest_barriers import hint_for, suggest_barriers
from harness.verify.suggest_in_worker import FAILS_UNDER_SC, NONE_HELPS, Suggestion, named
from harness.verify.verify_in_worker import Request


@dataclass(frozen=True)
class Tried:
    """A program for a clause and a kind on a stage. `row`: the search under the last model that it was tried under.

    `unseen`: the models under which the search found no failure, and did not see everything either. So of what fails under a weaker one,
    nobody knows whether it takes that.
    """

    stage: int
    row: Row
    unseen: tuple[str, ...] = ()

    @property
    def clause(self) -> str:
        """What it is about."""
        return self.row.request.clause

    @property
    def needs(self) -> str | None:
        """The strongest model under which it fails, if that is known."""
        return self.row.request.model if self.fails and not self.unseen else None

    @property
    def fails(self) -> bool:
        """Whether it does under any model."""
        return self.row.found.failure is not None


@dataclass(frozen=True)
class Missing:
    """What a stage lacks for the weakest model. `why`: why nothing was found out, if that is so. `past_mending`: what no barrier mends."""

    found: Suggestion | None
    why: str = ""
    past_mending: tuple[Request, ...] = ()


@dataclass
class ByModel:
    """What was tried on `stages` under `models`, from the strongest on.

    `missing`: of each stage of which programs fail only under a weaker model than the first. `examples`: of each clause and each such
    model, the simplest execution at the first stage, and in words which single barrier forbids it.
    """

    stages: tuple[int, ...]
    models: tuple[str, ...]
    executions: int
    tried: list[Tried] = field(default_factory=list)
    missing: dict[int, Missing] = field(default_factory=dict)
    examples: list[tuple[Tried, str]] = field(default_factory=list)

    def on_stage(self, stage: int) -> list[Tried]:
        """What was tried there."""
        return [each for each in self.tried if each.stage == stage]

    def unsure(self, stage: int) -> list[Tried]:
        """What fails there under a model, and perhaps under a stronger one."""
        return [each for each in self.on_stage(stage) if each.fails and each.unseen]

    def needing(self, model: str, stage: int | None = None) -> list[Tried]:
        """What fails under `model` and under no stronger one, and barriers mend it if that is a weak one; on one stage, or on any."""
        return [each for each in self.tried if each.needs == model and stage in (None, each.stage) and not self._is_past_mending(each)]

    def past_mending(self, stage: int | None = None) -> list[Tried]:
        """What fails only under a weaker model than the first, and no barrier of the stage mends it."""
        return [each for each in self.tried if stage in (None, each.stage) and self._is_past_mending(each)]

    def _is_past_mending(self, tried: Tried) -> bool:
        missing = self.missing.get(tried.stage)
        return missing is not None and tried.row.request in missing.past_mending


def by_model(targets: Sequence[Target], suite: Suite, models: tuple[str, ...], executions: int, jobs: int, progress: Progress) -> ByModel:
    """Search every program on every stage, under each model up to so many executions; look for what is missing under the weaker ones."""
    found = ByModel(tuple(target.index for target in targets), models, executions)
    requests = _requests(suite, executions)
    for target in targets:
        found.tried += _on_stage(target, requests, models, jobs, progress)
        needing = [each.row for model in models[1:] for each in found.needing(model, target.index)]
        if needing:
            found.missing[target.index] = _missing(target, needing, models[-1], executions, progress)
    at = {target.index: target for target in targets}
    for model in models[1:]:
        for example in _simplest(found.needing(model)):
            failure = example.row.found.failure
            assert failure is not None
            found.examples.append((example, hint_for(at[example.stage], example.row.request, failure)))
    return found


def _requests(suite: Suite, executions: int) -> list[Request]:
    return [
        Request(name, kind, program.name, executions=executions)
        for name, clause in suite.clauses.items()
        if name != NO_RACES
        for program in clause.programs
        for kind in program.kinds
    ]


def _on_stage(target: Target, requests: Sequence[Request], models: Sequence[str], jobs: int, progress: Progress) -> list[Tried]:
    tried: dict[Request, Tried] = {}
    left = list(requests)
    for model in models:
        rows = _searched(target, [replace(request, model=model) for request in left], jobs, progress, model)
        for request, row in zip(left, rows, strict=True):
            unseen = tried[request].unseen if request in tried else ()
            tried[request] = Tried(target.index, row, unseen if _is_seen(row) else (*unseen, model))
        left = [request for request in left if not tried[request].fails]
    return [_further(target, each, jobs, progress) for each in tried.values()]


def _further(target: Target, tried: Tried, jobs: int, progress: Progress) -> Tried:
    """Of what fails, search further under the models of which it is not known whether it does there, too."""
    left = tried.unseen if tried.fails else ()
    for model in left:
        request = replace(tried.row.request, model=model, executions=Effort.executions)
        (row,) = _searched(target, [request], jobs, progress, f"further, {model}")
        if row.found.failure is not None:
            return replace(tried, row=row, unseen=tried.unseen[: tried.unseen.index(model)])
        if row.found.passed:
            tried = replace(tried, unseen=tuple(each for each in tried.unseen if each != model))
    return tried


def _searched(target: Target, requests: Sequence[Request], jobs: int, progress: Progress, how: str) -> list[Row]:
    explored = explore_programs(target, requests, jobs, lambda done, _: progress(f"{target.label}, {how}", Standing(done, len(requests))))
    _require_sound(target, explored)
    return explored.rows


def _is_seen(row: Row) -> bool:
    """Whether the search has failed, or seen everything."""
    return row.found.passed or row.found.failure is not None


def _require_sound(target: Target, explored: Explored) -> None:
    if explored.interrupted:
        raise KeyboardInterrupt
    if explored.problem:
        raise Unfit(f"{target.label} cannot be tested: it {explored.problem}")
    for fault in explored.faults:
        raise Unfit(fault)


def _missing(target: Target, rows: Sequence[Row], model: str, executions: int, progress: Progress) -> Missing:
    """The fewest barriers with which all of these pass under a model, but for those that no barrier mends."""
    left = list(rows)
    hopeless: list[Request] = []
    while left:
        under = [replace(row, request=replace(row.request, model=model)) for row in left]
        outcome = suggest_barriers(
            target, under, executions, lambda sets, _: progress(f"{target.label}, sets of barriers", Standing(sets, sets))
        )
        if outcome.status == INTERRUPTED:
            raise KeyboardInterrupt
        if outcome.status != OK:
            return Missing(None, outcome.sentence, tuple(hopeless))
        found: Suggestion = outcome.value
        if found.ended not in (NONE_HELPS, FAILS_UNDER_SC):
            return Missing(found, past_mending=tuple(hopeless))
        hopeless += [row.request for row in left if named(row.request) == found.about]
        left = [row for row in left if row.request not in hopeless]
    return Missing(None, "no barrier mends any of it", tuple(hopeless))


def _simplest(tried: Sequence[Tried]) -> list[Tried]:
    """Of each clause, at the first stage that there is for it, the execution that is the simplest to show."""
    found: dict[str, Tried] = {}
    for each in tried:
        best = found.get(each.clause)
        if best is None or (each.stage == best.stage and simplicity_of_row(each.row) < simplicity_of_row(best.row)):
            found[each.clause] = each
    return list(found.values())
