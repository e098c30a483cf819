"""Finding the value of a parameter at which a figure has a given size, when the figure can only be measured with an uncertainty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# What `measure` returns: a mean and half the width of its confidence interval.
Measure = Callable[[int], tuple[float, float]]

# The search ends when the bracket is narrower than this share of its middle.
PRECISION = 0.01


class NotReached(Exception):
    """No value in the range gives the figure."""


@dataclass(frozen=True)
class Calibration:
    """The value found, the interval of values that the data do not rule out, and every step: value, mean, half width."""

    value: int
    low: int
    high: int
    steps: tuple[tuple[int, float, float], ...]


def calibrate(measure: Measure, goal: float, least: int, most: int) -> Calibration:
    """Bisect between `least` and `most` on the mean, then on either end of its interval; the figure must grow with the value.

    Raises `NotReached`.
    """
    steps: dict[int, tuple[float, float]] = {}

    def at(value: int) -> tuple[float, float]:
        if value not in steps:
            steps[value] = measure(value)
        return steps[value]

    def crossing(sign: int) -> int:
        low, high = least, most
        while high - low > max(1, PRECISION * (low + high) / 2):
            middle = (low + high) // 2
            mean, half = at(middle)
            if mean + sign * half < goal:
                low = middle
            else:
                high = middle
        return (low + high) // 2

    if at(least)[0] >= goal:
        raise NotReached(f"{at(least)[0]:.2f} at {least} already")
    if at(most)[0] < goal:
        raise NotReached(f"only {at(most)[0]:.2f} at {most}")
    value = crossing(0)
    return Calibration(value, crossing(1), crossing(-1), tuple((v, *steps[v]) for v in sorted(steps)))
