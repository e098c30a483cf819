"""Preemption-bounded search: every trace that has some linearisation with at most k preemptions.

Musuvathi, Qadeer: "Iterative Context Bounding for Systematic Testing of Multithreaded Programs", PLDI 2007. A
preemption is a switch away from a process that could go on. (That a store arrives in memory is none.)

Two orders of the same trace can differ in their preemptions, and a reduction picks one order for each trace: it would lose traces whose
other orders stay within the bound. So this search enumerates schedules, and cuts them off where they meet. If two schedules begin with the
same trace, and the same process was at work last, they can go on in the same ways; the second one is given up unless it has used fewer
preemptions. Two beginnings are the same trace if the last operation of each process is the same, and two operations are the same if the
same process performs them and they directly follow the same operations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from harness.explored.execution import Execution
from harness.explored.explored_engine import ExploredEngine
from harness.explored.operations import Operation
from harness.machine.engine import Process
from harness.search.dependence import bits
from harness.search.search import EXHAUSTED, Diverged

# By process, the last operation, as a number of `_Known`.
State = tuple[tuple[int, int], ...]


class _Known:
    """Numbers operations: the same process after the same operations is the same number."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[int, ...], int] = {}

    def number(self, pid: int, before: tuple[int, ...]) -> int:
        return self.numbers.setdefault((pid, *before), len(self.numbers) + 1)


class _Beginning:
    """The trace so far: the last operation of each process, and for each location its last write and the reads since."""

    __slots__ = ("last", "read", "written")

    def __init__(self, last: dict[int, int], written: dict[int, int], read: dict[int, frozenset[int]]) -> None:
        self.last = last
        self.written = written
        self.read = read

    @property
    def state(self) -> State:
        return tuple(sorted(self.last.items()))

    def then(self, known: _Known, operation: Operation, follows: Iterable[int]) -> _Beginning:
        """The trace with one operation more, which comes after those of `follows` whatever it touches."""
        # (`dependence.dependent`, by location.)
        pid, _, reads, writes = operation
        written, read = dict(self.written), dict(self.read)
        before = set(follows)
        touched = bits(reads | writes)
        for bit in touched:
            before.add(written.get(bit, 0))
            if bit & writes:
                before |= read.get(bit, frozenset())
        me = known.number(pid, (self.last.get(pid, 0), *sorted(before)))
        for bit in touched:
            if bit & writes:
                written[bit] = me
                read.pop(bit, None)
            else:
                read[bit] = read.get(bit, frozenset()) | {me}
        return _Beginning({**self.last, pid: me}, written, read)


@dataclass
class _Choice:
    """One operation of the current execution: the trace and the preemptions before it, who ran before and could go on, whom else to try."""

    before: _Beginning
    used: int
    staying: int
    untried: list[int]


class PreemptionBounded:
    """A depth-first search over schedules. `preemptions` has, for each trace found, the fewest preemptions that it can do with."""

    def __init__(self, bound: int, make: type[ExploredEngine] = ExploredEngine) -> None:
        self.make = make
        self.bound = bound
        self.name = f"at most {bound} preemptions"
        self.preemptions: dict[State, int] = {}
        # Somebody was left out because of the bound.
        self.bounded = False
        self._known = _Known()
        self._best: dict[tuple[State, int], int] = {}
        self._choices: list[_Choice] = []
        # Of each operation of the current execution, its number.
        self._numbers: list[int] = []
        self._max_steps = 0

    def first(self, max_steps: int) -> ExploredEngine:
        self._max_steps = max_steps
        return self.make(self, max_steps)

    def waiting(self) -> dict[int, int]:
        return {depth: len(choice.untried) for depth, choice in enumerate(self._choices) if choice.untried}

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
        running = next((pid for pid, *_ in reversed(engine.done) if engine.owner_of(pid) == pid), -1)
        state = (before.state, running)
        if self._best.get(state, self.bound + 1) <= used:
            return None
        self._best[state] = used
        staying = running if current.pid == running and current in enabled else -1
        first = current if staying >= 0 else enabled[0]
        others = [p.pid for p in enabled if p is not first]
        if others and staying >= 0 and used >= self.bound:
            free = [pid for pid in others if not engine.switches(pid, staying)]
            self.bounded = self.bounded or len(free) < len(others)
            others = free
        self._choices.append(_Choice(before, used, staying, others))
        return first

    def _so_far(self, engine: Execution) -> tuple[_Beginning, int]:
        """The trace up to now and the preemptions in it."""
        if not self._choices:
            return _Beginning({}, {}, {}), 0
        at = len(self._choices) - 1
        last = self._choices[at]
        operation = engine.done[at]
        del self._numbers[at:]
        follows = [self._numbers[bit.bit_length() - 1] for bit in bits(engine.follows.get(at, 0))]
        beginning = last.before.then(self._known, operation, follows)
        self._numbers.append(beginning.last[operation[0]])
        # That a store arrives is no switch.
        switched = engine.owner_of(operation[0]) == operation[0] and last.staying not in (-1, operation[0])
        return beginning, last.used + switched

    def after(self, engine: ExploredEngine) -> ExploredEngine | None:
        if not engine.blocked and engine.failure is None and len(engine.done) != len(self._choices) and not engine.limit_reached:
            raise Diverged(f"{len(engine.done)} operations after {len(self._choices)} choices")
        if not engine.cut:
            trace, used = self._so_far(engine)
            self.preemptions[trace.state] = min(used, self.preemptions.get(trace.state, used))
        choices = self._choices
        while choices and not choices[-1].untried:
            choices.pop()
        if not choices:
            return None
        script = engine.schedule[: len(choices) - 1]
        script.append(choices[-1].untried.pop(0))
        return self.make(self, self._max_steps, script)
