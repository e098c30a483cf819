"""The C side of stages in C, `runtime.c`, as Python sees it: one in each process, loaded before any stage is.

A *request* is what C code stops for: an access to memory, or a service of the machine. It comes as a key (see `runtime.c`), its arguments
and its answer go through `request`.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from harness.machine.diagnosis import CannotRun, inner

inner(__file__)

HERE = Path(__file__).resolve().parent
HEADER = HERE / "include" / "machine.h"

# The operations of a key, as in `runtime.c`.
LOAD, STORE, READ, WRITE, ACQUIRE, RELEASE, RMW, LOAD_RANGE, STORE_RANGE, SET_RANGE, COPY_RANGE, SERVICE = range(1, 13)
# How an atomic operation changes what it finds.
EXCHANGE, ADD, SUB, AND, OR, XOR, NAND, COMPARE = range(8)
# Its order: one of C's own, or that of one that tells nobody what it has found, or of nothing but the bits that it changes.
RELAXED, CONSUME, ACQUIRES, RELEASES, BOTH, FULL = range(6)
NO_VALUE, ONE_BIT = 16, 32
# Memory that has never been written is full of these bytes.
PATTERN = 0xA5

Word = ctypes.c_uint64
Bytes = memoryview


@lru_cache(maxsize=1)
def services() -> Mapping[str, int]:
    """The numbers of the services that C code may ask for, by their names in lower case, without `MACHINE_`."""
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.DOTALL)
    found = re.search(r"enum machine_service \{(.*?)\}", text, re.DOTALL)
    assert found is not None
    names = [name.strip() for name in found[1].split(",") if name.strip()]
    return {name.removeprefix("MACHINE_").lower(): number for number, name in enumerate(names)}


@lru_cache(maxsize=1)
def most_cpus() -> int:
    """How many CPUs there can be."""
    found = re.search(r"#define MACHINE_CPUS (\d+)", HEADER.read_text())
    assert found is not None
    return int(found[1])


def memory(address: int, size: int) -> Bytes:
    """Some of this process' memory, as bytes."""
    return memoryview((ctypes.c_char * size).from_address(address)).cast("B")


class Runtime:
    """The runtime that this process has loaded from `path`."""

    def __init__(self, path: Path) -> None:
        # (The interpreter's lock is kept: nothing here waits.)
        lib = self._lib = ctypes.PyDLL(str(path), mode=ctypes.RTLD_GLOBAL)
        lib.runtime_start()
        self.enter = _function(lib, "runtime_enter", 6)
        # (Called for every request. A small number needs no conversion, which would take longer than all the rest of a call.)
        self.resume = _function(lib, "runtime_resume", None)
        self.carried = _function(lib, "runtime_carried", 1)
        self.peek = _function(lib, "runtime_peek", 2)
        self.allocate = _function(lib, "runtime_allocate", 3)
        self.block = _function(lib, "runtime_block", 1)
        self.reset = _function(lib, "runtime_reset", 0)
        self.stage = _function(lib, "runtime_stage", 6)
        self.request = self._words("runtime_request", 8)
        self.quiet = self._words("runtime_quiet", 1)
        self.cpus = self._words("runtime_cpus", 1)
        self.slots = memory(ctypes.addressof(ctypes.c_uint8.in_dll(lib, "runtime_slot")), 128)
        size, _, self.arena_size, self.arena_of_cpu = self._words("runtime_sizes", 4)
        self.arena = self._words("runtime_arena", 1)[0]
        self.call_back: int = ctypes.cast(lib.machine_call_back, ctypes.c_void_p).value or 0
        first = ctypes.addressof(Word.in_dll(lib, "runtime_cpu"))
        # Of each CPU: where its code is, its number, and the limits of its stack.
        self.of_cpu = [memory(first + cpu * size, 32).cast("Q") for cpu in range(most_cpus())]

    def _words(self, name: str, count: int) -> memoryview:
        return memory(ctypes.addressof(Word.in_dll(self._lib, name)), 8 * count).cast("Q")

    def owner_of_stack(self, address: int) -> int | None:
        """The CPU that has an address on its stack; None if it is on no stack."""
        return next((cpu for cpu, of_cpu in enumerate(self.of_cpu) if of_cpu[2] <= address < of_cpu[3]), None)

    def number(self, numbers: Mapping[int, int]) -> None:
        """Say which numbers the code knows the CPUs by: `numbers` has the machine's own for each."""
        if max(numbers) >= len(self.slots):
            raise CannotRun(f"is in C, where no machine has CPUs with numbers from {len(self.slots)} on")
        self.cpus[0] = len(numbers)
        self.slots[:] = bytes([most_cpus()]) * len(self.slots)
        for number, cpu in numbers.items():
            self.of_cpu[cpu][1] = number
            self.slots[number] = cpu


def _function(lib: ctypes.PyDLL, name: str, arguments: int | None) -> Callable[..., int]:
    function: Any = getattr(lib, name)
    function.restype = Word
    if arguments is not None:
        function.argtypes = [Word] * arguments
    return cast(Callable[..., int], function)


_loaded: list[Runtime] = []


def runtime(path: Path) -> Runtime:
    """The runtime of this process, which is loaded from `path` unless there is one already."""
    if not _loaded:
        _loaded.append(Runtime(path))
    return _loaded[0]
