"""Which of several failures is shown for all of them: the one that is the simplest to read.

Whoever shows one execution for a clause that a patch breaks, for several kinds or under several memory models, chooses it by this.
"""

from __future__ import annotations

from harness.explored.models import EVERY_ENGINE
from harness.machine.diagnosis import DEADLOCK, HANG, NO_PROGRESS
from harness.search.replay_string import EXPLORED
from harness.verify.verdicts import Failure

# What happens under one of them happens under all after it, and takes fewer words there.
FROM_THE_STRONGEST = tuple(EVERY_ENGINE)
# An execution of these has no operation at which something is wrong; and what a clause is about often hangs besides.
NOBODY_GOES_ON = frozenset({DEADLOCK, NO_PROGRESS, HANG})

Simplicity = tuple[bool, int, bool, int, bool, int]


def simplicity(failure: Failure) -> Simplicity:
    """Smaller for what is simpler to show: an execution; one that takes no weak memory model, or the strongest of them; one that was
    explored; one with few deviations from the natural order; one that ends at what is wrong; a short one.
    """
    strength = FROM_THE_STRONGEST.index(failure.model)
    stuck = failure.kind in NOBODY_GOES_ON
    return (not failure.replay, strength, failure.engine != EXPLORED, len(failure.deviations), stuck, failure.operations)
