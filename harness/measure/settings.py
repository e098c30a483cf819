"""What a measurement runs on, whatever the scenario: the machine's topology and costs, and the flavour of its spinlocks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.measure.cost_overrides import CostValue, Overrides
from harness.measure.costs import CostTable

# The flavours of spinlocks; the default is the first, which is how hypervisors' locks were when the modelled machines were built.
LOCKS = ("ttas", "ticket", "mcs")


@dataclass(frozen=True)
class Settings:
    """A machine: a profile of `harness.measure.costs` or what a file says instead, a lock flavour, and costs that differ, by name."""

    topology: str = "westmere-ex-8s"
    lock: str = LOCKS[0]
    overrides: tuple[tuple[str, CostValue], ...] = ()
    file: Overrides | None = None

    def table(self) -> CostTable:
        """The costs; raises `ValueError` when an override makes no sense."""
        if self.file is None:
            return CostTable(self.topology, dict(self.overrides))
        return CostTable(self.file.profile, {**dict(self.file.costs), **dict(self.overrides)}, self.file.source)

    def with_cost(self, name: str, value: CostValue) -> Settings:
        """The same machine, but for one cost."""
        return replace(self, overrides=tuple({**dict(self.overrides), name: value}.items()))
