"""The bench's two models are the same model: the engine's handover, done at once, equals SimPy's, done transfer by transfer."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest

pytest.importorskip("simpy", reason="the bench extra is not installed")


@pytest.fixture(name="bench")
def bench_script() -> ModuleType:
    """The script, which needs what the extra has."""
    return importlib.import_module("tests.bench.lock_pairs")


@pytest.mark.parametrize(("cpus", "pairs"), [(1, 5), (2, 50), (9, 50), (11, 50), (40, 20), (80, 10)])
def test_same_acquisitions(bench: ModuleType, cpus: int, pairs: int) -> None:
    """The same CPUs take the lock at the same times, in the same order."""
    found = bench.with_engine(cpus, pairs)
    assert len(found) == cpus * pairs
    assert sorted(found) == bench.with_simpy(cpus, pairs)


def test_there_is_contention(bench: ModuleType) -> None:
    """Eight CPUs take longer for their pairs than one for as many as each of them: they wait."""
    assert max(bench.with_engine(8, 50))[0] > 1.5 * max(bench.with_engine(1, 50))[0]
