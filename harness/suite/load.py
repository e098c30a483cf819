"""What a load is: a row that a suite lists, and the machine that it is put on.

A load says what it shows, which parameters it has and how it is set up. It is written against `MeasuredMachine`, which `harness.measure`
provides; it knows neither costs' sources nor how runs are put together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol, TypeVar

from harness.machine.scheduler import Vcpu
from harness.suite.arrivals import Gaps
from harness.suite.figure import Clients, Figure
from harness.suite.parameters import Window
from harness.timed.accounting import AccountingMachine
from harness.timed.timed_engine import TimedEngine
from harness.timed.topology import Topology

T = TypeVar("T")


class MachineCosts(Protocol):
    """What things cost on the machine, and its clock."""

    @property
    def topology(self) -> Topology:
        """Its sockets and CPUs."""

    @property
    def cycles(self) -> Mapping[str, int]:
        """Costs by name."""

    @property
    def mhz(self) -> int:
        """Cycles in a µs."""

    def from_us(self, microseconds: int) -> int:
        """Convert a time to cycles."""


class MeasuredMachine(Protocol):
    """A machine for one run: a load takes CPUs of it, asks for arrivals, and appends to `observed` the vCPUs that the figures are about."""

    observed: list[Vcpu]

    @property
    def window(self) -> Window:
        """When the run is observed."""

    @property
    def seed(self) -> int:
        """That of the run, for generators of a load's own."""

    @property
    def costs(self) -> MachineCosts:
        """What things cost on it."""

    @property
    def engine(self) -> TimedEngine:
        """The engine that will run it."""

    @property
    def machine(self) -> AccountingMachine:
        """The machine itself, without a stage so far."""

    def nodes(self, sockets: int) -> range:
        """The first so many sockets (or dies), all for 0."""

    def part(self, items: Sequence[T], nodes: Sequence[int]) -> Sequence[T]:
        """What falls to `nodes` of something that is spread over the whole machine, rounded up."""

    def place(self, count: int, nodes: Sequence[int]) -> list[int]:
        """Take `count` free CPUs, evenly spread over `nodes`."""

    def seats(self, count: int, nodes: Sequence[int], per_cpu: int) -> list[int]:
        """The CPUs of `count` vCPUs, so many on each, those that share one far from each other in the list."""

    def gaps(self, arrivals: str, hz: int) -> Gaps:
        """An arrival process of `hz` events a second."""


@dataclass(frozen=True)
class Load:
    """A load. `observed` says whose RUNNING and RUNNABLE time counts.

    `build` installs the stage, sets the load up and returns its clients. Without a stage (None) it does so with one that does nothing, to
    see whether the parameters make sense. It raises `ParameterError` if they do not.
    """

    name: str
    shows: str
    observed: str
    parameters: type[Window]
    build: Callable[[MeasuredMachine, ModuleType | None, Any], Clients]
    # What the stage runs for its clients, in the singular.
    work: str = "function"
    # What is measured besides the figures that all loads have.
    figures: tuple[Figure, ...] = ()
