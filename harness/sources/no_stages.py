"""A suite without stages: it tests the engines themselves, and is one target by itself."""

from __future__ import annotations

from harness.sources.target import Target
from harness.suite.suite import Suite


def target_of_suite(suite: Suite) -> Target:
    """The target for a suite without stages."""
    return Target(0, suite.name, suite.name, suite.name, suite=suite.name)
