"""The calls of the kernel's API that a litmus file may have: their operands, what each does, and how much order it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

# What an operand is: `*x`, whose location is meant; a pointer to a location; a value.
PLACE = "*"
POINTER = "p"
VALUE = "v"

# What a call does to its location; `BARRIER`: it has none.
READS = "reads"
WRITES = "writes"
UPDATES = "updates"
LOCKS = "locks"
UNLOCKS = "unlocks"
BARRIER = "barrier"

TRYLOCK = "spin_trylock"

# How much order it asks for.
RELAXED = "relaxed"
ACQUIRE = "acquire"
RELEASE = "release"
FULL = "full"
# Of barriers: between reads, between writes, none for other CPUs.
OF_READS = "of reads"
OF_WRITES = "of writes"
OF_COMPILER = "of the compiler"


@dataclass(frozen=True)
class KernelCall:
    """`function` is a key of `CALLABLE`, `fixed` what that is told before the operands, `implied` the values that the name stands for.

    `returns`: whether there is a value.
    """

    name: str
    operands: str
    function: str
    effect: str
    order: str
    returns: bool = False
    fixed: tuple[str, ...] = ()
    implied: tuple[int, ...] = ()


def _simple() -> list[KernelCall]:
    return [
        KernelCall("READ_ONCE", PLACE, "read", READS, RELAXED, True),
        KernelCall("WRITE_ONCE", PLACE + VALUE, "write", WRITES, RELAXED),
        KernelCall("smp_load_acquire", POINTER, "load_acquire", READS, ACQUIRE, True),
        KernelCall("smp_store_release", POINTER + VALUE, "store_release", WRITES, RELEASE),
        KernelCall("smp_store_mb", PLACE + VALUE, "store_mb", WRITES, FULL),
        # The first orders only what depends on it, as a read does where it is done so; the second is a release.
        KernelCall("rcu_dereference", PLACE, "read", READS, RELAXED, True),
        KernelCall("rcu_assign_pointer", PLACE + VALUE, "store_release", WRITES, RELEASE),
        KernelCall("atomic_read", POINTER, "read", READS, RELAXED, True),
        KernelCall("atomic_set", POINTER + VALUE, "write", WRITES, RELAXED),
        KernelCall("atomic_read_acquire", POINTER, "load_acquire", READS, ACQUIRE, True),
        KernelCall("atomic_set_release", POINTER + VALUE, "store_release", WRITES, RELEASE),
        KernelCall("spin_lock", POINTER, "lock", LOCKS, ACQUIRE),
        # One that fails orders nothing.
        KernelCall(TRYLOCK, POINTER, "try_lock", LOCKS, ACQUIRE, True),
        KernelCall("spin_unlock", POINTER, "unlock", UNLOCKS, RELEASE),
        KernelCall("smp_mb", "", "smp_mb", BARRIER, FULL),
        KernelCall("smp_rmb", "", "smp_rmb", BARRIER, OF_READS),
        KernelCall("smp_wmb", "", "smp_wmb", BARRIER, OF_WRITES),
        KernelCall("smp_mb__before_atomic", "", "smp_mb__before_atomic", BARRIER, FULL),
        KernelCall("smp_mb__after_atomic", "", "smp_mb__after_atomic", BARRIER, FULL),
        # After a lock was taken, these make of it what `smp_mb` is.
        KernelCall("smp_mb__after_spinlock", "", "smp_mb", BARRIER, FULL),
        KernelCall("smp_mb__after_unlock_lock", "", "smp_mb", BARRIER, FULL),
        KernelCall("barrier", "", "nothing", BARRIER, OF_COMPILER),
    ]


SUFFIXES = {"": FULL, "_relaxed": RELAXED, "_acquire": ACQUIRE, "_release": RELEASE}


def _update(name: str, operands: str, change: str, result: str, order: str, *values: int) -> KernelCall:
    """A read-modify-write: which change, what is returned, and the values that the name implies."""
    return KernelCall(name, operands, "update", UPDATES, order, bool(result), (change, result, order), values)


def _exchanges() -> list[KernelCall]:
    return [
        _update(f"{prefix}{name}{suffix}", operands, name, "old", order)
        for prefix in ("", "atomic_")
        for name, operands in (("xchg", POINTER + VALUE), ("cmpxchg", POINTER + VALUE + VALUE))
        for suffix, order in SUFFIXES.items()
    ]


def _arithmetic() -> list[KernelCall]:
    """`atomic_add`, `atomic_add_return`, `atomic_fetch_add` and so on, with their variants."""
    found = []
    for change in ("add", "sub", "and", "or", "xor", "andnot"):
        found.append(_update(f"atomic_{change}", VALUE + POINTER, change, "", RELAXED))
        for suffix, order in SUFFIXES.items():
            found.append(_update(f"atomic_fetch_{change}{suffix}", VALUE + POINTER, change, "old", order))
            if change in ("add", "sub"):
                found.append(_update(f"atomic_{change}_return{suffix}", VALUE + POINTER, change, "new", order))
    for (name, change), (suffix, order) in product((("inc", "add"), ("dec", "sub")), SUFFIXES.items()):
        found.append(_update(f"atomic_{name}_return{suffix}", POINTER, change, "new", order, 1))
        found.append(_update(f"atomic_fetch_{name}{suffix}", POINTER, change, "old", order, 1))
    return found


def _tests() -> list[KernelCall]:
    return [
        _update("atomic_inc", POINTER, "add", "", RELAXED, 1),
        _update("atomic_dec", POINTER, "sub", "", RELAXED, 1),
        _update("atomic_inc_and_test", POINTER, "add", "is zero", FULL, 1),
        _update("atomic_dec_and_test", POINTER, "sub", "is zero", FULL, 1),
        _update("atomic_sub_and_test", VALUE + POINTER, "sub", "is zero", FULL),
        _update("atomic_add_negative", VALUE + POINTER, "add", "is negative", FULL),
        _update("atomic_add_unless", POINTER + VALUE + VALUE, "add_unless", "has changed", FULL),
        _update("atomic_inc_not_zero", POINTER, "add_unless", "has changed", FULL, 1, 0),
    ]


CALLS = {call.name: call for call in (*_simple(), *_exchanges(), *_arithmetic(), *_tests())}


def missing(name: str) -> str:
    """What is not supported, where a file calls this."""
    if "srcu" in name:
        return "SRCU"
    if "rcu" in name:
        return "RCU"
    return f"the function {name}"
