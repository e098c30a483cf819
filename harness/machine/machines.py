"""The machine that fits an engine."""

from __future__ import annotations

from harness.machine.buffered_memory import BufferedMemory
from harness.machine.engine import Engine
from harness.machine.machine import Machine


class BufferedMachine(BufferedMemory, Machine):
    """A machine whose CPUs have store buffers."""


def machine_on(engine: Engine, nr_cpus: int) -> Machine:
    """A machine with `nr_cpus` CPUs on this engine."""
    return (BufferedMachine if engine.buffered else Machine)(engine, nr_cpus)
