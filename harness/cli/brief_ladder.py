"""The lock ladder that a report has beside the plots of its stages: it needs none of them, and takes a second or two."""

from __future__ import annotations

from harness.cli.exit_codes import HarnessFault
from harness.cli.progress_line import Counter
from harness.measure.ladder_curves import BRIEF, USUAL_TOPOLOGY, LadderCurves, measure_curves
from harness.measure.measure_cells import HarnessError
from harness.measure.settings import Settings


def brief_ladder(seed: int, jobs: int) -> LadderCurves:
    """Measure it; raises `KeyboardInterrupt`, and `HarnessFault`."""
    progress = Counter("harness: lock ladder")
    try:
        return measure_curves(BRIEF, Settings(USUAL_TOPOLOGY), seed, jobs, progress)
    except HarnessError as error:
        raise HarnessFault(str(error)) from None
    finally:
        progress.clear()
