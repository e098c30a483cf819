"""What a turn of a loop waits for where it may have read something that was not the newest."""

from __future__ import annotations

from harness.explored.operations import bits, read_by
from harness.explored.view_record import ViewRecord
from harness.explored.waiting import Relaxing
from harness.machine.engine import Process


class Newer(Relaxing):
    """Waits until somebody else has written something newer than what this turn of the loop has read first, wherever it has read."""

    __slots__ = ("history", "read")

    def __init__(self, engine: ViewRecord, process: Process) -> None:
        self.history = engine.history
        # By location, the number of the first message that was read.
        self.read: dict[int, int] = {}
        for at in range(process.relax_mark, len(engine.done)):
            operation = engine.done[at]
            if operation[0] == process.pid:
                self._read(engine, at, read_by(operation) & ~process.irq_tag)
        self.pid = process.pid
        self.seen = 0
        for location in self.read:
            self.seen |= location

    def _read(self, engine: ViewRecord, at: int, touched: int) -> None:
        for bit in bits(touched):
            message = engine.messages.get(bit)
            if message is None:
                self.read.setdefault(bit, sum(0 <= each.at < at for each in engine.history.get(bit, ())))
            else:
                self.read.setdefault(message.location, message.number)

    def __call__(self) -> bool:
        return self.within(-1)

    def within(self, operations: int) -> bool:
        for location, number in self.read.items():
            for message in self.history.get(location, ())[number + 1 :]:
                if message.pid != self.pid and operations >> message.at & 1:
                    return True
        return False
