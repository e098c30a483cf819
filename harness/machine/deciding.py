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
    from harness.machine.explored import ExploredEngine
    from harness.machine.polling import Polling

# A program needs a few hundred operations.
MAX_STEPS = 5_000

# An operation as announced: kind, locations read and written, what it waits for.
Announced = tuple[str, int, int, Callable[[], bool] | None]
# For each sleeping process, what its next operation reads and writes.
Sleep = dict[int, tuple[int, int]]


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

    # What most executions leave as it is, is kept here: there are many executions.
    recorder: Recorder | None = None
    limit_reached = False
    blocked = False
    diverged = ""
    # The execution ended although somebody could have gone on.
    cut = False
    # What the program wants to tell about the state at the end.
    final: Any = None
    list_cells = 0
    # The operations that came with an event-check IPI to a process, and that process.
    kicks: tuple[tuple[int, int], ...] = ()
    _cells = 0
    _cells_of: dict[int, int] | None = None
    _polling: Polling | None = None
    _scripted = 0
    _starting = False
    _closing = False
    # Somebody wants to know of every operation.
    _observed = False

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
        self.schedule: list[int] = []
        self.kinds: list[str] = []
        self.reads: list[int] = []
        self.writes: list[int] = []
        self.announced: dict[int, Announced] = {}
        # The value that a written cell had before operation i.
        self.values: dict[int, Any] = {}
        # Until this operation the current process goes on while it can, without a decision.
        self._free = 0

    def _can_go_on(self, p: Process) -> bool:
        return not p.done and (p.ready is None or (p.attention and p.irqs_on) or p.ready())

    def _next(self) -> Process | None:
        """Decide who performs the next operation; None if nobody can, or the execution is to end here."""
        at = len(self.schedule)
        self._free = 0
        if at < self._scripted:
            return self._from_script(at)
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
        pid = self.script[at]
        if not 0 <= pid < len(self.processes) or not self._can_go_on(self.processes[pid]):
            self.diverged = f"process {pid} cannot perform operation {at}"
            self.cut = True
            return None
        if not self._observed:
            self._free = self._stretch(at)
        return self.processes[pid]

    def _stretch(self, at: int) -> int:
        """Up to which operation the script has the process of operation `at` go on."""
        script, end = self.script, self._scripted
        pid = script[at]
        at += 1
        while at < end and script[at] == pid:
            at += 1
        return at

    def _in_turn(self, at: int) -> Process | None:
        """Past the limit: give everybody a turn, as real CPUs would; if that does not end either, it is no progress."""
        self.limit_reached = True
        if at >= 2 * self.max_steps:
            self.fail(Violation(NO_PROGRESS, f"{at} operations, the last {self.max_steps} of them in turn, and no end"))
            return None
        return next((q for q in self._cyclic(self.current) if self._can_go_on(q)), None)

    def _natural(self, at: int) -> Process | None:
        """The first in the natural order who can go on and does not sleep."""
        if self.asleep:
            self.wake()
        asleep = self.asleep
        if not asleep and not self._observed:
            self._free = self.max_steps
        p = self.current
        if at and p.pid not in asleep and self._can_go_on(p):
            return p
        sleeping = False
        for q in self._cyclic(p):
            if self._can_go_on(q):
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
        asleep = self.asleep
        for at in range(self.asleep_from, len(self.schedule)):
            r, w, pid = self.reads[at], self.writes[at], self.schedule[at]
            for q, (r2, w2) in asleep.items():
                if q == pid or w & (r2 | w2) or r & w2:
                    asleep = {q: (r2, w2) for q, (r2, w2) in asleep.items() if q != pid and not (w & (r2 | w2) or r & w2)}
                    break
            if not asleep:
                break
            self.slept[at + 1] = asleep
        self.asleep = asleep
        self.asleep_from = len(self.schedule)
