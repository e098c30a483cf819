"""What a trace has to be for Perfetto to show all of it: the fields of each kind of event, and slices that nest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Event = dict[str, Any]
NUMBER = (int, float)
COMMON = {"ph": str, "pid": int, "tid": int, "name": str}
# Of each phase, what it has besides.
PHASES: dict[str, dict[str, Any]] = {
    "M": {"args": dict},
    "X": {"ts": NUMBER, "dur": NUMBER, "cat": str, "args": dict},
    "i": {"ts": NUMBER, "s": str, "cat": str, "args": dict},
    "s": {"ts": NUMBER, "cat": str, "id": str},
    "f": {"ts": NUMBER, "cat": str, "id": str, "bp": str},
    "C": {"ts": NUMBER, "args": dict},
}


def faults_of(document: dict[str, Any]) -> list[str]:
    """Everything that is wrong with a document."""
    if set(document) != {"traceEvents", "displayTimeUnit", "otherData"}:
        return [f"keys {sorted(document)}"]
    events = document["traceEvents"]
    wrong = [fault for event in events for fault in _fields(event)]
    named = {(event["pid"], event["tid"]) for event in events if event["name"] == "thread_name"}
    wrong += [
        f"no name for the track of {event}" for event in events if event["ph"] in "Xisf" and (event["pid"], event["tid"]) not in named
    ]
    counted = {told["pid"] for told in document["otherData"]["recordings"] if told["unit"] == "operations"}
    wrong += [f"{event['name']} takes no time" for event in events if event["pid"] in counted and event.get("dur") == 0]
    return wrong or [*_nesting(events), *_flows(events)]


def _fields(event: Event) -> Iterator[str]:
    wanted = PHASES.get(event["ph"])
    if wanted is None:
        yield f"phase {event['ph']}"
        return
    every = {**COMMON, **wanted}
    if set(event) != set(every) or not all(isinstance(event[name], kind) for name, kind in every.items()):
        yield f"fields of {event}"
    elif event.get("ts", 0) < 0 or event.get("dur", 0) < 0:
        yield f"time of {event}"


def _nesting(events: list[Event]) -> Iterator[str]:
    """Two slices of a track are apart, or one is in the other, and comes behind it."""
    open_at: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for event in events:
        if event["ph"] == "X":
            around = open_at.setdefault((event["pid"], event["tid"]), [])
            start, end = round(event["ts"], 3), round(event["ts"] + event["dur"], 3)
            while around and around[-1][1] <= start and not (start == end == around[-1][1]):
                around.pop()
            if around and not (around[-1][0] <= start and end <= around[-1][1]):
                yield f"{event['name']} at {start} overlaps what is around it"
            around.append((start, end))


def _flows(events: list[Event]) -> Iterator[str]:
    flows: dict[str, list[str]] = {}
    for event in events:
        if event["ph"] in "sf":
            flows.setdefault(event["id"], []).append(event["ph"])
    yield from (f"flow {name} has {phases}" for name, phases in flows.items() if phases != ["s", "f"])
