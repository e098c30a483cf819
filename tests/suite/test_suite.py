"""What a suite has unless it says otherwise."""

from __future__ import annotations

from types import ModuleType

from harness.suite.suite import Suite


def test_the_least_that_a_suite_can_be() -> None:
    """Any module is a stage of it, and nothing is measured."""
    suite = Suite("least", "Nothing.", ("any",), {})
    assert (suite.has_stages, suite.probes, dict(suite.loads)) == (True, (), {})
    assert suite.lacks(ModuleType("anything")) == ""
