"""Chrome's trace events."""

from __future__ import annotations

import json
from typing import Any

from harness.machine.spectator import CYCLES, OPERATIONS, Arrow, CounterLevel, Moment, Recording, Slice
from harness.report.perfetto import NamedRecording, to_perfetto
from tests.report.trace_schema import faults_of

SEEN = Recording(
    CYCLES,
    ("CPU0", "CPU1", "lock x"),
    (
        Slice("CPU0", 2000, 3000, "f", "run"),
        Slice("CPU0", 1000, 4000, "softirq 4", "softirq"),
        Slice("lock x", 2400, 2401, "held by CPU0", "lock hold"),
        Slice("CPU0", 2000, 2000, 'store "y"', "operation", (("value", "0 → 1"),)),
    ),
    (Arrow("f", ("CPU1", 500), ("CPU0", 2000)),),
    (CounterLevel("scheduled, not yet run", 500, 1),),
    (Moment("CPU1", 3500, "BUG: no", (("clause", "c: It does."),)),),
    reason="BUG: no",
    about={"stage": "stage 1"},
)


def document(*recordings: Recording) -> dict[str, Any]:
    """The document, read again."""
    found: dict[str, Any] = json.loads(to_perfetto([NamedRecording(f"r{number}", each) for number, each in enumerate(recordings)]))
    return found


def test_events() -> None:
    """A track a CPU, in order; what contains something comes first; a flow from request to run; the failure; cycles are nanoseconds."""
    found = document(SEEN)
    assert faults_of(found) == []
    names = [event["args"]["name"] for event in found["traceEvents"] if event["name"] == "thread_name"]
    assert names == ["CPU0", "CPU1", "lock x"]
    slices = [(event["name"], event["ts"], event["dur"]) for event in found["traceEvents"] if event["ph"] == "X"]
    assert slices == [("softirq 4", 1.0, 3.0), ("f", 2.0, 1.0), ('store "y"', 2.0, 0.0), ("held by CPU0", 2.4, 0.001)]
    start, end = ([event for event in found["traceEvents"] if event["ph"] == phase] for phase in "sf")
    assert [(event["tid"], event["ts"], event["id"]) for event in (*start, *end)] == [(2, 0.5, "1.1"), (1, 2.0, "1.1")]
    (failed,) = (event for event in found["traceEvents"] if event["ph"] == "i")
    assert (failed["tid"], failed["ts"], failed["name"], failed["args"]) == (2, 3.5, "BUG: no", {"clause": "c: It does."})
    (told,) = found["otherData"]["recordings"]
    assert (told["unit"], told["ends_with"], told["stage"]) == ("cycles", "BUG: no", "stage 1")


def test_what_lasts_equally_long() -> None:
    """What has ended last is around what has ended first, and an operation is within both."""
    slices = (
        Slice("CPU0", 3000, 4000, "inner", "schedule"),
        Slice("CPU0", 3000, 4000, "outer", "run"),
        Slice("CPU0", 3000, 4000, "read x", "operation"),
    )
    found = document(Recording(OPERATIONS, ("CPU0",), slices))
    assert [event["name"] for event in found["traceEvents"] if event["ph"] == "X"] == ["outer", "inner", "read x"]


def test_units() -> None:
    """Operations are microseconds, and the metadata says that they are no time; where the frequency is known, time is time."""
    operations = Recording(OPERATIONS, ("CPU0",), (Slice("CPU0", 3000, 4000, "read x", "operation"),))
    in_time = Recording(CYCLES, ("CPU0",), (Slice("CPU0", 2400, 4800, "f", "run"),), mhz=2400)
    found = document(operations, in_time)
    assert faults_of(found) == []
    assert [(event["pid"], event["ts"], event["dur"]) for event in found["traceEvents"] if event["ph"] == "X"] == [(1, 3, 1), (2, 1.0, 1.0)]
    first, second = found["otherData"]["recordings"]
    assert first["time"] == "the time is the number of the operation: 1 µs stands for one, and there is no other time"
    assert second["unit"] == "µs"


def test_the_schema_has_teeth() -> None:
    """What Perfetto would drop is noticed."""
    good = document(SEEN)
    assert faults_of(good) == []
    for change in ({"ph": "Z"}, {"ts": -1}, {"dur": "1"}, {"tid": 9}, {"dur": 2.5}):
        bad = document(SEEN)
        next(event for event in bad["traceEvents"] if event["name"] == "f" and event["ph"] == "X").update(change)
        assert len(faults_of(bad)) == 1
    empty = document(Recording(OPERATIONS, ("CPU0",), (Slice("CPU0", 3000, 3000, "softirq 4", "softirq"),)))
    assert faults_of(empty) == ["softirq 4 takes no time"]
    good["traceEvents"] = [event for event in good["traceEvents"] if event["ph"] != "f"]
    assert faults_of(good) == ["flow 1.1 has ['s']"]
