"""The bench tells two versions apart that explore something else."""

from __future__ import annotations

from types import ModuleType

import pytest

from harness.search.strategies.optimal_dpor import OptimalDpor
from tests.bench.scripts import script


@pytest.fixture(name="bench")
def bench_script() -> ModuleType:
    """The script, which is no package's."""
    return script("exploration")


def test_the_digest_is_of_what_is_explored(bench: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same searches have the same digest, and a search that leaves out what it should insert has another one."""
    work = [item for item in bench.items([0]) if item[1].name == "kill-rescheduling"]
    rows, operations, digest = bench.digest_of(work)
    assert bench.digest_of(work) == (rows, operations, digest)
    monkeypatch.setattr(OptimalDpor, "suggest", lambda *_: None)
    assert bench.digest_of(work)[2] != digest


def test_every_phase_is_entered(bench: ModuleType) -> None:
    """What is wrapped is what is called, and it is unwrapped again."""
    learn = OptimalDpor._learn
    taken = bench.phases([item for item in bench.items([0]) if item[1].name == "kill-rescheduling"])
    assert set(taken) >= set(bench.PHASES)
    assert OptimalDpor._learn is learn
