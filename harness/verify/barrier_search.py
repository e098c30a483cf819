"""Finds the smallest set of barriers with which no execution of some programs fails, by counterexamples, and tries it by searching them.

Barriers only forbid executions. So an execution that fails although some barriers are there is a proof that none of their subsets is
enough, and every sufficient set has something that is not among them. The fewer are left out, the more that says: so barriers are added
wherever the failing execution remains possible (`harness.search.same_trace`). The next set to try is a smallest one that has something of
what each failing execution leaves out; when it passes, no smaller one could have.

That failing executions are collected, and fences chosen that forbid all of them: Liu, Nedev, Prisadnikov, Vechev, Yahav: "Dynamic Synthesis
for Relaxed Memory Models", PLDI 2012. That what is left out is made minimal, and hit by a smallest set: Reiter's hitting sets (1987), as in
Davies and Bacchus: "Solving MAXSAT by Solving a Sequence of Simpler SAT Instances", CP 2011.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from harness.machine.diagnosis import HANG
from harness.search.same_trace import Trace
from harness.search.search import DIVERGED, FAILED, INTERRUPTED, Execute, SearchResult
from harness.search.smallest_sets import Cost, smallest_set
from harness.verify.barrier_points import KINDS, MB, RMB, WMB, Barriers

# A barrier at the place with this number.
Barrier = tuple[int, str]
# How dear a kind is: of two sets of one size, the one with the weaker barriers is taken.
DEARNESS = {WMB: 1, RMB: 1, MB: 3}

# Called after each search with how many sets were tried, and with how many executions.
Tell = Callable[[int, int], None]


class Searched(Protocol):
    """One program for one kind, to be searched with the barriers that are placed now."""

    @property
    def execute(self) -> Execute:
        """Execute it once."""

    def search(self) -> SearchResult:
        """Search it."""

    def trace(self, schedule: Sequence[int]) -> Trace:
        """Execute this schedule."""


@dataclass(frozen=True)
class Bounds:
    """How far to go: barriers of a set, sets that are tried, executions of all searches together (None: no limit)."""

    barriers: int = 4
    sets: int = 100
    executions: int | None = None


@dataclass
class SetOutcome:
    """`found`: the barriers; `none_helps`: no set is enough; `reached`: why nothing was found, else.

    `results`: of each program, by its position, what the last search has found.
    """

    found: tuple[Barrier, ...] | None = None
    none_helps: bool = False
    # Whether every set within the bounds is known to be too small.
    refuted: bool = False
    # Whose last failing execution no barrier forbids, by its position.
    hopeless: int = -1
    reached: str = ""
    sets: int = 0
    executions: int = 0
    results: dict[int, SearchResult] = field(default_factory=dict)


class BarrierSearch:
    """The search for a set, under one memory model."""

    def __init__(
        self, model: str, programs: Sequence[Searched], barriers: Barriers, bounds: Bounds, tell: Tell = lambda sets, executions: None
    ) -> None:
        self.kinds = KINDS[model]
        self.programs = programs
        self.barriers = barriers
        self.bounds = bounds
        self.tell = tell
        self.outcome = SetOutcome()
        # Of each failing execution, the barriers of which one at least has to be there.
        self._needed: list[frozenset[Barrier]] = []
        self._costs: dict[Barrier, Cost] = {}
        # The programs, those first that failed last.
        self._order = list(range(len(programs)))

    def run(self, failing: Trace | None = None) -> SetOutcome:
        """Find a set; `failing`: an execution of the first program that fails without barriers, if one is known."""
        if failing is not None:
            self._learn(0, failing, ())
        outcome = self.outcome
        while outcome.found is None and not outcome.reached and not outcome.none_helps:
            self._try_next()
        self.barriers.placed = {}
        return outcome

    def _try_next(self) -> None:
        """Try the smallest set that is not known to be too small."""
        outcome, most = self.outcome, self.bounds.barriers
        chosen = smallest_set(self._needed, self._costs, most)
        if chosen is None:
            outcome.refuted = True
            outcome.reached = f"{most} barriers are not enough"
        elif outcome.sets >= self.bounds.sets:
            outcome.reached = f"the first {outcome.sets} sets were not enough"
        elif self._passes(chosen):
            outcome.found = chosen

    def _passes(self, chosen: tuple[Barrier, ...]) -> bool:
        """Search all programs with these barriers, up to the first failure, from which it is learnt."""
        self.outcome.sets += bool(chosen)
        for position in list(self._order):
            self.barriers.placed = placed(chosen)
            result = self.programs[position].search()
            self.outcome.results[position] = result
            self.outcome.executions += result.executions + result.blocked
            self.tell(self.outcome.sets, self.outcome.executions)
            if reason := self._ends(result):
                self.outcome.reached = reason
                return False
            if result.verdict == FAILED:
                self._order.remove(position)
                self._order.insert(0, position)
                self._learn(position, self.programs[position].trace(result.schedule), chosen)
                return False
        return True

    def _ends(self, result: SearchResult) -> str:
        """Why there is no going on after this search, if that is so."""
        if result.verdict == DIVERGED:
            return f"the stage is not deterministic: {result.reached}"
        if result.reached == INTERRUPTED:
            return "interrupted"
        if result.failure is not None and result.failure.kind == HANG:
            return result.failure.message
        most = self.bounds.executions
        return f"the first {most} executions were not enough" if most is not None and self.outcome.executions > most else ""

    def _learn(self, position: int, failing: Trace, chosen: Sequence[Barrier]) -> None:
        """Note what the failing execution leaves out: everything that cannot be added to these barriers without forbidding it."""
        execute = self.programs[position].execute
        everywhere = self._passed(execute, failing, chosen)
        allowed = self._added(execute, failing, placed(chosen), everywhere)
        left_out = frozenset(
            (number, kind) for number in everywhere for kind in self.kinds if not implied(kind, allowed.get(number, frozenset()))
        )
        if not left_out:
            self.outcome.none_helps, self.outcome.hopeless = True, position
        self._needed.append(left_out)
        for at, number in enumerate(everywhere):
            for kind in self.kinds:
                # Right in front of what has to be ordered is the natural place: of equally good ones, that which is come to last.
                self._costs.setdefault((number, kind), (DEARNESS[kind], -at, number))

    def _passed(self, execute: Execute, failing: Trace, chosen: Sequence[Barrier]) -> list[int]:
        """The places that a failing execution comes to, in the order in which it does for the first time."""
        passed: dict[int, None] = {}
        self.barriers.placed = placed(chosen)
        self.barriers.passed = lambda number: passed.setdefault(number)
        try:
            engine = failing.make(max_steps=failing.max_steps, script=failing.schedule)
            execute(engine)
        finally:
            self.barriers.passed = None
        return list(passed)

    def _added(
        self, execute: Execute, failing: Trace, base: Mapping[int, frozenset[str]], numbers: Sequence[int]
    ) -> dict[int, frozenset[str]]:
        """Barriers with which an execution still fails: as many as can be found by adding them half by half."""
        allowed = dict(base)
        strongest = frozenset(self.kinds[-1:])
        weaker = [frozenset(self.kinds[:-1]), *(frozenset({kind}) for kind in self.kinds[:-1])]

        def add(numbers: Sequence[int], kinds: frozenset[str]) -> bool:
            more = {**allowed, **{number: allowed.get(number, frozenset()) | kinds for number in numbers}}
            self.barriers.placed = more
            if not failing.fails_again(execute):
                return False
            allowed.update(more)
            return True

        def grow(numbers: Sequence[int]) -> None:
            if not numbers or add(numbers, strongest):
                return
            if len(numbers) == 1:
                for kinds in weaker:
                    if kinds and add(numbers, kinds):
                        break
                return
            grow(numbers[: len(numbers) // 2])
            grow(numbers[len(numbers) // 2 :])

        grow(numbers)
        return allowed


def placed(barriers: Sequence[Barrier]) -> dict[int, frozenset[str]]:
    """By their places."""
    found: dict[int, frozenset[str]] = {}
    for number, kind in barriers:
        found[number] = found.get(number, frozenset()) | {kind}
    return found


def implied(kind: str, there: frozenset[str]) -> bool:
    """Whether a barrier would forbid nothing beside those that are there."""
    return kind in there or MB in there
