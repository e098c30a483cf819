"""One verdict over several memory models: a clause is kept if it is kept under each of them, and violated if it is under one.

What each patch does is told for each model by itself first: a patch that breaks a clause under one model is not excused by a baseline
that breaks it under another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from harness.verify.simplicity import Simplicity, simplicity
from harness.verify.steps import Step, Steps, Unmet
from harness.verify.verdicts import ERROR, FAIL, PASS, ClauseResult, KindResult, OpenEnd, StageResult
from stages.api import AcceptedChange

# What a violation is: the number of a stage, a clause, a kind.
Violations = frozenset[tuple[int, str, str]]


def together(models: Mapping[str, Mapping[str, ClauseResult]]) -> dict[str, ClauseResult]:
    """The results of a stage over all models. A kind that was not tested under each of them has no result, unless it fails."""
    if len(models) == 1:
        return dict(next(iter(models.values())))
    found: dict[str, ClauseResult] = {}
    for clause in dict.fromkeys(name for clauses in models.values() for name in clauses):
        tested = {model: clauses[clause].kinds for model, clauses in models.items() if clause in clauses}
        for kind in dict.fromkeys(kind for kinds in tested.values() for kind in kinds):
            results = {model: kinds[kind] for model, kinds in tested.items() if kind in kinds}
            if len(results) == len(models) or any(result.verdict == FAIL for result in results.values()):
                found.setdefault(clause, ClauseResult(clause)).kinds[kind] = _one(results)
    return found


def _one(results: Mapping[str, KindResult]) -> KindResult:
    """Sums, and the verdict and the failure of the worst; of several violations, the simplest one."""
    every = list(results.values())
    violations = sorted((each for each in every if each.verdict == FAIL), key=_simplicity)
    worst = [*violations, *(each for each in every if each.verdict == ERROR), *every][0]
    return replace(
        worst,
        executions=sum(result.executions for result in every),
        complete=all(result.complete for result in every),
        programs=sum(result.programs for result in every),
        exhausted=sum(result.exhausted for result in every),
        robust=sum(result.robust for result in every),
        open_ends=tuple(_named(end, model) for model, result in results.items() for end in result.open_ends),
        race=next((result.race for result in every if result.race), None),
        failing=tuple(dict.fromkeys(program for result in every for program in result.failing)),
        all_seen=all(result.all_seen or result.verdict == PASS for result in every),
    )


def _simplicity(violation: KindResult) -> Simplicity:
    assert violation.failure is not None
    return simplicity(violation.failure)


def _named(end: OpenEnd, model: str) -> OpenEnd:
    return replace(end, how_far=f"{end.how_far}, under {model}")


def violations_of(stages: Iterable[StageResult]) -> Violations:
    """What the stages violate."""
    return frozenset(
        (stage.index, name, kind)
        for stage in stages
        for name, clause in stage.clauses.items()
        for kind, result in clause.kinds.items()
        if result.verdict == FAIL
    )


def steps_together(models: Sequence[tuple[Steps, Violations]]) -> Steps:
    """What the patches do under any of the models, each with its violations; what is excused is so wherever it is violated."""
    steps = [each for each, _ in models]
    return Steps(
        baseline=_union(steps, lambda each: each.baseline),
        unknown=_union(steps, lambda each: each.unknown),
        breaks=_union(steps, lambda each: each.breaks),
        mends=_union(steps, lambda each: each.mends),
        accepted=_accepted(steps),
        unmet=tuple(_unmet_everywhere(steps)),
        tolerated=_excused(models, lambda each: each.tolerated),
        inherited=_excused(models, lambda each: each.inherited),
    )


def _union(models: Sequence[Steps], of: Callable[[Steps], tuple[Step, ...]]) -> tuple[Step, ...]:
    found: dict[tuple[int, str, bool], Step] = {}
    for step in (step for steps in models for step in of(steps)):
        key = (step.patch, step.clause, step.certain)
        before = found.get(key)
        kinds = dict.fromkeys((*before.kinds, *step.kinds)) if before else step.kinds
        found[key] = replace(step, kinds=tuple(kinds), whole=step.whole or bool(before and before.whole))
    return tuple(sorted(found.values(), key=lambda step: step.patch))


def _accepted(models: Sequence[Steps]) -> tuple[tuple[AcceptedChange, tuple[str, ...]], ...]:
    """Each accepted change that happens, for the kinds for which it does under any model."""
    found: dict[AcceptedChange, set[str]] = {}
    for change, kinds in (pair for steps in models for pair in steps.accepted):
        found.setdefault(change, set()).update(kinds)
    return tuple((change, tuple(kind for kind in change.kinds if kind in kinds)) for change, kinds in found.items())


def _unmet_everywhere(models: Sequence[Steps]) -> Iterable[Unmet]:
    """The accepted changes that happen under no model."""
    first, *others = models
    for unmet in first.unmet:
        kinds = tuple(kind for kind in unmet.kinds if all(_is_unmet(steps, unmet.change, kind) for steps in others))
        if kinds:
            yield replace(unmet, kinds=kinds)


def _is_unmet(steps: Steps, change: AcceptedChange, kind: str) -> bool:
    return any(each.change == change and kind in each.kinds for each in steps.unmet)


def _excused(models: Sequence[tuple[Steps, Violations]], of: Callable[[Steps], Violations]) -> Violations:
    excused = frozenset(at for steps, _ in models for at in of(steps))
    return excused - frozenset(at for steps, violations in models for at in violations - of(steps))
