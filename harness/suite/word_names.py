"""Executions with values in words: the names of bits are those of the stage's own constants, whose values are taken from there.

Which constants these are, a suite says for the cells that its stages have, and a series in C for what its own stages have (`WordNames`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import ModuleType

from harness.machine.named_bits import CpuCalled, WordNames
from harness.native.native_module import NativeModule
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.search.late_stores import LateStore
from stages import hypervisor

__all__ = ["WordNames", "with_names"]

SOFTIRQ = re.compile(r"softirq (\d+)")


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
        # What the series says itself comes first.
        self.words = (*module.words, *words) if isinstance(module, NativeModule) else words
        self.value_of = partial(_constant, module)
        self.cpu_called = cpu_called
        # By the name of a cell.
        self._found: dict[str, WordNames | None] = {}
        self._softirqs: Mapping[int, str] = self._names_of_softirqs()

    def _names_of_softirqs(self) -> dict[int, str]:
        word = self._of("softirqs of CPU0")
        return {mask.bit_length() - 1: name for mask, name in word.known(self.value_of).items()} if word else {}

    def _of(self, cell: str) -> WordNames | None:
        """The first that fits and of which the stage has something."""
        if cell not in self._found:
            fitting = (word for word in self.words if re.fullmatch(word.cells, cell))
            self._found[cell] = next((word for word in fitting if word.is_cpu or word.known(self.value_of)), None)
        return self._found[cell]

    def row(self, row: CounterexampleRow) -> CounterexampleRow:
        contexts = tuple(SOFTIRQ.sub(self._softirq, context) for context in row.contexts)
        return replace(row, value=self._named(row.what, row.value, row.numbers), contexts=contexts, late=self._late(row))

    def _late(self, row: CounterexampleRow) -> LateStore | None:
        late = row.late
        return late and replace(late, value=self._named(row.what, late.value, late.numbers))

    def _softirq(self, number: re.Match[str]) -> str:
        name = self._softirqs.get(int(number[1]))
        return f"softirq {name}" if name else number[0]

    def _named(self, cell: str, value: str, numbers: tuple[int, ...]) -> str:
        word = self._of(cell) if numbers else None
        if word is None:
            return value
        shown = value.split(" → ")
        # (What is known of one value need not be known of the other.)
        read = [word.read(number, self.value_of, self.cpu_called) or old for number, old in zip(numbers, shown, strict=True)]
        return " → ".join(read)
