"""What a stage is measured under, as plain data: a load of a suite by name, its parameters, and the machine."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.measure.costs import Cost
from harness.measure.figures import figures_of
from harness.measure.loads_of_suite import loads_named
from harness.measure.settings import Settings
from harness.suite.figure import Figure
from harness.suite.load import Load
from harness.suite.parameters import Window
from stages.api import DEFAULT_SUITE


@dataclass(frozen=True)
class Workload:
    """A load of a suite with its parameters, and the machine it runs on. Can be sent to another process."""

    load: str
    parameters: Window
    settings: Settings = field(default_factory=Settings)
    suite: str = DEFAULT_SUITE

    @property
    def row(self) -> Load:
        """The load itself."""
        return loads_named(self.suite)[self.load]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The rows of the figures that are measured under it."""
        return figures_of([self.row])

    @property
    def estimates(self) -> list[Cost]:
        """The costs of its machine that are estimates."""
        return [cost for cost in self.settings.table().rows if cost.known == "E"]


def usual_workload(suite: str = DEFAULT_SUITE, settings: Settings | None = None) -> Workload:
    """The first load of a suite, with its usual parameters."""
    name, row = next(iter(loads_named(suite).items()))
    return Workload(name, row.parameters(), settings or Settings(), suite)
