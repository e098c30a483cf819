"""The memory models, and the engine for each."""

from __future__ import annotations

from harness.explored.explored_engine import ExploredEngine
from harness.explored.store_orders import PartialStoreOrder, TotalStoreOrder
from harness.explored.view_engine import ViewEngine
from harness.machine.core import MENDED, XEN_2014

SC = "sc"
TSO = "tso"
PSO = "pso"
ARM = "arm"

# What each of them is, in a few words.
MODEL_WORDS = {
    SC: "sequential consistency",
    TSO: "x86's store buffers",
    PSO: "stores that overtake each other, too",
    ARM: "reads of older values, as on ARM; no load buffering, and few dependencies order",
}

# What a stage is tested under, if nothing else is said: x86, for which Xen's series was posted.
USUAL = TSO

ENGINES: dict[str, type[ExploredEngine]] = {SC: ExploredEngine, TSO: TotalStoreOrder, PSO: PartialStoreOrder, ARM: ViewEngine}


class OldCoreEngine(ViewEngine):
    """The engine of `arm`, for a machine with the core of 2014."""

    core = XEN_2014


# What jobs and replay strings call `arm` with the core of 2014: nobody chooses that as a memory model, it is what `--core` makes of one.
ARM_2014 = f"{ARM}-{XEN_2014.name}"

EVERY_ENGINE: dict[str, type[ExploredEngine]] = {**ENGINES, ARM_2014: OldCoreEngine}


def with_core(model: str, core: str) -> str:
    """A memory model with a core: under all but `arm`, the barriers that one core has and the other lacks order nothing."""
    return model if core == MENDED.name or model != ARM else ARM_2014
