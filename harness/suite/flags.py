"""The words by which CPUs of a program tell each other that they have come so far."""

from __future__ import annotations

from typing import cast

from harness.machine.diagnosis import inner
from stages.hypervisor import Hypervisor, Word

# A verdict names the line of a program, not one of these.
inner(__file__)


class Flag(Word):
    """A word that orders what a program means by it: who sees that it was written sees what its writer had done before.

    A write is a release, a read an acquire, and the least that says so: no store has to have arrived before something is read, as behind a
    full barrier. What changes it in one step (`add`, `xchg`, `set_bit`, …) is a full barrier, here as in Linux for what returns a value.
    """

    __slots__ = ()

    def read(self) -> int:
        """Return the value; what this CPU does from here on comes after it."""
        return cast(Hypervisor, self.hv).smp_load_acquire(self)

    def write(self, value: int) -> None:
        """Store `value`, after all that this CPU has done."""
        cast(Hypervisor, self.hv).smp_store_release(self, value)

    def set_bit(self, bit: int) -> None:
        """Set `bit`."""
        self.fetch_or(1 << bit)

    def clear_bit(self, bit: int) -> None:
        """Clear `bit`."""
        self.fetch_and(~(1 << bit))
