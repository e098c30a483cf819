"""Fixtures that tests of several rooms share, and which tests are run without measuring coverage."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

pytest_plugins = ("tests.machine.machines", "tests.report.made")

TESTS = Path(__file__).parent
# These execute little programs by the thousand. Measuring makes that four times as slow, and finds what other tests have reached already.
UNMEASURED = (
    "bench",
    "explored/test_spinning.py",
    "explored/test_turns.py",
    "jobs/test_unseen_state.py",
    # What it interrupts has to be the stage, not the measuring.
    "jobs/test_watchdog.py",
    "litmus",
    "measure/test_lock_ladder.py",
    "search/test_ordering.py",
    "search/test_race_detector.py",
    "search/test_random_programs.py",
    "search/strategies",
    "stages/test_mends.py",
    "tasklets",
    "verify/test_across_executions.py",
    "verify/test_run_stages.py",
)


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Mark those that run without measuring."""
    for item in items:
        if any(item.path.is_relative_to(TESTS / place) for place in UNMEASURED):
            item.add_marker(pytest.mark.no_cover)
