"""Runs a litmus file under a memory model, and judges all its executions by its condition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ENGINES
from harness.litmus.files.accesses import BadValue
from harness.litmus.files.final_condition import EXISTS, FORALL, FinalState
from harness.litmus.files.litmus_error import LitmusError
from harness.litmus.files.litmus_file import LitmusFile
from harness.litmus.files.not_covered import GAPS, Gap, gaps_of
from harness.litmus.files.python_code import program_of
from harness.litmus.files.stronger import stronger
from harness.litmus.files.syntax import Address
from harness.litmus.litmus_programs import executed
from harness.machine.diagnosis import RACE
from harness.search.counterexample import Counterexample, counterexample
from harness.search.race_detector import RaceDetector, described_race
from harness.search.search import EXHAUSTED, FAILED, INTERRUPTED, Execute, Limits, SearchResult, search
from harness.search.strategies.optimal_dpor import OptimalDpor

ALWAYS = "Always"
SOMETIMES = "Sometimes"
NEVER = "Never"
UNDECIDED = "undecided"
NOT_COVERED = "not covered by this model"


@dataclass(frozen=True)
class StateCount:
    """A final state, in how many executions it was reached, and whether it satisfies the condition."""

    state: FinalState
    executions: int
    satisfies: bool


@dataclass(frozen=True)
class FileOutcome:
    """What the executions of a file under a model amount to.

    `validated`: whether what the file asks for is so; None if nobody knows. `stuck`: how many executions came to no end, and why the
    first of them did. `reached`: what ended the search, if it was cut off. `witness`: an execution that satisfies the condition, or, of
    one that is to hold for all, violates it. `race`: two plain accesses that nothing orders. `stronger`: what the model orders more than
    is asked for.
    """

    file: LitmusFile
    model: str
    verdict: str
    validated: bool | None
    executions: int
    blocked: int
    states: tuple[StateCount, ...]
    stuck: int = 0
    why_stuck: str = ""
    reached: str = ""
    gaps: tuple[Gap, ...] = ()
    witness: Counterexample | None = None
    race: str = ""
    stronger: tuple[str, ...] = ()

    @property
    def positive(self) -> int:
        """How many executions satisfy the condition."""
        return sum(each.executions for each in self.states if each.satisfies)

    @property
    def negative(self) -> int:
        """How many do not."""
        return sum(each.executions for each in self.states if not each.satisfies)


@dataclass
class _Watching:
    """Looks at every execution for a witness and for a data race."""

    file: LitmusFile
    execute: Execute
    detector: RaceDetector = field(default_factory=RaceDetector)
    schedule: Sequence[int] | None = None
    race: str = ""

    def __call__(self, engine: ExploredEngine, _: SearchResult) -> None:
        if engine.blocked:
            return
        failure = engine.failure
        if isinstance(failure, BadValue):
            raise LitmusError(failure.line, failure.message)
        if not self.race:
            if failure is not None and failure.kind == RACE:
                self.race = failure.message
            elif self.detector.finds_race(engine):
                self.race = described_race(self.execute, engine)
        if self.schedule is None and failure is None and engine.complete and self._shows(engine):
            self.schedule = engine.schedule

    def _shows(self, engine: ExploredEngine) -> bool:
        return satisfies(self.file, _state(self.file, engine.final)) != (self.file.condition.quantifier == FORALL)


def judge_file(file: LitmusFile, model: str, executions: int, gaps: Mapping[str, Sequence[Gap]] = GAPS) -> FileOutcome:
    """Search all executions of a file under a model, up to so many; `LitmusError` if an execution makes no sense."""
    execute, engine = executed(program_of(file)), ENGINES[model]
    watching = _Watching(file, execute)
    limits = Limits(executions, stop_at_failure=False)
    result = search(execute, OptimalDpor(engine), limits, [watching])
    if result.reached == INTERRUPTED:
        raise KeyboardInterrupt
    states = _states(file, result)
    found = FileOutcome(file, model, "", None, result.executions, result.blocked, states, reached=_cut_off(result, limits))
    found = replace(found, stuck=result.executions - found.positive - found.negative, why_stuck=str(result.failure or ""))
    found = replace(
        found, gaps=tuple(gaps_of(file, model, bool(watching.race), gaps)), race=watching.race, stronger=tuple(stronger(file, model))
    )
    if watching.schedule is not None:
        found = replace(found, witness=_witness(file, counterexample(execute, watching.schedule, limits.steps, engine)))
    return replace(found, verdict=verdict(found), validated=validated(found))


def _cut_off(result: SearchResult, limits: Limits) -> str:
    """Why not everything was searched; nothing if it was."""
    if result.endless:
        return f"{result.endless} executions were longer than {limits.steps} operations"
    if result.verdict == EXHAUSTED or (result.verdict == FAILED and result.reached == str(result.failure)):
        return ""
    return result.reached or result.verdict


def _state(file: LitmusFile, final: object) -> FinalState:
    assert isinstance(final, tuple)
    return dict(zip(file.condition.watched, final, strict=True))


def satisfies(file: LitmusFile, state: FinalState) -> bool:
    """Whether the condition's proposition holds in a final state."""
    return file.condition.proposition.holds(state)


def _states(file: LitmusFile, result: SearchResult) -> tuple[StateCount, ...]:
    counts: Counter[tuple[object, ...]] = Counter()
    for final, count in result.finals.items():
        if isinstance(final, tuple):
            counts[final] += count
    states = [(_state(file, final), count) for final, count in sorted(counts.items(), key=_in_order)]
    return tuple(StateCount(state, count, satisfies(file, state)) for state, count in states)


def _in_order(item: tuple[tuple[object, ...], int]) -> list[tuple[bool, int, str]]:
    """Numbers by their values, then addresses by their names."""
    return [(isinstance(value, Address), value if isinstance(value, int) else 0, str(value)) for value in item[0]]


def _witness(file: LitmusFile, found: Counterexample) -> Counterexample:
    violated = file.condition.quantifier == FORALL
    return replace(found, reason=f"the final state {'violates' if violated else 'satisfies'} ({file.condition.proposition})")


def _knows_all(found: FileOutcome) -> bool:
    """Whether there is nothing that may happen and was not seen."""
    return not found.reached and not any(gap.hides for gap in found.gaps)


def verdict(found: FileOutcome) -> str:
    """What herd says of the condition's proposition; or that nobody knows, and why."""
    if found.reached and not (found.positive and found.negative):
        return UNDECIDED
    if found.positive and found.negative:
        return SOMETIMES if all(gap.hides for gap in found.gaps) else NOT_COVERED
    if not _knows_all(found):
        return NOT_COVERED
    return ALWAYS if found.positive else NEVER


def validated(found: FileOutcome) -> bool | None:
    """Whether what the file asks for is so, as far as that is certain."""
    quantifier = found.file.condition.quantifier
    decisive = found.negative if quantifier == FORALL else found.positive
    if decisive:
        certain = all(gap.hides for gap in found.gaps)
        return (quantifier == EXISTS) if certain else None
    return (quantifier != EXISTS) if _knows_all(found) else None
