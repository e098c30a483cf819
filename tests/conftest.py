"""Fixtures that tests of several rooms share, and which tests are run without measuring coverage."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No test depends on a machine being quiet.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")

pytest_plugins = ("pytester", "tests.machine.machines", "tests.report.made")

TESTS = Path(__file__).parent
# These execute little programs by the thousand. Measuring makes that four times as slow, and finds what other tests have reached already.
UNMEASURED = (
    "bench",
    "campaign",
    "explored/test_spinning.py",
    "explored/test_turns.py",
    "jobs/test_unseen_state.py",
    # What it interrupts has to be the stage, not the measuring.
    "jobs/test_watchdog.py",
    "litmus/test_damaged_files.py",
    "litmus/test_litmus_programs.py",
    "litmus/test_litmus_suite.py",
    "litmus/test_outcomes.py",
    "measure/test_lock_ladder.py",
    "search/test_ordering.py",
    "search/test_race_detector.py",
    "search/test_random_programs.py",
    "search/strategies",
    "stages/test_mends.py",
    "tasklets",
    "verify/test_across_executions.py",
    "verify/test_barrier_search.py",
    "verify/test_run_stages.py",
    "verify/test_suggest_in_worker.py",
)

# A test that takes so long never ends: then this process does, and says where it was. The longest takes a minute, on a busy machine ten.
LONGEST_SECONDS = 3600.0


def pytest_configure() -> None:
    """Have no cache, but where a test makes one: what is tested is to be executed.

    And have Ctrl-C mean what it means on a terminal: under `nohup`, or behind `&`, it is ignored, here and in every process of a test.
    """
    os.environ["HARNESS_CACHE_DIR"] = ""
    # Tables fit into so many columns, and GNU readline, which pytest loads, sets that behind Python's back.
    os.environ.pop("COLUMNS", None)
    os.unsetenv("COLUMNS")
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[object]:
    """No test runs for ever, whatever it waits for."""
    faulthandler.dump_traceback_later(LONGEST_SECONDS, exit=True, file=sys.__stderr__)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Mark those that run without measuring."""
    for item in items:
        if any(item.path.is_relative_to(TESTS / place) for place in UNMEASURED):
            item.add_marker(pytest.mark.no_cover)
