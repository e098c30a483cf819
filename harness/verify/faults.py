"""Groups what does not pass: the same failure of a clause, for several kinds and in several stages, is one fault.

Nothing is judged here: a group never has a kind or a stage in it that did not fail in this way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.machine.lacking_api import lacked
from harness.verify.simplicity import simplicity
from harness.verify.verdicts import ERROR, FAIL, NOT_RUN, UNTESTABLE, Failure, KindResult, StageResult


@dataclass(frozen=True)
class Fault:
    """A clause that fails in one way, a kind of failure, for each of `kinds` in each of `stages`.

    `failure`: the simplest one of the first of these stages. `models`: under which memory models, if there are several. `under_sc`: what
    sequential consistency says to all that, if it was tried.
    """

    clause: str
    kinds: tuple[str, ...]
    stages: tuple[int, ...]
    failure: Failure
    models: tuple[str, ...] = ()
    under_sc: tuple[str, ...] = ()


def violations(stages: Sequence[StageResult]) -> list[Fault]:
    """The violated clauses, the faults of the first stages first."""
    tried = {(stage.index, *pair): verdict for stage in stages for pair, verdict in stage.under_sc.items()}
    return [replace(fault, under_sc=_said(tried, fault)) for fault in _of_each_model(stages, FAIL)]


def undecided(stages: Sequence[StageResult]) -> list[Fault]:
    """The clauses about which there is no verdict, but for tests that were never begun, and stages that cannot be tested."""
    return _of_each_model(stages, ERROR)


def _said(tried: Mapping[tuple[int, str, str], str], fault: Fault) -> tuple[str, ...]:
    said = {tried.get((index, fault.clause, kind)) for index in fault.stages for kind in fault.kinds}
    return tuple(sorted(verdict for verdict in said if verdict))


def _of_each_model(stages: Sequence[StageResult], verdict: str) -> list[Fault]:
    """The faults under each memory model; equal ones are one."""
    models = tuple(dict.fromkeys(model for stage in stages for model in stage.models))
    if len(models) < 2:
        return _grouped(stages, verdict)
    found: dict[tuple[object, ...], Fault] = {}
    for model in models:
        for fault in _grouped([stage.under(model) for stage in stages if model in stage.models], verdict):
            key = (fault.clause, fault.kinds, fault.stages, fault.failure.kind)
            first = found.setdefault(key, fault)
            shown = min(first.failure, fault.failure, key=simplicity)
            found[key] = replace(first, failure=shown, models=(*first.models, model))
    return sorted(found.values(), key=lambda fault: fault.stages[0])


def not_run(stages: Sequence[StageResult]) -> dict[int, int]:
    """For each stage with tests that were given up, how many these are."""
    return dict(Counter(stage.index for stage, _, failure in _failures(stages, ERROR) if failure.kind == NOT_RUN))


def untestable(stages: Sequence[StageResult]) -> dict[int, str]:
    """For each stage whose own code stands in the way of every test, what it does."""
    return {stage.index: failure.message for stage, _, failure in _failures(stages, ERROR) if failure.of_whole_stage}


@dataclass(frozen=True)
class Lack:
    """Something that a stage lacks: why, in words that complete "the stage …", and the clauses that ask for it, with the kinds for each."""

    reason: str
    clauses: tuple[tuple[str, tuple[str, ...]], ...]


def lacks(stage: StageResult) -> list[Lack]:
    """What tests of a stage ask for and it lacks, where others can do without; one line of the suite is named of those that ask for it."""
    reasons: dict[str, str] = {}
    asking: dict[str, dict[str, list[str]]] = {}
    for _, result, failure in _failures([stage], ERROR):
        if failure.lacking:
            what = lacked(failure.message)
            reasons.setdefault(what, failure.message)
            asking.setdefault(what, {}).setdefault(result.clause, []).append(result.kind)
    return [Lack(reason, tuple((clause, tuple(kinds)) for clause, kinds in asking[what].items())) for what, reason in reasons.items()]


def ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers in short: `1, 3–5`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def stages_named(numbers: Sequence[int]) -> str:
    """Such as `stage 4` or `stages 1, 3–5`."""
    return f"stage{'s' * (len(numbers) != 1)} {ranges(numbers)}"


def _failures(stages: Sequence[StageResult], verdict: str) -> Iterator[tuple[StageResult, KindResult, Failure]]:
    for stage in stages:
        for clause in stage.clauses.values():
            for result in clause.kinds.values():
                if result.verdict == verdict and result.failure is not None:
                    yield stage, result, result.failure


def _grouped(stages: Sequence[StageResult], verdict: str) -> list[Fault]:
    # For a clause and a way of failing: where each kind fails so, and how it does at first.
    ways: dict[tuple[str, str], dict[str, dict[int, Failure]]] = {}
    for stage, result, failure in _failures(stages, verdict):
        if failure.kind not in (NOT_RUN, UNTESTABLE):
            ways.setdefault((result.clause, failure.kind), {}).setdefault(result.kind, {})[stage.index] = failure
    faults = [fault for (clause, _), kinds in ways.items() for fault in _split(clause, kinds)]
    return sorted(faults, key=lambda fault: fault.stages[0])


def _split(clause: str, kinds: dict[str, dict[int, Failure]]) -> list[Fault]:
    """One fault for all kinds that fail in the same stages."""
    together: dict[tuple[int, ...], list[str]] = {}
    for kind, found in kinds.items():
        together.setdefault(tuple(found), []).append(kind)
    return [
        Fault(clause, tuple(names), indices, min((kinds[name][indices[0]] for name in names), key=simplicity))
        for indices, names in together.items()
    ]
