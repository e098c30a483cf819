"""Which of several failures is shown for all of them: the one that is the simplest to read."""

from __future__ import annotations

from harness.search.replay_string import EXPLORED
from harness.verify.verdicts import Failure


def simplicity(failure: Failure) -> tuple[bool, bool, int]:
    """Smaller for what is simpler to show: an execution, one that was explored, and one with few deviations from the natural order."""
    return (not failure.replay, failure.engine != EXPLORED, len(failure.deviations))
