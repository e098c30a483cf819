"""What a run finds out, as plain data that crosses process boundaries and becomes tables, JSON and JUnit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from harness.explored.models import SC
from harness.machine.contexts import Use
from harness.suite.figure import NotMeasured
from harness.suite.program import Known

PASS = "pass"
FAIL = "fail"
ERROR = "error"

# The `kind` of a `Failure` whose test was given up because of an earlier one.
NOT_RUN = "not run"
# The `kind` of a `Failure` that only says that the search was cut off before it could tell.
UNDECIDED = "undecided"
# The `kind` of a `Failure` of a stage whose code is wrong as Python: no program says anything about the contract then. Also of a test that
# asks for what the stage lacks (`lacking`): then other tests say what they say.
UNTESTABLE = "untestable"
# The `kind` of a `Failure` of a stage that does not do the same twice: no search can say anything about it.
NOT_DETERMINISTIC = "not deterministic"


@dataclass(frozen=True)
class Failure:
    """How a clause failed: the first failing execution, and what it takes to run exactly that one again.

    `engine` is "timed" (then `seed` reproduces it) or "explored" (then `deviations` from the natural order do); `steps` is the limit.
    """

    kind: str
    message: str
    program: str = ""
    engine: str = ""
    seed: int = 0
    deviations: tuple[tuple[int, int], ...] = ()
    steps: int = 0
    replay: str = ""
    # The memory model under which `deviations` do.
    model: str = SC
    # Of what is undecided: whether that is because of a read that was not given all values, so that a longer search does not help.
    untried: bool = False
    # How many operations the execution has; 0 where nobody has counted.
    operations: int = 0
    # Of what is untestable: whether that is this test alone, as it asks for what the stage lacks.
    lacking: bool = False

    @property
    def of_whole_stage(self) -> bool:
        """Whether no test of the stage says anything, and not only this one."""
        return self.kind == UNTESTABLE and not self.lacking


@dataclass(frozen=True)
class OpenEnd:
    """A program whose search did not see everything, and how far it got; `within`: all executions with so many preemptions, if any."""

    clause: str
    program: str
    how_far: str
    within: int | None = None


@dataclass(frozen=True)
class Count:
    """What a search has counted of a program, beside what is known of it. `ended`: how the search ended; `NOT_RUN` if it did not begin."""

    program: str
    known: Known
    ended: str
    executions: int = 0
    deadlocks: int = 0
    blocked: int = 0
    good: bool = False


@dataclass(frozen=True)
class SeenUse:
    """What a stage has done in a context, for `harness.verify.across_executions`; in which execution of which program it did so first."""

    use: Use
    program: str
    deviations: tuple[tuple[int, int], ...] = ()
    steps: int = 0
    model: str = SC


@dataclass(frozen=True)
class KindResult:
    """One clause on one stage for one kind of tasklet.

    `complete`: every interleaving was covered, without a bound. `programs`, `exhausted`: how many programs there are, and for how many
    that is so; `open_ends` says of the others how far the search got. `race`: a data race in one of the executions.
    """

    clause: str
    kind: str
    verdict: str
    executions: int
    complete: bool = False
    programs: int = 0
    exhausted: int = 0
    # Of the exhausted ones, those that were explored without store buffers, which could show nothing more.
    robust: int = 0
    open_ends: tuple[OpenEnd, ...] = ()
    failure: Failure | None = None
    race: Failure | None = None
    # Which programs have failed. If `all_seen`, no others fail: beyond the first failure, every execution has been looked at.
    failing: tuple[str, ...] = ()
    all_seen: bool = False
    # Of programs that are counted instead of judged by their executions.
    counts: tuple[Count, ...] = ()
    uses: tuple[SeenUse, ...] = ()


@dataclass
class ClauseResult:
    """One clause on one stage, for all the kinds that it makes sense for."""

    clause: str
    kinds: dict[str, KindResult] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """`fail` if any kind fails, else `error` if any could not be tested, else `pass`."""
        verdicts = {result.verdict for result in self.kinds.values()}
        return next((verdict for verdict in (FAIL, ERROR) if verdict in verdicts), PASS)

    @property
    def failing(self) -> list[KindResult]:
        """The kinds that do not pass, worst first."""
        bad = [result for result in self.kinds.values() if result.verdict != PASS]
        return sorted(bad, key=lambda result: result.verdict != FAIL)


class StageFigures(Protocol):
    """The figures of a stage, whatever they are: reports know them as `harness.measure.performance.Performance`."""

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""


@dataclass
class StageResult:
    """Everything about one stage. `behaviour` is by the name of the probe; `performance` is None if there was nothing to measure.

    `clauses` is over all memory models, `models` has the results for each. `under_sc`: of violations under other models, by clause and
    kind, what the same programs say under sequential consistency, where that was tried. `old_core`: what there is under `arm` with the core
    of 2014, if that was tested; it is in none of the others.
    """

    index: int
    title: str
    module: str
    clauses: dict[str, ClauseResult] = field(default_factory=dict)
    behaviour: Mapping[str, Any] | NotMeasured = field(default_factory=dict)
    performance: StageFigures | NotMeasured | None = None
    models: Mapping[str, dict[str, ClauseResult]] = field(default_factory=dict)
    under_sc: Mapping[tuple[str, str], str] = field(default_factory=dict)
    old_core: Mapping[str, ClauseResult] = field(default_factory=dict)
    # The hash of its commit, if it is one of a git repository.
    commit: str = ""

    def under(self, model: str) -> StageResult:
        """The same stage as far as one of several memory models goes."""
        return replace(self, clauses=self.models[model], models={})
