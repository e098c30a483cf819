"""The record of an execution by views, with what each process knows by address dependencies: `harness.explored.address_origins`."""

from __future__ import annotations

from typing import Any

from harness.explored.address_origins import AddressOrigins, References, StructReferences
from harness.explored.view_record import ViewRecord
from harness.explored.views import NOTHING, View, ViewMessage
from harness.machine.engine import Process
from stages.hypervisor import Cell


class AddressRecord(ViewRecord):
    """Who has read which reference, and what came with that."""

    # What addresses look like; None: as Python's structures do.
    references: References | None = None
    # Locations below this are in no object that anybody has to be told of; and whether a plain number may be an address. (Both save time.)
    _first_made = 0
    _numbers_lead = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._origins: dict[int, AddressOrigins] = {}

    def _addresses(self) -> References:
        """How to tell objects and references (once the run has begun: what is made from then on is told by its number)."""
        if self.references is None:
            self.references = StructReferences(self._cells + 1, self._apart, len(self.processes))
            self._first_made, self._numbers_lead = 1 << self._cells + 1, False
        return self.references

    def _origins_of(self, pid: int) -> AddressOrigins:
        origins = self._origins.get(pid)
        if origins is None:
            origins = self._origins[pid] = AddressOrigins()
        return origins

    def touch(self, p: Process, cell: Cell) -> None:
        """A process uses the address of a cell."""
        if cell.tag >= self._first_made and (thing := self._addresses().within(p.pid, cell)):
            self._origins_of(p.pid).touched(cell.tag, thing)

    def found(self, p: Process, value: Any, came_with: View = NOTHING, location: int = 0) -> None:
        """A process has been given a value, by a read of that location if it is one that orders what depends on it."""
        if type(value) is int and not self._numbers_lead:
            return
        things = self._addresses().named_by(p.pid, value)
        if things:
            before = self.before(p, location)
            if before is not NOTHING:
                came_with = came_with.copy()
                came_with.join(before)
            self._origins_of(p.pid).learnt(things, came_with)

    def passed(self, *values: Any) -> None:
        if not self.frozen:
            for value in values:
                self.found(self.current, value)

    def before(self, p: Process, location: int) -> View:
        """What a process knows where it uses that address, whatever barriers there are."""
        origins = self._origins.get(p.pid) if self._origins else None
        return origins.before(location) if origins is not None else NOTHING

    def oldest_for(self, p: Process, location: int) -> int:
        oldest = super().oldest_for(p, location)
        return max(oldest, self.before(p, location).of(location)) if self._origins else oldest

    def comes_first(self, p: Process, message: ViewMessage) -> bool:
        """Whether a process that uses the location of a message knows of that."""
        return self.oldest_for(p, message.location) >= message.number
