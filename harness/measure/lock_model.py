"""The model of Boyd-Wickizer, Kaashoek, Morris and Zeldovich (Non-scalable locks are dangerous, 2012), solved exactly.

n CPUs, each `a` cycles on average between a release and its next attempt, critical section of `E` cycles. With k CPUs at the lock, the
holder included, the others arrive at rate (n − k) / a. The holder leaves after `E` cycles and a handover: with a ticket lock c / 2 cycles
for each of the k − 1 that wait; with a queue lock c cycles if anybody waits. All times are exponential, so this is a birth-death process.

What `c` is on a machine: the time of a queue lock's handover, from the release to the next holder (so says the constant handover, and so
it was measured: 150 ns, some 320 cycles, on eight Westmere-EX sockets). In terms of cache lines that is *two* transfers: the release's
store takes the line that the successor spins on, the successor's read brings it back. So c / 2, which the model charges a ticket lock for
each waiter, is one transfer: each waiter reads the line once for each handover. The authors count the reads before the successor's, half
of them on average, at c each; on a line that serves one transfer at a time the other half is in the way of the next release, so all count,
at c / 2 each. What the model leaves out of a handover matters near the cliff only, where few wait: the release's store, and the atomic add
of an attempt. `other` adds it to every handover. See `harness.measure.lock_ladder` for the emulator's side.
"""

from __future__ import annotations

from fractions import Fraction


def service(k: int, E: int, c: int, constant: bool, other: int = 0) -> Fraction:
    """The mean cycles from one release to the next while `k` ≥ 1 CPUs are at the lock."""
    waiting = k - 1
    if not waiting:
        return Fraction(E)
    return E + other + (Fraction(c) if constant else Fraction(c * waiting, 2))


def distribution(n: int, a: int, E: int, c: int, constant: bool = False, other: int = 0) -> list[Fraction]:
    """The stationary probability of 0 … n CPUs at the lock."""
    weights = [Fraction(1)]
    for k in range(1, n + 1):
        weights.append(weights[-1] * Fraction(n - k + 1, a) * service(k, E, c, constant, other))
    total = sum(weights)
    return [weight / total for weight in weights]


def birth_death(n: int, a: int, E: int, c: int, constant: bool = False, other: int = 0) -> float:
    """The acquisitions per million cycles of a ticket lock, or, with a `constant` handover, of a queue lock. All times are in cycles."""
    if min(n, a, E) < 1 or min(c, other) < 0:
        raise ValueError("n, a and E must be positive, c and other must not be negative")
    shares = distribution(n, a, E, c, constant, other)
    return float(1_000_000 * sum(shares[k] / service(k, E, c, constant, other) for k in range(1, n + 1)))
