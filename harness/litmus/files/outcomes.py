"""Runs a litmus file under a memory model, and judges all its executions by its condition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ENGINES
from harness.litmus.files.accesses import BadValue
from harness.litmus.files.final_condition import EXISTS, FORALL, FinalState
from harness.litmus.files.final_states import judged_state, satisfies, state_of
from harness.litmus.files.litmus_error import LitmusError
from harness.litmus.files.litmus_file import LitmusFile
from harness.litmus.files.not_covered import GAPS, Gap, gaps_of
from harness.litmus.files.python_code import program_of
from harness.litmus.files.replaying import replay_string_of
from harness.litmus.files.stronger import stronger
from harness.litmus.files.syntax import Address
from harness.litmus.litmus_programs import executed
from harness.machine.diagnosis import RACE
from harness.search.counterexample import Counterexample, counterexample
from harness.search.race_detector import RaceDetector, described_race
from harness.search.search import INTERRUPTED, Execute, Limits, SearchResult, cut_off, search
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

    `why_stuck`: why the first execution that came to no end did so, if one did. `reached`: what ended the search, if it was cut off.
    `witness`: an execution that satisfies the condition, or, of one that is to hold for all, violates it. `race`: two plain accesses that
    nothing orders. `stronger`: what the model orders more than is asked for. `replay`: what executes the witness again.
    """

    file: LitmusFile
    model: str
    executions: int
    blocked: int
    states: tuple[StateCount, ...]
    why_stuck: str
    reached: str
    gaps: tuple[Gap, ...]
    race: str
    stronger: tuple[str, ...]
    witness: Counterexample | None
    replay: str

    @property
    def positive(self) -> int:
        """How many executions satisfy the condition."""
        return sum(each.executions for each in self.states if each.satisfies)

    @property
    def negative(self) -> int:
        """How many do not."""
        return sum(each.executions for each in self.states if not each.satisfies)

    @property
    def stuck(self) -> int:
        """How many come to no end."""
        return self.executions - self.positive - self.negative

    @property
    def _knows_all(self) -> bool:
        """Whether there is nothing that may happen and was not seen."""
        return not self.reached and not any(gap.hides for gap in self.gaps)

    @property
    def _sees_no_more(self) -> bool:
        """Whether all that was seen may happen."""
        return all(gap.hides for gap in self.gaps)

    @property
    def verdict(self) -> str:
        """What herd says of the condition's proposition; or that nobody knows, and why."""
        if self.positive and self.negative:
            return SOMETIMES if self._sees_no_more else NOT_COVERED
        if self.reached:
            return UNDECIDED
        if not self._knows_all:
            return NOT_COVERED
        return ALWAYS if self.positive else NEVER

    @property
    def validated(self) -> bool | None:
        """Whether what the file asks for is so; None if that is not certain."""
        quantifier = self.file.condition.quantifier
        if self.negative if quantifier == FORALL else self.positive:
            return quantifier == EXISTS if self._sees_no_more else None
        return quantifier != EXISTS if self._knows_all else None


@dataclass
class _Watching:
    """Looks at every execution for a witness and for a data race."""

    file: LitmusFile
    execute: Execute
    detector: RaceDetector = field(default_factory=RaceDetector)
    schedule: Sequence[int] | None = None
    state: FinalState = field(default_factory=dict)
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
        if self.schedule is None and failure is None and engine.complete:
            state = state_of(self.file, engine.final)
            if satisfies(self.file, state) != (self.file.condition.quantifier == FORALL):
                self.schedule, self.state = engine.schedule, state


def judge_file(file: LitmusFile, model: str, executions: int, gaps: Mapping[str, Sequence[Gap]] = GAPS) -> FileOutcome:
    """Search all executions of a file under a model, up to so many; `LitmusError` if an execution makes no sense."""
    execute, engine = executed(program_of(file)), ENGINES[model]
    watching = _Watching(file, execute)
    limits = Limits(executions, stop_at_failure=False)
    result = search(execute, OptimalDpor(engine), limits, [watching])
    if result.reached == INTERRUPTED:
        raise KeyboardInterrupt
    return FileOutcome(
        file,
        model,
        result.executions,
        result.blocked,
        _states(file, result),
        why_stuck=str(result.failure or ""),
        reached=cut_off(result, limits),
        gaps=tuple(gaps_of(file, model, bool(watching.race), gaps)),
        race=watching.race,
        stronger=tuple(stronger(file, model)),
        witness=_witness(watching, limits.steps, engine),
        replay="" if watching.schedule is None else replay_string_of(file, model, watching.schedule, limits.steps),
    )


def _states(file: LitmusFile, result: SearchResult) -> tuple[StateCount, ...]:
    counts: Counter[tuple[object, ...]] = Counter()
    for final, count in result.finals.items():
        if isinstance(final, tuple):
            counts[final] += count
    states = [(state_of(file, final), count) for final, count in sorted(counts.items(), key=_in_order)]
    return tuple(StateCount(state, count, satisfies(file, state)) for state, count in states)


def _in_order(item: tuple[tuple[object, ...], int]) -> list[tuple[bool, int, str]]:
    """Numbers by their values, then addresses by their names."""
    return [(isinstance(value, Address), value if isinstance(value, int) else 0, str(value)) for value in item[0]]


def _witness(watching: _Watching, steps: int, engine: type[ExploredEngine]) -> Counterexample | None:
    if watching.schedule is None:
        return None
    found = counterexample(watching.execute, watching.schedule, steps, engine)
    return replace(found, reason=judged_state(watching.file, watching.state))
