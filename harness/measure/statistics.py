"""Means with their uncertainty, in arithmetic that gives the same digits everywhere.

That is why sums are made by `fsum`, which rounds once: `sum` adds floats differently from Python 3.12 on.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, inf, sqrt

# Student's t, two-sided 95 %, by degrees of freedom from 1.
T_95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101)
# Beyond the table: the normal distribution's, and the terms in 1/df, 1/df² of Fisher's expansion (good to three digits from 19 on).
T_TERMS = (1.95996, 2.37227, 2.82250)


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean; 0 of nothing."""
    return fsum(values) / len(values) if values else 0.0


def half_width(values: Sequence[float]) -> float:
    """Half the width of the 95 % confidence interval of the mean of independent samples; infinite for a single one."""
    count = len(values)
    if count < 2:
        return inf
    centre = mean(values)
    variance = fsum((value - centre) * (value - centre) for value in values) / (count - 1)
    return student_t(count - 1) * sqrt(variance / count)


def student_t(freedom: int) -> float:
    """The factor of a two-sided 95 % interval with so many degrees of freedom, at least 1."""
    if freedom <= len(T_95):
        return T_95[freedom - 1]
    normal, first, second = T_TERMS
    return normal + (first + second / freedom) / freedom
