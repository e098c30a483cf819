"""The lock ladder of a report."""

from __future__ import annotations

import pytest

from harness.cli import brief_ladder
from harness.cli.exit_codes import HarnessFault
from harness.measure.ladder_curves import MODELS
from harness.measure.lock_ladder import LockLadder
from harness.measure.measure_cells import HarnessError


def test_it_is_that_of_perf(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the machine that `harness perf --scenario lock-ladder` has, so that there is a model to compare with."""
    monkeypatch.setattr(brief_ladder, "BRIEF", LockLadder(cpus=(1, 2), length=50_000))
    curves = brief_ladder.brief_ladder(1, 1)
    assert tuple(curves.models) == MODELS
    assert curves.seed == 1


def test_what_fails_is_the_harness(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no stage that could be to blame."""

    def fail(*_: object) -> None:
        raise HarnessError("a worker is gone")

    monkeypatch.setattr(brief_ladder, "measure_curves", fail)
    with pytest.raises(HarnessFault, match="a worker is gone"):
        brief_ladder.brief_ladder(0, 1)
