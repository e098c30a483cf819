"""How the numbers in a stage's words are to be read: which bits have names, and where the number of a CPU is.

A suite says so for the cells that its stages have; the names are those of the stage's own constants, and their values are taken from there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from harness.native.native_module import NativeModule
from harness.search.counterexample import Counterexample, CounterexampleRow
from stages import hypervisor

# The name of a CPU whose number a stage has put somewhere; None if there is no such CPU.
CpuCalled = Callable[[int], str | None]

SOFTIRQ = re.compile(r"softirq (\d+)")


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

    def known(self, module: ModuleType) -> dict[int, str]:
        """The names of the bits that the stage has, by their masks."""
        named = {mask: self._short(name) for name in self.masks if (mask := _constant(module, name)) is not None}
        bits = {1 << bit: self._short(name) for name in self.bits if (bit := _constant(module, name)) is not None}
        return named | bits

    def _short(self, name: str) -> str:
        return name.removeprefix(self.prefix).removesuffix(self.suffix)

    def read(self, value: int, module: ModuleType, cpu_called: CpuCalled) -> str | None:
        """The value in words; None if nobody knows better than the number itself."""
        if self.is_cpu:
            return cpu_called(value)
        known = self.known(module)
        shift, condition = _constant(module, self.cpu_from), _constant(module, self.cpu_if)
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


def _constant(module: ModuleType, name: str) -> int | None:
    """The value of a constant, of the stage or of what it is written against; None if there is no such number."""
    of_stage = module.constants.get(name) if isinstance(module, NativeModule) else getattr(module, name, None)
    value = of_stage if of_stage is not None else getattr(hypervisor, name, None) if name else None
    return value if type(value) is int and value >= 0 else None


def with_names(found: Counterexample, words: Sequence[WordNames], module: ModuleType, cpu_called: CpuCalled) -> Counterexample:
    """An execution whose values are in words where the suite knows some; `text` of each row stays as it is."""
    reading = _Reading(words, module, cpu_called)
    return replace(found, rows=tuple(map(reading.row, found.rows)))


class _Reading:
    def __init__(self, words: Sequence[WordNames], module: ModuleType, cpu_called: CpuCalled) -> None:
        self.words = words
        self.module = module
        self.cpu_called = cpu_called
        # By the name of a cell.
        self._found: dict[str, WordNames | None] = {}
        self._softirqs: Mapping[int, str] = self._names_of_softirqs()

    def _names_of_softirqs(self) -> dict[int, str]:
        word = self._of("softirqs of CPU0")
        return {mask.bit_length() - 1: name for mask, name in word.known(self.module).items()} if word else {}

    def _of(self, cell: str) -> WordNames | None:
        """The first that fits and of which the stage has something."""
        if cell not in self._found:
            fitting = (word for word in self.words if re.fullmatch(word.cells, cell))
            self._found[cell] = next((word for word in fitting if word.is_cpu or word.known(self.module)), None)
        return self._found[cell]

    def row(self, row: CounterexampleRow) -> CounterexampleRow:
        contexts = tuple(SOFTIRQ.sub(self._softirq, context) for context in row.contexts)
        return replace(row, value=self._value(row), contexts=contexts)

    def _softirq(self, number: re.Match[str]) -> str:
        name = self._softirqs.get(int(number[1]))
        return f"softirq {name}" if name else number[0]

    def _value(self, row: CounterexampleRow) -> str:
        word = self._of(row.what) if row.numbers else None
        if word is None:
            return row.value
        shown = row.value.split(" → ")
        # (What is known of one value need not be known of the other.)
        read = [word.read(number, self.module, self.cpu_called) or old for number, old in zip(row.numbers, shown, strict=True)]
        return " → ".join(read)
