"""Waiting for a CPU is told from sleeping."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from harness.jobs import run_queue
from harness.jobs.run_queue import RunQueue


def test_sleep_is_no_waiting() -> None:
    """Nobody has kept this process from anything; on a busy machine it may have to wait once it is awake, but not each time."""
    queue = RunQueue()

    def was_long_asleep() -> bool:
        time.sleep(0.5)
        return queue.was_long()

    assert not all(was_long_asleep() for _ in range(20))


@pytest.mark.parametrize(("waited", "long"), [(0.1, False), (60.0, True)])
def test_what_the_kernel_says_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited: float, long: bool) -> None:
    """From one call to the next."""
    monkeypatch.setattr(run_queue, "SCHEDULED", tmp_path / "schedstat")
    (tmp_path / "schedstat").write_text("5 1000000000 3\n", encoding="ascii")
    queue = RunQueue()
    time.sleep(0.3)
    (tmp_path / "schedstat").write_text(f"9 {int((1 + waited) * 1e9)} 8\n", encoding="ascii")
    assert queue.was_long() == long
    time.sleep(0.01)
    assert not queue.was_long()


@pytest.mark.parametrize("said", [None, "", "1", "1 x 2"])
def test_a_kernel_that_does_not_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str | None) -> None:
    """Then nobody has waited."""
    monkeypatch.setattr(run_queue, "SCHEDULED", tmp_path / "schedstat")
    if said is not None:
        (tmp_path / "schedstat").write_text(said, encoding="ascii")
    queue = RunQueue()
    time.sleep(0.01)
    assert not queue.was_long()
