"""Who watches an execution, as the machine and a suite know it, and what was seen, as plain data. Most executions have no spectator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

OPERATIONS = "operations"
CYCLES = "cycles"
# So many units of time are an operation, where operations are the time.
TICKS = 1000

# The category of single operations.
OPERATION = "operation"


class Spectator(Protocol):
    """Let in by a machine that is built on an engine which has one; a suite tells it what it alone knows."""

    def watch(self, machine: Any) -> None:
        """A machine is built: see what it does from now on."""

    def asks(self, function: str) -> None:
        """The current CPU begins to ask the stage to run a function."""

    def has_asked(self, function: str) -> None:
        """It has done so."""

    def begins(self, function: str) -> None:
        """The stage runs a function on the current CPU."""

    def ends(self, function: str) -> None:
        """The function returns."""


@dataclass(frozen=True)
class Slice:
    """Something that lasts, on a track, such as a CPU; times are in the unit of the recording."""

    track: str
    start: int
    end: int
    name: str
    category: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Moment:
    """Something that happens at one time, on a track."""

    track: str
    time: int
    name: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Arrow:
    """From where a function was asked for to where it runs: two tracks, each with a time."""

    name: str
    source: tuple[str, int]
    target: tuple[str, int]


@dataclass(frozen=True)
class CounterLevel:
    """What a counter is from a time on."""

    counter: str
    time: int
    value: int


@dataclass(frozen=True)
class Recording:
    """What was seen: `unit` is `OPERATIONS`, each `TICKS` long, or `CYCLES`, of which `mhz` are a microsecond, if that is known.

    `tracks` are in the order in which they are to be shown. `moments`: where the execution fails. `reason`: what it ended with. `left_out`:
    how many slices there was no room for. `about`: what was executed, by the names of what is said.
    """

    unit: str
    tracks: tuple[str, ...] = ()
    slices: tuple[Slice, ...] = ()
    arrows: tuple[Arrow, ...] = ()
    levels: tuple[CounterLevel, ...] = ()
    moments: tuple[Moment, ...] = ()
    mhz: int | None = None
    reason: str = ""
    left_out: int = 0
    about: dict[str, str] = field(default_factory=dict)
