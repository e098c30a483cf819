"""The birth-death model of lock collapse: the published table, and what can be said without solving it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.lock_model import birth_death, distribution

# Acquisitions per million cycles for E = 200 and c = 320: for each n, ticket and queue lock for a = 20,000, then 50,000, then 100,000.
TABLE = {
    10: ((493, 493), (199, 199), (100, 100)),
    20: ((961, 975), (398, 398), (200, 200)),
    30: ((251, 1425), (596, 596), (299, 299)),
    40: ((170, 1774), (425, 793), (399, 399)),
    60: ((108, 1923), (115, 1182), (147, 598)),
    80: ((80, 1923), (82, 1549), (88, 796)),
}


@pytest.mark.parametrize("n", TABLE)
def test_table(n: int) -> None:
    """Every number of the table comes out."""
    for a, expected in zip((20_000, 50_000, 100_000), TABLE[n], strict=True):
        for constant, number in zip((False, True), expected, strict=True):
            # (Half of the last digit, and a twentieth: for n = 80 the table has 80 for 79.48, rounded twice.)
            assert birth_death(n, a, 200, 320, constant) == pytest.approx(number, abs=0.55)


@given(n=st.integers(1, 60), a=st.integers(1, 10**6), E=st.integers(1, 10**4), c=st.integers(0, 10**4), constant=st.booleans())
def test_flow(n: int, a: int, E: int, c: int, constant: bool) -> None:
    """In the steady state as many CPUs arrive as leave, exactly; the shares are positive and add up."""
    shares = distribution(n, a, E, c, constant)
    assert sum(shares) == 1
    assert min(shares) > 0
    arriving = sum(share * (n - k) for k, share in enumerate(shares)) / a
    assert birth_death(n, a, E, c, constant) == pytest.approx(float(1_000_000 * arriving))


def test_one_cpu() -> None:
    """A CPU alone takes the lock every a + E cycles."""
    assert birth_death(1, 9_800, 200, 320) == pytest.approx(100)


def test_nonsense_is_refused() -> None:
    """There is no lock without CPUs, and no time below zero."""
    for n, a, E, c in ((0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, 1), (1, 1, 1, -1)):
        with pytest.raises(ValueError, match="must"):
            birth_death(n, a, E, c)
