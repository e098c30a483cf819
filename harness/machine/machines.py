"""The machine that fits an engine."""

from __future__ import annotations

from harness.machine.buffered_memory import BufferedMemory
from harness.machine.engine import Engine
from harness.machine.machine import Machine
from harness.machine.viewed_memory import ViewedMemory


class BufferedMachine(BufferedMemory, Machine):
    """A machine whose CPUs have store buffers."""


class ViewedMachine(ViewedMemory, Machine):
    """A machine whose CPUs may read older values than the newest."""


def machine_on(engine: Engine, nr_cpus: int) -> Machine:
    """A machine with `nr_cpus` CPUs on this engine."""
    return (BufferedMachine if engine.buffered else ViewedMachine if engine.viewed else Machine)(engine, nr_cpus)
