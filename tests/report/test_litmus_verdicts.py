"""What is said of litmus files, for people and as JSON."""

from __future__ import annotations

import json

from harness.litmus.count_programs import ExecutionCount
from harness.litmus.files.not_covered import LOAD_BUFFERING
from harness.litmus.files.outcomes import FileOutcome, judge_file
from harness.report.litmus_json import litmus_json
from harness.report.litmus_verdicts import litmus_summary, litmus_verdict
from tests.litmus.litmus_files import file_called, one_process


def judged(name: str, model: str = "tso") -> FileOutcome:
    """What a file amounts to."""
    return judge_file(file_called(name), model, 1000)


def test_a_verdict_with_all_that_belongs_to_it() -> None:
    """The condition, the final states, an execution that shows it."""
    assert litmus_verdict("a/inc.litmus", judged("inc", "sc"), "simple").splitlines() == [
        "a/inc.litmus (inc) under sc: Sometimes",
        "forall (x=3): not validated; 2 of 4 executions satisfy it, 0 blocked",
        "",
        "final state      executions",
        "-------------  ------------  ---------",
        "x=1                       1  violates",
        "x=2                       1  violates",
        "x=3                       2  satisfies",
        "",
        "*: not what the natural order has here (whoever is at work goes on); read, write: marked accesses (as READ_ONCE,",
        "WRITE_ONCE)",
        "",
        "    P0                                 P1",
        "--  ---------------------------------  ----------------------------------",
        "0   read x = 0, inc.litmus:7 (P0)",
        "1*                                     read x = 0, inc.litmus:12 (P1)",
        "2                                      write x: 0 → 2, inc.litmus:14 (P1)",
        "3   write x: 2 → 1, inc.litmus:7 (P0)",
        "the final state violates (x=3)",
        "replay: harness replay h2/.litmus/0/5fbf32525a/forall/threads/inc/x5000,1/0efb a/inc.litmus",
    ]


def test_remarks() -> None:
    """What limits a verdict is said below it."""
    found = judge_file(file_called("LB"), "tso", 2, {"tso": (LOAD_BUFFERING,)})
    assert "cut off: 2 executions; there may be more final states, allow more --executions\n" in litmus_verdict("f", found, "simple")
    assert litmus_verdict("f", found, "simple").endswith(f"not covered by this model: {LOAD_BUFFERING.sentence}")
    assert "\n1 executions come to no end, and count for nothing: deadlock: P0 waits" in litmus_verdict("f", judged("deadlock"), "simple")
    assert "\ndata race of plain accesses: P0 at plain-inc.litmus:7" in litmus_verdict("f", judged("plain-inc", "sc"), "simple")
    more = "\ntso orders more than is asked for, as these are full barriers: xchg_relaxed (line 10), xchg_release (line 19)"
    assert litmus_verdict("f", judged("xchg_relaxed"), "simple").endswith(more)


def test_a_file_that_looks_at_nothing() -> None:
    """It has one final state."""
    found = judge_file(one_process("", "forall (true)"), "sc", 10)
    assert "\nnothing is looked at             1  satisfies" in litmus_verdict("f", found, "simple")


def test_a_summary() -> None:
    """A row for each file, a column for each model."""
    outcomes = {"SB.litmus": {model: judged("SB", model) for model in ("sc", "tso")}}
    assert litmus_summary(outcomes, ["sc", "tso"], "plain").splitlines() == [
        "file       sc                     tso",
        "SB.litmus  Never (not validated)  Sometimes (validated)",
    ]


def test_the_same_as_json() -> None:
    """Programs by name and model; files have a key of their own, which is there only if there are files."""
    tallies = {"SB": {"sc": ExecutionCount("SB", "sc", 3, 0, 3)}, "p": {"sc": ExecutionCount("p", "sc", 1, 0, None, 4, "5 executions")}}
    document = json.loads(litmus_json(tallies, {}))
    assert document == {
        "schema": 1,
        "programs": {
            "SB": {"sc": {"executions": 3, "blocked": 0, "published": 3}},
            "p": {"sc": {"executions": 1, "blocked": 0, "published": None, "gave_up": 4, "cut_off": "5 executions"}},
        },
    }
    document = json.loads(litmus_json({}, {"f": {"tso": judged("MP+pointer")}}))
    file = document["files"]["f"]
    assert (file["name"], file["condition"][:6]) == ("MP+pointer", "forall")
    assert file["models"]["tso"]["verdict"] == "Always"
    assert file["models"]["tso"]["states"][0]["state"] == {"1:r0": "&fresh", "1:r1": 1, "p": "&fresh"}
