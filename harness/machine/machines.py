"""The machine that fits an engine."""

from __future__ import annotations

from typing import TypeVar

from harness.machine.buffered_memory import BufferedMemory
from harness.machine.engine import Engine
from harness.machine.machine import Machine
from harness.machine.viewed_memory import ViewedMemory

T = TypeVar("T")


class BufferedMachine(BufferedMemory, Machine):
    """A machine whose CPUs have store buffers."""


class ViewedMachine(ViewedMemory, Machine):
    """A machine whose CPUs may read older values than the newest."""


def fitting(engine: Engine, plain: T, buffered: T, viewed: T) -> T:
    """Which of three fits an engine: that for memory that is the same for all, for store buffers, or for views."""
    return buffered if engine.buffered else viewed if engine.viewed else plain


def machine_on(engine: Engine, nr_cpus: int) -> Machine:
    """A machine with `nr_cpus` CPUs on this engine."""
    return fitting(engine, Machine, BufferedMachine, ViewedMachine)(engine, nr_cpus)
