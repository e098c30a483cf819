"""Where a model orders more than a call of a litmus file asks for: a verdict "Never" may be due to that."""

from __future__ import annotations

from harness.explored.models import ENGINES, SC
from harness.litmus.files.kernel_calls import ACQUIRE, FULL, LOCKS, RELAXED, RELEASE, UPDATES
from harness.litmus.files.litmus_file import LitmusFile
from harness.litmus.files.not_covered import shape_of
from harness.litmus.files.shape import Event

# What may fail, and changes nothing then; with an order or none in its name, it is judged by that.
MAY_FAIL = ("cmpxchg", "_add_unless", "_inc_not_zero")


def stronger(file: LitmusFile, model: str) -> list[str]:
    """Each such call, with the lines where it is, as text; none under a model in which everything is ordered."""
    if model == SC:
        return []
    found: dict[str, list[int]] = {}
    for event in (event for events in shape_of(file) for event in events):
        if _is_stronger(event, ENGINES[model].buffered):
            found.setdefault(event.call, []).append(event.line)
    return [f"{call} ({'line' if len(lines) == 1 else 'lines'} {', '.join(map(str, lines))})" for call, lines in found.items()]


def _is_stronger(event: Event, buffered: bool) -> bool:
    """An atomic operation is a full barrier, unless it asks for no order; where there are store buffers, it drains them in any case.

    One that may fail asks for order only where it does not.
    """
    if event.effect == UPDATES:
        half = event.order in (ACQUIRE, RELEASE) or (event.order == FULL and event.call.endswith(MAY_FAIL))
        return half or (buffered and event.order == RELAXED)
    return event.effect == LOCKS and buffered
