"""Who goes on in the explored engine: before every operation it is decided anew. Nothing here performs an operation.

As far as a `script` (a list of process numbers) reaches, it decides. After that a chooser decides, if there is one. If not, processes go
on in the *natural order*: the one that performed the last operation goes on while it can, then the next one in cyclic order of their
numbers, and those that sleep are passed over.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.explored.execution import Chooser, Execution
from harness.explored.operations import Sleep
from harness.explored.spinning import MANY, here, last_turn, may_wait
from harness.machine.diagnosis import NO_PROGRESS, Violation
from harness.machine.engine import Process

# A program needs a few hundred operations.
MAX_STEPS = 5_000


class Deciding(Execution):
    """An execution and the decisions in it; what operations do is the business of `ExploredEngine`.

    `asleep` holds at operation `asleep_from`, which `script` must reach: a sleeping process is not chosen until an operation conflicts
    with its own. `slept[i]`: who sleeps at operation i, if any process does and `wake` has come so far.
    """

    # As in `Execution`, the defaults are kept in the class.
    choose: Chooser | None = None
    # Before this operation nothing is decided: the current process goes on if it can.
    _free = 0
    # How many operations the script prescribes.
    _scripted = 0
    # After so many operations, it is seen whether somebody goes round in a loop that waits without saying so.
    _look_at = MANY
    # Whether every operation has to be told of, one by one.
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
        if choose is not None:
            self.choose = choose
        self.max_steps = max_steps
        self.script = script
        self.asleep = asleep or {}
        self.asleep_from = asleep_from
        self.slept: dict[int, Sleep] = {}

    def _can_go_on(self, p: Process) -> bool:
        return not p.done and (p.ready is None or (p.attention and p.irqs_on) or p.ready())

    def _enabled(self) -> list[Process]:
        return [p for p in self.processes if self._can_go_on(p)]

    def _process(self, pid: int) -> Process | None:
        return self.processes[pid] if 0 <= pid < len(self.processes) else None

    def _next(self) -> Process | None:
        """Decide who performs the next operation; None if nobody can, or the execution is to end here."""
        at = len(self.done)
        if at >= self._look_at and self._finds_spin(at):
            return None
        if at < self._scripted:
            return self._from_script(at)
        self._free = 0
        if at >= self.max_steps:
            return self._in_turn(at)
        if self.choose is not None:
            enabled = self._enabled()
            chosen = self.choose(self, enabled, self.current) if enabled else None
            if enabled and chosen is None:
                self.blocked = self.cut = True
            return chosen
        return self._natural(at)

    def _finds_spin(self, at: int) -> bool:
        """See whether the process that would go on does so for nothing; then the search has to begin anew, knowing where."""
        self._look_at = at + MANY
        p = self.current
        turn = last_turn(self, p) if self.spin_sites is not None and not p.done else []
        if not turn or self.spin_sites is None:
            return False
        if not may_wait(p, turn):
            # Perhaps the next place is a better one, somewhere in the turn.
            if at % MANY < len(turn):
                self._look_at = at + 1
            return False
        site = here()
        if site is None or site in self.spin_sites:
            return False
        self.spin_sites.add(site)
        self.found_spin = self.cut = True
        return True

    def _from_script(self, at: int) -> Process | None:
        script, end = self.script, self._scripted
        pid = script[at]
        p = self._process(pid)
        if p is None or p.done or not (p.ready is None or self._can_go_on(p)):
            self.diverged = f"process {pid} cannot perform operation {at}"
            self.cut = True
            return None
        if not self._observed:
            # The next operations of the script may be this process' too: nothing has to be decided until they are done.
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
            # Whichever process is chosen goes on while it can, so nothing has to be decided meanwhile: one that has performed an operation
            # does not sleep.
            self._free = min(self.max_steps, self._look_at)
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
        """Wake the processes whose next operation conflicts with one that was performed since the last call."""
        # (`operations.dependent`, written out.)
        asleep, done = self.asleep, self.done
        for at in range(self.asleep_from, len(done)):
            pid, _, r, w = done[at]
            for other, _, r2, w2 in asleep.values():
                if other == pid or w & (r2 | w2) or r & w2:
                    asleep = {q: o for q, o in asleep.items() if o[0] != pid and not (w & (o[2] | o[3]) or r & o[3])}
                    break
            if not asleep:
                break
            self.slept[at + 1] = asleep
        self.asleep = asleep
        self.asleep_from = len(done)
