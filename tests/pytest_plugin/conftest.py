"""Fixtures that run sessions of pytest: of whatever is installed, they have this plug-in only."""

from __future__ import annotations

import pytest

from harness.pytest_plugin import case_verdicts, interleavings, joining
from tests.pytest_plugin.made_series import HOOKS, Session

# What is imported by now stays, and is not imported anew for each session in this process.
IMPORTED = (case_verdicts, interleavings, joining)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment may have the plug-in by its entry point, or be older."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.fixture
def session(pytester: pytest.Pytester, alone: None) -> Session:
    """Run pytest in a process of its own."""
    return lambda *words: pytester.runpytest_subprocess("-p", HOOKS, *map(str, words))


@pytest.fixture
def session_here(pytester: pytest.Pytester, alone: None) -> Session:
    """Run pytest in this process: for what only collects."""
    return lambda *words: pytester.runpytest_inprocess("-p", HOOKS, *map(str, words))
