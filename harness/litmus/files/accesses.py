"""What the code of a litmus file does, on the memory of the harness: one object for each process of an execution.

Whoever asks for the place of an operation gets the line of the litmus file: this module counts as a part of the machine.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Mapping
from typing import Any

from harness.litmus.files.kernel_calls import RELAXED
from harness.litmus.files.syntax import Address, Value
from harness.litmus.litmus_programs import Threads
from harness.machine.diagnosis import Violation, inner
from stages.hypervisor import SpinLock, Word

inner(__file__)

# What goes wrong in an execution of a file whose values make no sense.
BAD_VALUE = "bad value"

# How many bits a number has.
BITS = 64

SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "|": operator.or_,
    "^": operator.xor,
    "&": operator.and_,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
CHANGES: Mapping[str, Callable[..., int]] = {
    "add": operator.add,
    "sub": operator.sub,
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
    "andnot": lambda found, mask: found & ~mask,
    "add_unless": lambda found, amount, unless: found if found == unless else found + amount,
}
RESULTS: Mapping[str, Callable[[Any, Any], Value]] = {
    "": lambda old, new: 0,
    "old": lambda old, new: old,
    "new": lambda old, new: new,
    "is zero": lambda old, new: int(new == 0),
    "is negative": lambda old, new: int(new < 0),
    "has changed": lambda old, new: int(new != old),
}


class BadValue(Violation):
    """The file is at fault; `line` is where."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(BAD_VALUE, message)
        self.line = line


def wrapped(number: int) -> int:
    """A number as 64 bits hold it."""
    return (number + (1 << (BITS - 1))) % (1 << BITS) - (1 << (BITS - 1))


class Accesses:
    """The accesses, barriers and locks of one process."""

    def __init__(self, threads: Threads, cells: Mapping[str, Word | SpinLock], source: str) -> None:
        self.threads = threads
        self.cells = cells
        self.source = source
        self.held: set[str] = set()

    def _wrong(self, message: str) -> BadValue:
        frame = sys._getframe(1)
        while frame.f_code.co_filename != self.source and frame.f_back is not None:
            frame = frame.f_back
        return BadValue(frame.f_lineno, f"{frame.f_code.co_name} {message}")

    def _word(self, address: Value) -> Word:
        if not isinstance(address, Address):
            raise self._wrong(f"uses {address} as an address")
        cell = self.cells[address.name]
        if isinstance(cell, SpinLock):
            raise self._wrong(f"uses the lock {address.name} as a number")
        return cell

    def _lock(self, address: Value) -> SpinLock:
        lock = self.cells[address.name] if isinstance(address, Address) else None
        if not isinstance(lock, SpinLock):
            raise self._wrong(f"uses {address} as a lock")
        return lock

    # Reads and writes.

    def load(self, address: Value) -> Value:
        """Plain."""
        found: Value = self.threads.load(self._word(address))
        return found

    def store(self, address: Value, value: Value) -> None:
        """Plain."""
        self.threads.store(self._word(address), value)

    def read(self, address: Value) -> Value:
        """Marked."""
        found: Value = self.threads.read_cell(self._word(address))
        return found

    def write(self, address: Value, value: Value) -> None:
        """Marked."""
        self.threads.write_cell(self._word(address), value)

    def load_acquire(self, address: Value) -> Value:
        """What follows it comes after."""
        found: Value = self.threads.smp_load_acquire(self._word(address))
        return found

    def store_release(self, address: Value, value: Value) -> None:
        """It comes after what precedes it."""
        self.threads.smp_store_release(self._word(address), value)

    def store_mb(self, address: Value, value: Value) -> None:
        """A marked write and a full barrier."""
        self.write(address, value)
        self.threads.smp_mb()

    # Read-modify-writes.

    def update(self, change: str, result: str, order: str, address: Value, *values: Any) -> Value:
        """An atomic change; one that asks for no order goes where the model may give it none."""
        word = self._word(address)
        if change == "cmpxchg" and order != RELAXED:
            return self.threads.cmpxchg_cell(word, *values)  # type: ignore[no-any-return]
        found: list[tuple[Value, Value]] = []

        def changed(old: Value) -> Value:
            new = self._changed(change, old, values)
            found[:] = [(old, new)]
            return new

        (self.threads.modify_cell if order == RELAXED else self.threads.update_cell)(word, changed)
        return RESULTS[result](*found[0])

    def _changed(self, change: str, old: Value, values: tuple[Any, ...]) -> Value:
        if change == "xchg":
            return values[0]  # type: ignore[no-any-return]
        if change == "cmpxchg":
            return values[1] if old == values[0] else old
        for number in (old, *values):
            self._number(number)
        return wrapped(CHANGES[change](old, *values))

    # Locks.

    def lock(self, address: Value) -> None:
        """Take a lock."""
        lock = self._lock(address)
        self.threads.engine.acquire(lock, False)
        self.held.add(lock.name)

    def try_lock(self, address: Value) -> Value:
        """Take a lock if nobody holds it: whether it was taken."""
        lock = self._lock(address)
        taken = self.threads.explored.try_acquire(lock)
        if taken:
            self.held.add(lock.name)
        return int(taken)

    def unlock(self, address: Value) -> None:
        """Release it."""
        lock = self._lock(address)
        if lock.name not in self.held:
            raise self._wrong(f"releases {lock.name}, which it does not hold")
        self.held.remove(lock.name)
        self.threads.engine.release(lock)

    # Arithmetic.

    def _number(self, value: Value) -> int:
        if isinstance(value, Address):
            raise self._wrong(f"calculates with the address {value}")
        return value

    def truth(self, value: Value) -> bool:
        """Whether a condition holds: an address is not 0."""
        return value != 0

    def unary(self, sign: str, value: Value) -> Value:
        """`!`, `~` or `-`."""
        if sign == "!":
            return int(not self.truth(value))
        return ~self._number(value) if sign == "~" else wrapped(-self._number(value))

    def binary(self, sign: str, left: Value, right: Value) -> Value:
        """All but those that do not always evaluate both sides."""
        if sign in ("==", "!="):
            return int((left == right) == (sign == "=="))
        return wrapped(int(SIGNS[sign](self._number(left), self._number(right))))


# All that the code of a file can call.
CALLABLE: Mapping[str, Callable[..., object]] = {
    "load": Accesses.load,
    "store": Accesses.store,
    "read": Accesses.read,
    "write": Accesses.write,
    "load_acquire": Accesses.load_acquire,
    "store_release": Accesses.store_release,
    "store_mb": Accesses.store_mb,
    "update": Accesses.update,
    "lock": Accesses.lock,
    "try_lock": Accesses.try_lock,
    "unlock": Accesses.unlock,
    "smp_mb": lambda m: m.threads.smp_mb(),
    "smp_rmb": lambda m: m.threads.smp_rmb(),
    "smp_wmb": lambda m: m.threads.smp_wmb(),
    "smp_mb__before_atomic": lambda m: m.threads.smp_mb__before_atomic(),
    "smp_mb__after_atomic": lambda m: m.threads.smp_mb__after_atomic(),
    "nothing": lambda m: None,
    "truth": Accesses.truth,
    "unary": Accesses.unary,
    "binary": Accesses.binary,
}
