"""What the results of all stages say about the series: is it bisectable, and which patches broke a clause.

No other module decides this, and nothing is claimed here that was not tested.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.explored.models import SC
from harness.suite.clause import NO_RACES
from harness.suite.figure import NotMeasured
from harness.verify.faults import stages_named
from harness.verify.models_together import steps_together, violations_of
from harness.verify.steps import NO_STEPS, Step, Steps, by_patch, steps_of
from harness.verify.verdicts import ERROR, FAIL, PASS, UNDECIDED, ClauseResult, Failure, KindResult, StageResult
from stages.api import AcceptedChange

# Clauses by id, each with the kinds that it is tested for.
Clauses = tuple[tuple[str, tuple[str, ...]], ...]

# Whether a series is bisectable, the worst first.
ANSWERS: dict[bool | None, str] = {False: "no", None: "undecided", True: "yes"}

ADDRESS = re.compile(r"\b0x[0-9a-f]{8,}\b")


@dataclass(frozen=True)
class Search:
    """How much was searched: programs (each counts once for each kind), how many to the end, and how far the others got.

    `robust`: of the exhausted ones, those that store buffers could show nothing more of.
    """

    programs: int
    exhausted: int
    open_ends: tuple[str, ...]
    # For each bound within which programs were exhausted, how many; the smallest bound first.
    within: tuple[tuple[int, int], ...] = ()
    robust: int = 0

    @classmethod
    def of(cls, results: Iterable[KindResult]) -> Search:
        """Add up; of nothing, nothing: an interrupted run may have no result of a stage."""
        found = list(results)
        ends = tuple(f"{result.kind}, {end.program}: {end.how_far}" for result in found for end in result.open_ends)
        bounds = Counter(end.within for result in found for end in result.open_ends if end.within is not None)
        programs, exhausted = sum(result.programs for result in found), sum(result.exhausted for result in found)
        return cls(programs, exhausted, ends, tuple(sorted(bounds.items())), sum(result.robust for result in found))

    @property
    def sentence(self) -> str:
        """What passes were exhausted within, in words."""
        bounded = [f"within {count_of(bound, 'preemption')}: {count_of(programs, 'program')}" for bound, programs in self.within]
        return f"every interleaving{', but ' * bool(bounded)}{', '.join(bounded)}"


def count_of(number: int, what: str) -> str:
    """Such as "1 program" or "6 programs"."""
    return f"{number} {what}{'s' * (number != 1)}"


def under(models: Iterable[str]) -> str:
    """Such as "under sc, tso"."""
    return f"under {', '.join(models)}"


def searched(clauses: Iterable[ClauseResult]) -> list[KindResult]:
    """The results that speak of every search once: for a kind that `no-races` was tested for, that one covers all."""
    found = {clause.clause: clause.kinds for clause in clauses}
    races = found.pop(NO_RACES, {})
    return [*races.values(), *(result for kinds in found.values() for kind, result in kinds.items() if kind not in races)]


def what(failure: Failure) -> str:
    """What was violated, in one line. Addresses differ from run to run, so none is shown."""
    return ADDRESS.sub("0x…", f"{failure.kind}: {' '.join(failure.message.split())}")


@dataclass(frozen=True)
class Selection:
    """What of a series and a suite was to be tested: `clauses` with their kinds, and the numbers of `stages`; and all that there is."""

    series: str
    suite: str
    clauses: Clauses
    stages: tuple[int, ...]
    every_clause: Clauses
    every_stage: tuple[int, ...]
    models: tuple[str, ...] = (SC,)
    # Why the series has patches that are no stages: one does not apply.
    ends_early: str = ""

    @property
    def whole(self) -> bool:
        """Whether that was everything."""
        return set(self.clauses) == set(self.every_clause) and set(self.stages) == set(self.every_stage)

    @property
    def extent(self) -> str:
        """How much of it that was, in words."""
        clauses, every = len(self.clauses), len(self.every_clause)
        kinds = ", some kinds" * (not set(self.clauses) <= set(self.every_clause))
        return f"{clauses} of {every} clauses{kinds}, {len(self.stages)} of {len(self.every_stage)} stages"


@dataclass(frozen=True)
class Conclusion:
    """What a run says of its series; the sentence, the JSON and the exit code are read from here and from nowhere else.

    `bisectable` is None where the run does not tell. `undecided`: whether a test has no verdict, a stage could not be measured, a patch
    does not apply, or a violation cannot be laid to a patch or to the baseline; `undecided_stages` and `untestable_stages` have tests
    without a verdict, `lacking_stages` some that ask for what the stage lacks. `models`: what is to be said under each of several memory
    models.
    """

    bisectable: bool | None
    selection: Selection
    steps: Steps = NO_STEPS
    undecided: bool = False
    undecided_stages: tuple[int, ...] = ()
    untestable_stages: tuple[int, ...] = ()
    lacking_stages: tuple[int, ...] = ()
    interrupted: bool = False
    models: Mapping[str, Conclusion] = field(default_factory=dict)

    @property
    def first_bad(self) -> dict[str, int]:
        """Each clause that some patch breaks, with the first such patch."""
        return self.steps.first_bad

    @property
    def violated_alone(self) -> tuple[Step, ...]:
        """What the only stage that was tested violates: nobody knows who broke it."""
        return (*self.steps.baseline, *self.steps.unknown) if len(self.selection.stages) == 1 else ()

    @property
    def bad(self) -> bool:
        """Whether a patch breaks something that is not accepted, or something accepted does not happen; or the only stage is wrong."""
        return bool(self.steps.breaks or self.steps.unmet or self.violated_alone)

    @property
    def excused_by_baseline(self) -> tuple[Step, ...]:
        """What a patch breaks although the baseline violates it: a patch before has mended it; or the baseline is tested alone."""
        base = {(step.clause, kind) for step in self.steps.baseline for kind in step.kinds}
        broken = (*self.steps.breaks, *self.violated_alone)
        return tuple(step for step in broken if base.issuperset((step.clause, kind) for kind in step.kinds))

    @property
    def newly_bad(self) -> bool:
        """Whether it is bad, but for that; under each memory model, what its own baseline violates."""
        if self.models:
            return any(each.newly_bad for each in self.models.values())
        excused = self.excused_by_baseline
        return bool(self.steps.unmet) or any(step not in excused for step in (*self.steps.breaks, *self.violated_alone))

    def excuse(self, stage: int, result: KindResult) -> str:
        """Why a violation by the stage of that number is held against nobody: it is accepted, or the baseline has it; nothing if it is."""
        steps, at = self.steps, (stage, result.clause, result.kind)
        if at in steps.tolerated:
            changes = (change for change, kinds in steps.accepted if change.clause == result.clause and result.kind in kinds)
            return f"accepted: {next(changes).why}"
        inherited = at in steps.inherited and not self.violated_alone
        return "no patch broke it: the baseline violates it" if inherited else ""

    @property
    def sentence(self) -> str:
        """The answer in one line, with the memory models that it is about; of a part of the tests it says that it is a part, how large."""
        alone = len(self._answers) == 1
        return self.head + (": " if alone else " · ") + self.because

    @property
    def head(self) -> str:
        """What is bisectable, under which memory models, the worst first; or what part was tested."""
        if not self.selection.whole:
            return f"partial: {self.selection.extent}, {under(self.selection.models)}"
        said = {model: conclusion.bisectable for model, conclusion in self.models.items()} or {self.selection.models[0]: self.bisectable}
        groups = [(word, [model for model, answer in said.items() if answer is value]) for value, word in ANSWERS.items()]
        return f"bisectable: {'; '.join(f'{word} {under(models)}' for word, models in groups if models)}"

    @property
    def because(self) -> str:
        """Why; if that is not the same under all memory models, under which."""
        if len(self._answers) == 1:
            return self.answer
        return " · ".join(f"{under(models)}: {answer}" for answer, models in self._answers.items())

    @property
    def _answers(self) -> dict[str, list[str]]:
        """The models by what there is to say under them."""
        found: dict[str, list[str]] = {}
        for model, conclusion in self.models.items():
            found.setdefault(conclusion.answer, []).append(model)
        return found if len(found) > 1 else {self.answer: list(self.selection.models)}

    @property
    def answer(self) -> str:
        """Why."""
        return "; ".join([*self._accused, *self._excused, *self._unknown])

    @property
    def _accused(self) -> list[str]:
        """Who breaks what; where nobody is known to, that."""
        steps = self.steps
        accused = [f"{who} breaks {what}" for who, what in by_patch(steps.breaks, kinds=False)]
        if self.violated_alone:
            clauses = ", ".join(step.what for step in self.violated_alone)
            return [f"stage {self.selection.stages[0]}, the only one tested, violates {clauses}"]
        accused += [f"patch {step.patch} or before, or the baseline, breaks {step.what}" for step in steps.unknown]
        if accused:
            return accused
        if steps.baseline or steps.accepted:
            return [f"no patch breaks what the stage before it kept{', but for what is accepted' * bool(steps.accepted)}"]
        return ["every stage keeps the contract" if self.bisectable else "no violation found"]

    @property
    def _excused(self) -> list[str]:
        """What does not make the series bad, and what was to be excused but is not there."""
        steps = self.steps
        found = [f"accepted: {change.clause} ({', '.join(kinds)}) from patch {change.patch}" for change, kinds in steps.accepted]
        found += [each.sentence for each in steps.unmet]
        found += [f"{who} mends {what}" for who, what in by_patch(steps.mends, kinds=False)]
        if steps.baseline and not self.violated_alone:
            found.append(f"the baseline breaks {', '.join(step.in_full for step in steps.baseline)}")
        return found

    @property
    def _unknown(self) -> list[str]:
        kinds = (
            ("undecided", self.undecided_stages),
            ("untestable", self.untestable_stages),
            ("untestable in part", self.lacking_stages),
        )
        return [f"{word}: {stages_named(stages)}" for word, stages in kinds if stages]


def bisectable(
    stages: Sequence[StageResult], selection: Selection, interrupted: bool = False, accepted: Sequence[AcceptedChange] = ()
) -> Conclusion:
    """Conclude from the results of `stages`, which are in the order of the series.

    A series is bisectable when no patch breaks a clause that the stage before it kept, but for the changes that are `accepted`. That it is
    follows only from a verdict on every clause of the suite for every kind on every stage of the series: what was left out, cut off or
    could not be tested proves nothing. It is bisectable under several memory models when it is under each.
    """
    if len(selection.models) == 1:
        return _alone(stages, selection, interrupted, accepted)
    tested = {model: [stage.under(model) for stage in stages] for model in selection.models}
    models = {model: _alone(of, replace(selection, models=(model,)), interrupted, accepted) for model, of in tested.items()}
    every = list(models.values())
    steps = steps_together([(models[model].steps, violations_of(of)) for model, of in tested.items()])
    answers = [conclusion.bisectable for conclusion in every]
    return Conclusion(
        False if False in answers else None if None in answers else True,
        selection,
        steps,
        any(conclusion.undecided for conclusion in every),
        _of_any(conclusion.undecided_stages for conclusion in every),
        _of_any(conclusion.untestable_stages for conclusion in every),
        _of_any(conclusion.lacking_stages for conclusion in every),
        interrupted,
        # An accepted change that happens under one model is there.
        {model: replace(each, steps=replace(each.steps, unmet=steps.unmet)) for model, each in models.items()},
    )


def _of_any(stages: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sorted({index for each in stages for index in each}))


def by_model(stage: StageResult, conclusion: Conclusion) -> Iterator[tuple[str, StageResult, Conclusion]]:
    """A stage under each memory model, with what is concluded there."""
    if not conclusion.models:
        yield conclusion.selection.models[0], stage, conclusion
    for model, concluded in conclusion.models.items():
        yield model, stage.under(model), concluded


def _alone(stages: Sequence[StageResult], selection: Selection, interrupted: bool, accepted: Sequence[AcceptedChange]) -> Conclusion:
    steps = steps_of(stages, min(selection.every_stage, default=0), accepted)
    untestable = tuple(stage.index for stage in stages if _untestable(stage))
    others = [stage for stage in stages if stage.index not in untestable]
    undecided = tuple(stage.index for stage in others if any(result.verdict == ERROR and not _lacks(result) for result in _results(stage)))
    lacking = tuple(stage.index for stage in others if any(map(_lacks, _results(stage))))
    unmeasured = any(isinstance(each, NotMeasured) for stage in stages for each in (stage.behaviour, stage.performance))
    unknown = bool(untestable or undecided or lacking or unmeasured)
    found = Conclusion(None, selection, steps, unknown, undecided, untestable, lacking, interrupted)
    if selection.ends_early or (steps.unknown and not found.violated_alone):
        found = replace(found, undecided=True)
    if steps.breaks:
        return replace(found, bisectable=False)
    decided = _everything_decided(stages, selection) and not steps.unknown and not found.violated_alone
    return replace(found, bisectable=True if decided else None)


def _everything_decided(stages: Sequence[StageResult], selection: Selection) -> bool:
    demanded = {(index, name, kind) for index in selection.every_stage for name, kinds in selection.every_clause for kind in kinds}
    decided = {
        (stage.index, name, kind)
        for stage in stages
        for name, clause in stage.clauses.items()
        for kind, result in clause.kinds.items()
        if result.verdict in (PASS, FAIL)
    }
    return bool(demanded) and demanded <= decided


def _results(stage: StageResult) -> list[KindResult]:
    return [result for clause in stage.clauses.values() for result in clause.kinds.values()]


def _verdicts(stage: StageResult) -> set[str]:
    return {result.verdict for result in _results(stage)}


def _untestable(stage: StageResult) -> bool:
    """Whether nothing can be said of the stage, and not because searches were cut off."""
    failures = [result.failure for result in _results(stage) if result.failure is not None]
    whole = any(failure.of_whole_stage for failure in failures)
    return whole or (_verdicts(stage) == {ERROR} and all(failure.kind != UNDECIDED for failure in failures))


def _lacks(result: KindResult) -> bool:
    """Whether the stage lacks what the test asks for."""
    return result.failure is not None and result.failure.lacking
