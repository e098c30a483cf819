"""Which message a read with a choice returns, where views allow for several: what a script or a chooser says, else the newest.

A chooser is offered older messages as processes of their own (`OlderRead`); a script names a message by its location. What sleeps is one
message, too: a process does not sleep as long as there is another one for it to read.
"""

from __future__ import annotations

from harness.explored.address_record import AddressRecord
from harness.explored.missing_order import why_unordered
from harness.explored.view_record import OlderRead
from harness.explored.views import OlderValue, ViewMessage
from harness.machine.engine import READ, Process
from stages.hypervisor import Cell


class ViewChoices(AddressRecord):
    """Decisions of an execution by views; what operations do is the business of `ViewEngine`."""

    # The message that the next choice is to read, as the number of its location; 0: the newest.
    _picked = 0

    # Who goes on, and what is read.

    def _enabled(self) -> list[Process]:
        enabled = super()._enabled()
        return [*enabled, *self._older_reads(enabled)]

    def _next(self) -> Process | None:
        self._picked = 0
        chosen = super()._next()
        if type(chosen) is OlderRead:
            self._picked = chosen.number_of_message
            self._free = 0
            return chosen.owner
        return chosen

    def _from_script(self, at: int) -> Process | None:
        script, end, n = self.script, self._scripted, len(self.processes)
        code = script[at]
        p = self.processes[code % n]
        if p.done or not (p.ready is None or self._can_go_on(p)):
            self.diverged = f"process {p.pid} cannot perform operation {at}"
            self.cut = True
            return None
        self._picked = code // n
        if not self._observed:
            at += 1
            while at < end and script[at] == p.pid:
                at += 1
            self._free = at
        return p

    def _natural(self, at: int) -> Process | None:
        if self.asleep:
            self.wake()
        if not self.asleep:
            return super()._natural(at)
        if not self._observed:
            self._free = min(self.max_steps, self._look_at)
        p = self.current
        sleeping = False
        for q in [*([p] if at else []), *self._cyclic(p)]:
            if self._can_go_on(q):
                if self._awake(q):
                    return q
                sleeping = True
        if sleeping:
            self.blocked = self.cut = True
        return None

    def _awake(self, p: Process) -> bool:
        """Whether a process does not sleep; if it has a choice, it picks the newest message of which that is so."""
        location = self._looking.get(p.pid, 0)
        if not location or (p.attention and p.irqs_on):
            return p.pid not in self.asleep
        n = len(self.processes)
        for message in reversed(self.readable(p, location)):
            number = message.bit.bit_length()
            if p.pid + n * number not in self.asleep:
                self._picked = number
                return True
        return False

    # What is read.

    def _interrupted(self, p: Process) -> None:
        location, self._looking[p.pid] = self._looking.get(p.pid, 0), 0
        self._picked = 0
        super()._interrupted(p)
        self._looking[p.pid] = location

    def _chosen(self, p: Process, cell: Cell, location: int) -> ViewMessage:
        """Perform a choice; return the message that is read."""
        if self.spin_sites:
            self._wait_if_spinning()
        self.touch(p, cell)
        p.kind, p.what, p.ready = READ, cell, None
        while True:
            p.announced = (p.pid, self.choice(location), self.history_of(location)[-1].bit | (p.irq_tag if p.irqs_on else 0), 0)
            if len(self.done) >= self._free:
                self._looking[p.pid] = location
                self._yield(p)
                self._looking[p.pid] = 0
            if not (p.attention and p.irqs_on):
                break
            self._interrupted(p)
        messages = self.readable(p, location)
        message = next((each for each in messages if each.bit.bit_length() == self._picked), messages[-1])
        if self._picked not in (0, message.bit.bit_length()):
            self.diverged = self.diverged or f"no such message can be read by operation {len(self.done)}"
        self._picked = 0
        at = len(self.done)
        self.others[at] = [each for each in messages if each is not message]
        if message is not messages[-1]:
            self.older.add(at)
        now = self.knowledge(p).now
        self.behind[at] = now.barriers
        if now.barriers and (forbidden := self.history[location][self.oldest_for(p, location) : messages[0].number]):
            self.forbidden[at] = forbidden
        self._record_choice(p, cell, message, messages[-1])
        return message

    def _record_choice(self, p: Process, cell: Cell, message: ViewMessage, newest: ViewMessage) -> None:
        what = self._older_value(cell, message) if self._observed and message is not newest else cell
        kind = self.choice(message.location, message is not newest and bool(self.knowledge(p).now.barriers))
        self._record(p, what, (p.pid, kind, message.bit | (p.irq_tag if p.irqs_on else 0), 0))

    def _older_value(self, cell: Cell, message: ViewMessage) -> OlderValue:
        """What there is to tell of a read that does not return the newest message."""
        *newer, newest = self.history[message.location][message.number + 1 :]
        missed = newer[0] if newer else newest
        return OlderValue(
            cell,
            self.value_of(cell, message),
            str(self.processes[message.pid]) if message.number else "",
            str(self.processes[missed.pid]),
            self.value_of(cell, missed),
            missed.place,
            len(newer),
            missed.at,
            why_unordered(self, self.current, missed),
        )
