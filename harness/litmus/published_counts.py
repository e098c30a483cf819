"""How many executions are published of litmus programs, by memory model: what the table of `harness litmus` is compared with.

SB, MP, 2+2W, IRIW and Peterson's algorithm are published by Nidhugg, the others are from its unit tests, from GenMC's suite, or were
counted without any reduction. Of a program that is not here, or not with sequential consistency, the suite knows the number under that.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.explored.models import ARM, PSO, SC, TSO
from harness.suite.program import Known

Counts = Mapping[str, int]


def _of(sc: int | None, tso: int | None = None, pso: int | None = None, arm: int | None = None) -> Counts:
    counts = {SC: sc, TSO: tso, PSO: pso, ARM: arm}
    return {model: count for model, count in counts.items() if count is not None}


def _strong(count: int) -> Counts:
    """Of a program that store buffers change nothing about."""
    return _of(count, count, count)


PUBLISHED: dict[str, Counts] = {
    "SB": _of(3, 4, 4, 4),
    "SB+mbs": _of(3, 3, 3, 3),
    "SB+xchgs": _of(3, 3, 3, 3),
    "MP": _of(3, 3, 4, 4),
    "MP+wmb": _of(3, 3, 3, 4),
    "MP rel/acq": _of(None, arm=3),
    "MP wmb/rmb": _of(None, arm=3),
    "MP+xchg with set_bit reader": _of(None, arm=4),
    "LB": _of(3, 3, 3, 3),
    "CoRR": _of(3, 3, 3, 3),
    "2+2W": _of(3, 3, 4, 3),
    "2+2W+wmbs": _of(3, 3, 3),
    "S": _of(3, 3, 4, 3),
    "fib(1)": _of(11, 11, 11),
    "fib(2)": _of(140, 153, 153),
    "IRIW": _of(15, 15, 15, 16),
    "IRIW+acq": _of(None, arm=16),
    "IRIW+mbs": _of(None, arm=15),
    "R": _of(3, 4, 4, 4),
    "WRC": _of(None, 7, 7, 8),
    "WRC rel/acq": _of(None, arm=7),
    "ISA2 rel/acq": _of(None, arm=7),
    "n6": _of(4, 5, 6),
    "ROWE_1": _of(3, 3, 3, 3),
    "Small_peterson": _of(6, 12, 16, 16),
    "Dekker, no fence": _of(3, 7, 7),
    "dekker_f": _of(3, 3, 3, 3),
    "Peterson, complete": _of(4, 22, 34, 22),
    "Peterson+mb, complete": _of(None, 4, 26, 14),
    "inc(2)": _strong(4),
    "inc(3)": _strong(36),
    "counter 2×2": _strong(34),
    "counter 2×3": _strong(328),
    "casw(3)": _strong(66),
    "cinc(3)": _strong(216),
    "lastzero(5)": _strong(64),
    "locked 3×2": _strong(90),
}

# What nobody has published, and an unreduced search counts as well, or source DPOR where there are too many executions for that: the suite
# demands these numbers.
OURS: dict[str, Counts] = {
    "n6": {ARM: 6},
    "fib(1)": {ARM: 12},
    "fib(2)": {ARM: 180},
    "Dekker, no fence": {ARM: 7},
    "lastzero(5)": {ARM: 96},
}


def published(name: str, known: Known | None, model: str) -> int | None:
    """What is published of a program under a model; None if nothing is."""
    of_suite = {} if known is None else {SC: known.traces}
    return {**of_suite, **PUBLISHED.get(name, {})}.get(model)


def weak_counts(name: str, traces: int) -> Counts:
    """Under which weak models a program has another number of executions than this, and which."""
    return {model: count for model, count in {**PUBLISHED.get(name, {}), **OURS.get(name, {})}.items() if count != traces}
