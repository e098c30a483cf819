"""Who goes on in the explored engine: before every operation it is decided anew.

Who goes on is decided by a `script` (process numbers) as far as it reaches, then by a chooser, or, without one, in the *natural order*:
the process that performed the last operation goes on while it can, then the next one in cyclic order of their numbers.
Processes that sleep are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

from harness.machine.diagnosis import NO_PROGRESS, Violation
from harness.machine.engine import Engine, Process

if TYPE_CHECKING:
    from harness.explored.explored_engine import ExploredEngine
    from harness.explored.polling import Polling

# A program needs a few hundred operations.
MAX_STEPS = 5_000

# Process number, kind, locations read, locations written.
Operation = tuple[int, str, int, int]
# An operation that was announced, and what it waited for.
Announced = tuple[Operation, Callable[[], bool] | None]
# For each sleeping process, its next operation.
Sleep = dict[int, Operation]


class Chooser(Protocol):
    """Says who performs the next visible operation."""

    def __call__(self, engine: ExploredEngine, enabled: list[Process], current: Process) -> Process | None:
        """Pick one of `enabled` (never empty, in pid order); None ends the execution. `current` performed the last operation."""


class Recorder(Protocol):
    """Is told of every operation, for counterexamples."""

    def __call__(self, engine: ExploredEngine, process: Process, kind: str, what: Any) -> None:
        """`process` performs `kind` on `what` now; what it changes is seen when the next operation is recorded."""


class Deciding(Engine):
    """The state of one execution, and the decisions; see `ExploredEngine`."""

    # What most executions neither set nor ask for is kept here: there are many executions.
    recorder: Recorder | None = None
    # What the program wants to tell about the state at the end.
    final: Any = None
    list_cells = 0
    # The operations that came with an event-check IPI to a process, and that process.
    kicks: tuple[tuple[int, int], ...] = ()
    _cells = 0
    _cells_of: dict[int, int] | None = None
    _polling: Polling | None = None

    def __init__(
        self,
        choose: Chooser | None = None,
        max_steps: int = MAX_STEPS,
        script: Sequence[int] = (),
        asleep: Sleep | None = None,
        asleep_from: int = 0,
    ) -> None:
        super().__init__()
        self.choose = choose
        self.max_steps = max_steps
        self.script = script
        self.asleep = asleep or {}
        self.asleep_from = asleep_from
        self.slept: dict[int, Sleep] = {}
        self.done: list[Operation] = []
        self.announced: dict[int, Announced] = {}
        # The value that a written cell had before operation i.
        self.values: dict[int, Any] = {}
        # Until this operation the current process goes on while it can, without a decision.
        self._free = 0
        # How many operations are prescribed, how many processes have been started, whether somebody wants to know of every operation.
        self._scripted = self._started = 0
        self._observed = False
        self._closing = False
        # The execution ended although somebody could have gone on; all who could were asleep; it went on for too long.
        self.cut = self.blocked = self.limit_reached = False
        self.diverged = ""

    @property
    def schedule(self) -> list[int]:
        """Who performed each operation."""
        return [operation[0] for operation in self.done]

    def _can_go_on(self, p: Process) -> bool:
        return not p.done and (p.ready is None or (p.attention and p.irqs_on) or p.ready())

    def _next(self) -> Process | None:
        """Decide who performs the next operation; None if nobody can, or the execution is to end here."""
        at = len(self.done)
        if at < self._scripted:
            return self._from_script(at)
        self._free = 0
        if at >= self.max_steps:
            return self._in_turn(at)
        if self.choose is not None:
            enabled = [p for p in self.processes if self._can_go_on(p)]
            chosen = self.choose(cast("ExploredEngine", self), enabled, self.current) if enabled else None
            if enabled and chosen is None:
                self.blocked = self.cut = True
            return chosen
        return self._natural(at)

    def _from_script(self, at: int) -> Process | None:
        script, end = self.script, self._scripted
        pid = script[at]
        p = self.processes[pid] if 0 <= pid < len(self.processes) else None
        if p is None or p.done or not (p.ready is None or self._can_go_on(p)):
            self.diverged = f"process {pid} cannot perform operation {at}"
            self.cut = True
            return None
        if not self._observed:
            # It goes on for as long as the script has it.
            at += 1
            while at < end and script[at] == pid:
                at += 1
            self._free = at
        return p

    def _in_turn(self, at: int) -> Process | None:
        """Past the limit: give everybody a turn, as real CPUs would; if that does not end either, it is no progress."""
        self.limit_reached = True
        if at >= 2 * self.max_steps:
            self.fail(Violation(NO_PROGRESS, f"{at} operations, the last {self.max_steps} of them in turn, and no end"))
            return None
        return next((q for q in self._cyclic(self.current) if self._can_go_on(q)), None)

    def _natural(self, at: int) -> Process | None:
        """The first in the natural order who can go on and does not sleep."""
        if not self._observed:
            # Whoever is chosen goes on while it can: who has performed an operation does not sleep.
            self._free = self.max_steps
        if self.asleep:
            self.wake()
        asleep = self.asleep
        p = self.current
        if at and not p.done and p.pid not in asleep and (p.ready is None or self._can_go_on(p)):
            return p
        sleeping = False
        for q in self._cyclic(p):
            if not q.done and (q.ready is None or self._can_go_on(q)):
                if q.pid not in asleep:
                    return q
                sleeping = True
        if sleeping:
            self.blocked = self.cut = True
        return None

    def _cyclic(self, p: Process) -> list[Process]:
        return self.processes[p.pid + 1 :] + self.processes[: p.pid + 1]

    def wake(self) -> None:
        """Wake whom the operations since the last time conflict with."""
        asleep, done = self.asleep, self.done
        for at in range(self.asleep_from, len(done)):
            pid, _, r, w = done[at]
            for other, _, r2, w2 in asleep.values():
                if other == pid or w & (r2 | w2) or r & w2:
                    asleep = {q: o for q, o in asleep.items() if q != pid and not (w & (o[2] | o[3]) or r & o[3])}
                    break
            if not asleep:
                break
            self.slept[at + 1] = asleep
        self.asleep = asleep
        self.asleep_from = len(done)
