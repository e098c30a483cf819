"""When events arrive: arrival processes as functions that return the cycles to the next event."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Uniform = Callable[[], float]
Gaps = Callable[[], int]

# A wait that outlasts every run.
NO_MORE = 1 << 60

# Bursts as an interrupt moderation timer makes them of trains of packets: so many interrupts on average, this share of the mean gap apart.
BURST = 8
GAP_IN_BURST = 0.25


def exponential(random: Uniform) -> float:
    """Draw from the exponential distribution with mean 1, by comparisons only (von Neumann 1951).

    No logarithm, whose last bit is not the same on every platform.
    """
    whole = 0
    while True:
        first = previous = random()
        length = 1
        while (following := random()) < previous:
            previous = following
            length += 1
        if length % 2:
            return whole + first
        whole += 1


def periodic(period: int, random: Uniform) -> Gaps:
    """Events `period` cycles apart; the first comes at a random point of a period."""
    first = int(random() * period)
    remaining = [first]
    return lambda: remaining.pop() if remaining else period


def poisson(period: int, random: Uniform) -> Gaps:
    """Independent events, `period` cycles apart on average."""
    return lambda: 1 + int(exponential(random) * period)


def bursty(period: int, random: Uniform) -> Gaps:
    """Bursts of a geometrically distributed number of events at moderated intervals, then a pause; `period` cycles apart on average."""
    pause = period * (BURST - (BURST - 1) * GAP_IN_BURST)
    moderated = int(period * GAP_IN_BURST)

    def gap() -> int:
        return 1 + (int(exponential(random) * pause) if random() * BURST < 1 else moderated)

    return gap


def recorded(times: Iterable[int]) -> Gaps:
    """Events at the given times (cycles, ascending), and none after the last."""
    remaining = iter(times)
    now = 0

    def gap() -> int:
        nonlocal now
        time = next(remaining, None)
        if time is None:
            return NO_MORE
        before, now = now, time
        return time - before

    return gap


ARRIVALS: dict[str, Callable[[int, Uniform], Gaps]] = {"periodic": periodic, "poisson": poisson, "bursty": bursty}
