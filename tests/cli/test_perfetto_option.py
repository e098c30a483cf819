"""`--perfetto` of `replay`, `explore` and `perf`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.search.replay_string import TIMED, Replay, encode
from tests.report.trace_schema import faults_of

NONE = "cannot write /none/x: No such file or directory; name a file in a writable directory that exists"
ONE_LOAD = "--perfetto shows a run of stages under one load: it goes with no question, no sweep and no lock-ladder"
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "workqueue"
EXPLORE = ["explore", "exactly-once", "5", "--program", "scheduled-once", "--kind", "softirq"]


def written(path: Path) -> dict[str, Any]:
    """A document that has nothing wrong with it."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert faults_of(found) == []
    return found


def test_an_execution_of_a_search(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The run of the function on its CPU, every operation, and the same bytes again."""
    paths = [tmp_path / name for name in ("a.json", "b.json")]
    for path in paths:
        assert main([*EXPLORE, "--perfetto", str(path)]) == 0
    found = written(paths[0])
    assert paths[0].read_bytes() == paths[1].read_bytes()
    categories = {event.get("cat") for event in found["traceEvents"]}
    assert {"run", "softirq", "schedule", "operation"} <= categories
    assert found["otherData"]["recordings"][0]["unit"] == "operations"
    capsys.readouterr()


def test_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The failure is on the timeline, where it happens, with what its clause says; so are the calls of the stage, within each other."""
    words = ["explore", "kill-quiesces", "4", "--series", "posted", "--program", "killed-while-scheduled", "--kind", "vcpu"]
    assert main([*words, "--perfetto", str(tmp_path / "out.json")]) == 1
    events = written(tmp_path / "out.json")["traceEvents"]
    names = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
    (slice_,) = (event for event in events if event.get("cat") == "failure" and event["ph"] == "X")
    assert names[slice_["tid"]] == names[1] == "failure"
    assert slice_["args"]["clause"].startswith("kill-quiesces: When `tasklet_kill` returns, ")
    (moment,) = (event for event in events if event["ph"] == "i")
    last = max((event for event in events if event.get("cat") == "operation"), key=lambda event: event["ts"])
    assert (moment["name"], moment["args"], moment["tid"]) == (slice_["name"], slice_["args"], last["tid"])
    assert last["ts"] + last["dur"] <= moment["ts"] == slice_["ts"]
    calls = {(names[event["tid"]], event["name"]) for event in events if event.get("cat") == "call"}
    assert calls >= {("CPU0", "tasklet_kill"), ("CPU1", "tasklet_schedule")}
    assert slice_["name"] in capsys.readouterr().out


def test_a_race(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both accesses are marked."""
    string = encode(Replay("posted", 1, "no-races", "irq-client", "killed-while-scheduled", max_steps=5000, deviations={}, model="sc"))
    assert main(["replay", string, "--perfetto", str(tmp_path / "out.json")]) == 1
    events = written(tmp_path / "out.json")["traceEvents"]
    moments = [event for event in events if event["ph"] == "i"]
    ends = {(event["tid"], event["ts"] + event["dur"]): event["name"] for event in events if event.get("cat") == "operation"}
    assert [ends[event["tid"], event["ts"]] for event in moments] == ["store t.is_dead", "load t.is_dead"]
    assert {event["name"].partition(":")[0] for event in moments} == {"data race"}
    capsys.readouterr()


def test_a_suite_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its functions are seen to run within their softirq, which has its name, and calls within them."""
    words = ["explore", "once", str(EXAMPLE / "series" / "w1.py"), "--suite", str(EXAMPLE / "workqueue_suite.py")]
    assert main([*words, "--program", "queued-in-interrupt", "--perfetto", str(tmp_path / "out.json")]) == 0
    events = [event for event in written(tmp_path / "out.json")["traceEvents"] if event["ph"] == "X" and event["cat"] != "operation"]
    (run, *_) = (event for event in events if event["cat"] == "run")
    (softirq, *_) = (event for event in events if event["name"] == "softirq WORK")
    assert run["name"] == "w"
    assert softirq["ts"] < run["ts"] < run["ts"] + run["dur"] < softirq["ts"] + softirq["dur"]
    assert {"queue_work_on"} <= {event["name"] for event in events if event["cat"] == "call"}
    capsys.readouterr()


@pytest.mark.parametrize("engine", [{"max_steps": 5000, "deviations": {}, "model": "tso"}, {"engine": TIMED, "seed": 3}])
def test_a_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str], engine: dict[str, Any]) -> None:
    """In operations and in cycles; what is printed is the same as without."""
    string = encode(Replay("fixed", 0, "exactly-once", "softirq", "scheduled-once", **engine))
    main(["replay", string])
    printed = capsys.readouterr().out
    assert main(["replay", string, "--perfetto", str(tmp_path / "out.json")]) == 0
    assert capsys.readouterr().out == printed
    found = written(tmp_path / "out.json")
    assert found["otherData"]["recordings"][0]["unit"] == ("cycles" if "seed" in engine else "operations")
    assert "lock hold" in {event.get("cat") for event in found["traceEvents"]}


def test_a_measured_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A process for each stage, in virtual time, with what the vCPUs did; the figures are those of a run that nobody watches."""
    load = [
        "--scenario",
        "timer-only",
        "--set",
        "guests=2",
        "--set",
        "vcpus_per_guest=1",
        "--set",
        "length_us=2000",
        "--set",
        "warmup_us=100",
    ]
    words = ["perf", "0", "5", "--runs", "2", "--no-cache", *load]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert main([*words, "--perfetto", str(tmp_path / "out.json")]) == 0
    assert capsys.readouterr().out == printed
    found = written(tmp_path / "out.json")
    assert [(told["stage"], told["unit"]) for told in found["otherData"]["recordings"]] == [("stage 0", "µs"), ("stage 5", "µs")]
    assert {"run", "softirq", "interrupt", "runstate", "lock hold"} <= {event.get("cat") for event in found["traceEvents"]}
    assert max(event.get("ts", 0) for event in found["traceEvents"]) <= 2100


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([*EXPLORE, "--perfetto", "/none/x"], NONE),
        ([*EXPLORE, "--perfetto", "-"], "--perfetto needs the name of a file: stdout has the table"),
        (["perf", "--perfetto", "/none/x"], NONE),
        (["perf", "--reviewers", "--perfetto", "x"], ONE_LOAD),
        (["perf", "--json", "x", "--perfetto", "x"], "--json and --perfetto name the same file, x; name two"),
    ],
)  # fmt: skip
def test_bad_input(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, before anything is executed."""
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    assert capsys.readouterr() == ("", f"harness: {message}\n")
