"""Which bits of a word have names, and where there is the number of a CPU in it: the names are those of a stage's constants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# The name of a CPU whose number a stage has put somewhere; None if there is no such CPU.
CpuCalled = Callable[[int], str | None]
# The value of a constant of the stage, by its name; None if it has no number that is called so.
ValueOf = Callable[[str], int | None]


@dataclass(frozen=True)
class WordNames:
    """Of the cells whose names match `cells`, a regular expression: names of constants of the stage, or of `stages.hypervisor`.

    In C, enumerators are constants, and macros that are numbers.

    `masks` are one bit each, `bits` are numbers of bits; what a stage does not have is left out. From bit `cpu_from` on, a constant as
    well, there is the number of a CPU, if the bit `cpu_if` is set. `is_cpu`: the whole value is such a number. Names are shown without
    `prefix` and `suffix`.
    """

    cells: str
    masks: tuple[str, ...] = ()
    bits: tuple[str, ...] = ()
    cpu_from: str = ""
    cpu_if: str = ""
    is_cpu: bool = False
    prefix: str = ""
    suffix: str = ""

    def known(self, value_of: ValueOf) -> dict[int, str]:
        """The names of the bits that the stage has, by their masks."""
        named = {mask: self._short(name) for name in self.masks if (mask := value_of(name)) is not None}
        bits = {1 << bit: self._short(name) for name in self.bits if (bit := value_of(name)) is not None}
        return named | bits

    def _short(self, name: str) -> str:
        return name.removeprefix(self.prefix).removesuffix(self.suffix)

    def read(self, value: int, value_of: ValueOf, cpu_called: CpuCalled) -> str | None:
        """The value in words; None if nobody knows better than the number itself."""
        if self.is_cpu:
            return cpu_called(value)
        known = self.known(value_of)
        shift, condition = value_of(self.cpu_from), value_of(self.cpu_if)
        if not known or value < 0:
            return None
        cpu = ""
        if shift is not None and condition is not None and value & condition and (name := cpu_called(value >> shift)):
            cpu = f",{name}"
            value &= (1 << shift) - 1
        parts = [name for mask, name in known.items() if value & mask]
        rest = value & ~sum(known)
        parts += [f"{rest:#x}"] if rest or not parts else []
        return ("0" if parts == ["0x0"] else "|".join(parts)) + cpu
