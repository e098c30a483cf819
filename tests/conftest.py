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
    # What it interrupts has to be the stage, not the measuring.
    "jobs/test_watchdog.py",
    "litmus",
    "search/test_random_programs.py",
    "search/strategies",
    "stages/test_mends.py",
    "tasklets/loads",
    "tasklets/test_conformance_programs.py",
    "tasklets/test_mutants.py",
)


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Mark those that run without measuring."""
    for item in items:
        if any(item.path.is_relative_to(TESTS / place) for place in UNMEASURED):
            item.add_marker(pytest.mark.no_cover)
