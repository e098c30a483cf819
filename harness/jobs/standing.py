"""How far a run has got, and how long the rest will take, if that can be known: what whoever shows progress asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """How far a stage has got: how many of its tasks are done, how many a second, and the seconds left, with the workers that it has.

    `rate` and `seconds_left` are None where nobody knows.
    """

    name: str
    done: int
    total: int
    rate: float | None = None
    seconds_left: float | None = None


@dataclass
class Standing:
    """So much is done of so much."""

    done: int
    total: int

    @property
    def rate(self) -> float | None:
        """Tasks a second."""
        return None

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take, if that can be known."""
        return None

    @property
    def shares(self) -> Sequence[Share]:
        """The stages that are being worked on."""
        return ()


class Further(Standing):
    """A run that goes on after others, in which so much was done; as more may follow, nobody knows when that ends."""

    def __init__(self, before: int, now: Standing) -> None:
        super().__init__(before + now.done, before + now.total)
        self._now = now

    @property
    def rate(self) -> float | None:
        return self._now.rate

    @property
    def shares(self) -> Sequence[Share]:
        return self._now.shares


# Called whenever something has happened, and every now and then while nothing does.
Progress = Callable[[Standing], None]


def nobody(standing: Standing) -> None:
    """Whoever does not care."""
