"""Recordings as Chrome's trace events, in JSON, which https://ui.perfetto.dev opens: a process a recording, a thread a track."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from harness.machine.spectator import OPERATION, OPERATIONS, TICKS, Recording, Slice

Event = dict[str, Any]

NANOSECONDS = 1000
TIMES = {
    "operations": "the time is the number of the operation: 1 µs stands for one, and there is no other time",
    "cycles": "1 ns stands for one cycle of virtual time",
    "µs": "virtual time",
}


@dataclass(frozen=True)
class NamedRecording:
    """A recording, and what to call it."""

    name: str
    recording: Recording


def to_perfetto(recordings: Sequence[NamedRecording]) -> str:
    """The whole document, with a newline at its end."""
    events = [event for number, named in enumerate(recordings, start=1) for event in _events(number, named)]
    about = {
        "harness": version("series-harness"),
        "recordings": [{"pid": number, "name": each.name, **_about(each.recording)} for number, each in enumerate(recordings, start=1)],
    }
    document = {"traceEvents": events, "displayTimeUnit": "ns", "otherData": about}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace('},{"ph"', '},\n{"ph"') + "\n"


def _about(recording: Recording) -> dict[str, Any]:
    unit = "µs" if recording.mhz else recording.unit
    ended = {"ends_with": recording.reason} if recording.reason else {}
    left_out = {"left_out": recording.left_out} if recording.left_out else {}
    return {**recording.about, "unit": unit, "time": TIMES[unit], **ended, **left_out}


def _events(pid: int, named: NamedRecording) -> Iterator[Event]:
    """Metadata first, then everything in the order of time; what contains something comes before it."""
    recording = named.recording
    tids = {track: number for number, track in enumerate(recording.tracks, start=1)}
    yield _metadata(pid, 0, "process_name", {"name": named.name})
    yield _metadata(pid, 0, "process_sort_index", {"sort_index": pid})
    for track, tid in tids.items():
        yield _metadata(pid, tid, "thread_name", {"name": track})
        yield _metadata(pid, tid, "thread_sort_index", {"sort_index": tid})
    for each in _sorted(recording, tids):
        start, end = _time(recording, each.start), _time(recording, each.end)
        event = {"ph": "X", "pid": pid, "tid": tids[each.track], "ts": start, "dur": round(end - start, 3)}
        yield {**event, "name": each.name, "cat": each.category, "args": dict(each.details)}
    for moment in recording.moments:
        event = {"ph": "i", "s": "t", "pid": pid, "tid": tids[moment.track], "ts": _time(recording, moment.time)}
        yield {**event, "name": moment.name, "cat": "failure", "args": dict(moment.details)}
    for number, arrow in enumerate(recording.arrows, start=1):
        common = {"pid": pid, "name": arrow.name, "cat": "schedule", "id": f"{pid}.{number}"}
        (track, time), (to, later) = arrow.source, arrow.target
        yield {"ph": "s", "tid": tids[track], "ts": _time(recording, time), **common}
        yield {"ph": "f", "bp": "e", "tid": tids[to], "ts": _time(recording, later), **common}
    for level in recording.levels:
        args = {"value": level.value}
        yield {"ph": "C", "pid": pid, "tid": 0, "ts": _time(recording, level.time), "name": level.counter, "args": args}


def _sorted(recording: Recording, tids: Mapping[str, int]) -> list[Slice]:
    """What contains something comes before it: of two with the same beginning and end, what has ended last, and operations last of all."""
    latest = reversed(recording.slices)
    return sorted(latest, key=lambda each: (each.start, tids[each.track], -each.end, each.category == OPERATION))


def _metadata(pid: int, tid: int, name: str, args: dict[str, Any]) -> Event:
    return {"ph": "M", "pid": pid, "tid": tid, "name": name, "args": args}


def _time(recording: Recording, time: int) -> float:
    """In µs, as trace events have it."""
    units = TICKS if recording.unit == OPERATIONS else recording.mhz or NANOSECONDS
    return round(time / units, 3)
