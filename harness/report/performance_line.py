"""One sentence about the performance of a series: which patch takes the idle guests' overhead below its threshold, for good."""

from __future__ import annotations

from collections.abc import Sequence

from harness.measure.figures import IDLE_OVERHEAD
from harness.measure.performance import Performance


def performance_line(stages: Sequence[tuple[int, object]]) -> str:
    """The sentence about stages with these numbers and performances, in the order of the series; anything else is "not measured"."""
    overheads = [(index, found.value(IDLE_OVERHEAD) if isinstance(found, Performance) else None) for index, found in stages]
    if any(value is None for _, value in overheads):
        return "the performance bug: not measured on every stage"
    slow = [position for position, (_, value) in enumerate(overheads) if value is not None and IDLE_OVERHEAD.too_large(value)]
    if not slow:
        return "no stage has the performance bug"
    if slow[-1] == len(overheads) - 1:
        return f"the performance bug is there in stage {overheads[-1][0]}, the last one"
    before, after = overheads[slow[-1]][0], overheads[slow[-1] + 1][0]
    if after == before + 1:
        return f"the performance bug is fixed by patch {after}"
    return f"the performance bug is fixed between stages {before} and {after}"
