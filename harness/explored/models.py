"""The memory models, and the engine for each."""

from __future__ import annotations

from harness.explored.explored_engine import ExploredEngine
from harness.explored.store_orders import PartialStoreOrder, TotalStoreOrder
from harness.explored.view_engine import ViewEngine

SC = "sc"
TSO = "tso"
PSO = "pso"
ARM = "arm"

# What a stage is tested under, if nothing else is said: x86, for which Xen's series was posted.
USUAL = TSO

ENGINES: dict[str, type[ExploredEngine]] = {SC: ExploredEngine, TSO: TotalStoreOrder, PSO: PartialStoreOrder, ARM: ViewEngine}
