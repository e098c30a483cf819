"""Which of several failures is shown for all of them: the one that is the simplest to read.

Whoever shows one execution for a clause that a patch breaks, for several kinds or under several memory models, chooses it by this.
"""

from __future__ import annotations

from harness.explored.models import EVERY_ENGINE
from harness.search.replay_string import EXPLORED
from harness.verify.verdicts import Failure

# What happens under one of them happens under all after it, and takes fewer words there.
FROM_THE_STRONGEST = tuple(EVERY_ENGINE)


def simplicity(failure: Failure) -> tuple[bool, int, bool, int, int]:
    """Smaller for what is simpler to show: an execution; one that takes no weak memory model, or the strongest of them; one that was
    explored; one with few deviations from the natural order; a short one.
    """
    strength = FROM_THE_STRONGEST.index(failure.model)
    return (not failure.replay, strength, failure.engine != EXPLORED, len(failure.deviations), failure.operations)
