"""The bench tells two versions apart that explore something else."""

from __future__ import annotations

import pytest

from harness.search.strategies.optimal_dpor import OptimalDpor
from tests.bench import exploration


def test_the_digest_is_of_what_is_explored(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same searches have the same digest, and a search that leaves out what it should insert has another one."""
    work = [item for item in exploration.items([0]) if item[1].name == "kill-rescheduling"]
    rows, operations, digest = exploration.digest_of(work)
    assert exploration.digest_of(work) == (rows, operations, digest)
    monkeypatch.setattr(OptimalDpor, "suggest", lambda *_: None)
    assert exploration.digest_of(work)[2] != digest


def test_every_phase_is_entered() -> None:
    """What is wrapped is what is called, and it is unwrapped again."""
    learn = OptimalDpor._learn
    taken = exploration.phases([item for item in exploration.items([0]) if item[1].name == "kill-rescheduling"])
    assert set(taken) >= set(exploration.PHASES)
    assert OptimalDpor._learn is learn
