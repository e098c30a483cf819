"""The series that the harness knows."""

from __future__ import annotations

from stages.api import Series
from stages.c import FIXED_C
from stages.fixed import FIXED
from stages.posted import POSTED

SERIES: dict[str, Series] = {series.name: series for series in (FIXED, FIXED_C, POSTED)}

__all__ = ["FIXED", "FIXED_C", "POSTED", "SERIES"]
