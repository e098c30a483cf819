"""Preemption-bounded search: every trace that has some linearisation with at most k preemptions.

Musuvathi, Qadeer: "Iterative Context Bounding for Systematic Testing of Multithreaded Programs", PLDI 2007. A
preemption is a switch away from a process that could go on.

Two orders of the same trace can differ in their preemptions, and a reduction picks one order for each trace: it would lose traces whose
other orders stay within the bound. So this search enumerates schedules, and cuts them off where they meet. If two schedules begin with the
same trace, and the same process was at work last, they can go on in the same ways; the second one is given up unless it has used fewer
preemptions. Two beginnings are the same trace if the last operation of each process is the same, and two operations are the same if the
same process performs them and they directly follow the same operations.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.explored.execution import Execution
from harness.explored.explored_engine import ExploredEngine
from harness.explored.operations import Operation
from harness.machine.engine import Process
from harness.search.dependence import bits
from harness.search.search import EXHAUSTED, Diverged

# The last operation of each process, as numbers of `_Known`.
State = tuple[int, ...]


class _Known:
    """Numbers operations: the same process after the same operations is the same number."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[int, ...], int] = {}

    def number(self, pid: int, before: tuple[int, ...]) -> int:
        return self.numbers.setdefault((pid, *before), len(self.numbers) + 1)


class _Beginning:
    """The trace so far: the last operation of each process, and for each location its last write and the reads since."""

    __slots__ = ("last", "read", "written")

    def __init__(self, last: State, written: dict[int, int], read: dict[int, frozenset[int]]) -> None:
        self.last = last
        self.written = written
        self.read = read

    def then(self, known: _Known, operation: Operation) -> _Beginning:
        """The trace with one operation more."""
        # (`dependence.dependent`, by location.)
        pid, _, reads, writes = operation
        written, read = dict(self.written), dict(self.read)
        before: set[int] = set()
        touched = bits(reads | writes)
        for bit in touched:
            before.add(written.get(bit, 0))
            if bit & writes:
                before |= read.get(bit, frozenset())
        me = known.number(pid, (self.last[pid], *sorted(before)))
        for bit in touched:
            if bit & writes:
                written[bit] = me
                read.pop(bit, None)
            else:
                read[bit] = read.get(bit, frozenset()) | {me}
        return _Beginning((*self.last[:pid], me, *self.last[pid + 1 :]), written, read)


@dataclass
class _Choice:
    """One operation of the current execution: the trace and the preemptions before it, who ran before and could go on, whom else to try."""

    before: _Beginning
    used: int
    staying: int
    untried: list[int]


class PreemptionBounded:
    """A depth-first search over schedules. `preemptions` has, for each trace found, the fewest preemptions that it can do with."""

    def __init__(self, bound: int) -> None:
        self.bound = bound
        self.name = f"at most {bound} preemptions"
        self.preemptions: dict[State, int] = {}
        # Somebody was left out because of the bound.
        self.bounded = False
        self._known = _Known()
        self._best: dict[tuple[State, int], int] = {}
        self._choices: list[_Choice] = []
        self._max_steps = 0

    def first(self, max_steps: int) -> ExploredEngine:
        self._max_steps = max_steps
        return ExploredEngine(self, max_steps)

    @property
    def untried(self) -> list[list[int]]:
        """At each depth of the current execution, whom else to try."""
        return [choice.untried for choice in self._choices]

    def exhausted(self) -> str:
        """Everything, if the bound has left nobody out."""
        return f"{EXHAUSTED} within {self.bound} preemptions" if self.bounded else EXHAUSTED

    def counts(self) -> list[int]:
        """How many traces need at most 0, 1, 2 … preemptions."""
        found = Counter(self.preemptions.values())
        return [sum(found[j] for j in range(k + 1)) for k in range(self.bound + 1)]

    def __call__(self, engine: Execution, enabled: list[Process], current: Process) -> Process | None:
        """At operations that are not prescribed: go on with the current process, or the first; note who else could."""
        before, used = self._so_far(engine)
        running = engine.done[-1][0] if engine.done else -1
        state = (before.last, running)
        if self._best.get(state, self.bound + 1) <= used:
            return None
        self._best[state] = used
        staying = running if current.pid == running and current in enabled else -1
        first = current if staying >= 0 else enabled[0]
        others = [p.pid for p in enabled if p is not first]
        if others and staying >= 0 and used >= self.bound:
            self.bounded = True
            others = []
        self._choices.append(_Choice(before, used, staying, others))
        return first

    def _so_far(self, engine: Execution) -> tuple[_Beginning, int]:
        """The trace up to now and the preemptions in it."""
        if not self._choices:
            return _Beginning((0,) * len(engine.processes), {}, {}), 0
        at = len(self._choices) - 1
        last = self._choices[at]
        return last.before.then(self._known, engine.done[at]), last.used + (last.staying not in (-1, engine.done[at][0]))

    def after(self, engine: ExploredEngine) -> ExploredEngine | None:
        if not engine.blocked and engine.failure is None and len(engine.done) != len(self._choices) and not engine.limit_reached:
            raise Diverged(f"{len(engine.done)} operations after {len(self._choices)} choices")
        if not engine.cut:
            trace, used = self._so_far(engine)
            self.preemptions[trace.last] = min(used, self.preemptions.get(trace.last, used))
        choices = self._choices
        while choices and not choices[-1].untried:
            choices.pop()
        if not choices:
            return None
        script = engine.schedule[: len(choices) - 1]
        script.append(choices[-1].untried.pop(0))
        return ExploredEngine(self, self._max_steps, script)
