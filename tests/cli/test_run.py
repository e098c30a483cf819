"""`harness run`: what it prints and writes, and that this depends on the seed only."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.cli import main
from harness.cli.arguments import parse
from harness.cli.selection import budget_of
from harness.suite.registry import suite_named
from harness.tasklets.contract import CLAUSES
from harness.verify.deepening import DEEP, Effort
from stages import FIXED
from stages.api import AcceptedChange, Series, Stage
from tests.cli.invocation import PATIENCE, QUICK, Harness, Terminal

SOME = ("--check", "exactly-once", "runs-where-asked", "--no-perf", *QUICK)


def test_the_table_and_the_exit_code(harness: Harness) -> None:
    """A header, a row per stage, the verdict, and exit code 0."""
    result = harness("run", *SOME)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    effort = "every interleaving up to 500 a program, 1 seed in virtual time, memory model tso (x86's store buffers)"
    assert lines[0] == f"series fixed · 2 clauses × 6 stages · {effort}"
    assert [line.split()[0] for line in lines[3:9]] == list("012345")
    assert all("2/2" in line for line in lines[3:9])
    assert lines[-1] == "partial: 2 of 28 clauses, 6 of 6 stages, under tso: no violation found"


def test_stages_can_be_chosen(harness: Harness) -> None:
    """Only those, in the order of the series."""
    lines = harness("run", "3", "1", *SOME, "--tablefmt", "github").stdout.splitlines()
    assert "2 clauses × 2 stages" in lines[0]
    assert [line.split()[1] for line in lines[3:5]] == ["1", "3"]


def test_same_bytes_for_any_number_of_jobs(harness: Harness, tmp_path: Path) -> None:
    """The JSON and the JUnit file of one, two and five workers are the same."""
    for jobs in (1, 2, 5):
        files = ("--json", f"{jobs}.json", "--junit", f"{jobs}.xml")
        assert harness("run", "0", "4", *SOME, "--jobs", jobs, *files).returncode == 0
    for kind in ("json", "xml"):
        assert len({(tmp_path / f"{jobs}.{kind}").read_bytes() for jobs in (1, 2, 5)}) == 1


def test_the_example_of_the_documentation(harness: Harness) -> None:
    """The command above it writes it; `behaviour` alone is left out."""
    text = (Path(main.__code__.co_filename).parents[2] / "docs/json.md").read_text(encoding="utf-8")
    command, example = re.findall(r"\nWhat `harness (.+?)` writes.*?```json\n(.*?)\n```", text, re.DOTALL)[0]
    found = json.loads(harness(*command.split()).stdout)
    for stage in found["stages"]:
        stage["behaviour"] = {}
    assert json.dumps(found, indent=2, sort_keys=True) == example


def test_json(harness: Harness, tmp_path: Path) -> None:
    """The documented keys, and nothing else; one newline at the end."""
    harness("run", "2", *SOME, "--json", "out.json")
    text = (tmp_path / "out.json").read_text(encoding="utf-8")
    assert text.endswith("}\n")
    document = json.loads(text)
    assert " ".join(sorted(document)) == (
        "accepted accepted_but_absent bad baseline_breaks bisectable breaks conclusion first_bad harness mends models patches "
        "schema selected series stages suite undecided"
    )
    assert (document["schema"], document["series"], document["bisectable"], document["first_bad"]) == (2, "fixed", None, {})
    assert document["selected"]["stages"] == [2]
    assert list(document["selected"]["clauses"]) == ["exactly-once", "runs-where-asked"]
    (stage,) = document["stages"]
    assert sorted(stage) == ["behaviour", "clauses", "index", "module", "performance", "title"]
    assert (stage["index"], stage["module"]) == (2, "stages.s2_cross_cpu_feed")
    assert stage["title"] == "tasklet: Add cross CPU feeding of per-cpu tasklets."
    assert sorted(stage["clauses"]) == ["exactly-once", "runs-where-asked"]
    clause = stage["clauses"]["exactly-once"]
    assert sorted(clause) == ["complete", "executions", "failures", "kinds", "models", "search", "verdict"]
    assert (clause["verdict"], clause["complete"], clause["failures"]) == ("pass", True, [])
    assert clause["search"]["exhausted"] == clause["search"]["programs"] > 0
    assert clause["search"]["open_ends"] == []
    assert set(clause["kinds"].values()) == {"pass"}
    assert clause["executions"] > 0
    assert stage["behaviour"]


def test_junit(harness: Harness, tmp_path: Path) -> None:
    """A test case per clause, stage and kind."""
    harness("run", "0", "1", "--check", "exactly-once", "--no-perf", *QUICK, "--junit", "out.xml")
    root = ElementTree.parse(tmp_path / "out.xml").getroot()
    cases = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    modules = ("stages.s0_baseline", "stages.s1_percpu_softirq")
    assert cases == [(module, f"exactly-once[{kind}]") for module in modules for kind in ("softirq", "vcpu", "irq-client")]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("6", "0", "0")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_what_is_done(tmp_path: Path, number: signal.Signals) -> None:
    """Exit code 130, the files written and marked as partial, what is missing, progress until then on the terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "harness", "run", "--no-perf", "--executions", "20000", "--json", "out.json", "--junit", "out.xml"]
    with_cache = {**os.environ, "HARNESS_CACHE_DIR": "cache", "TERM": "xterm", "COLUMNS": "200"}
    process = subprocess.Popen(command, cwd=tmp_path, env=with_cache, stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    terminal = Terminal(ours)
    # The stages are loaded first: beyond that, some test is done. (What is counted has a total; "8/s" is a rate.)
    terminal.read_until(lambda seen: any(int(done) > len(FIXED.stages) for done in re.findall(r"in all.* (\d+)/\d+ jobs", seen)))
    process.send_signal(number)
    seen = terminal.read_until()
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert out == ""
    last = re.search(r"harness: interrupted; (\d+) jobs not done \((.+)\); what was done by then is in (.+)$", seen.splitlines()[-1])
    assert last is not None, seen
    lacking = dict(each.split(": ") for each in last[2].split(", "))
    assert sum(map(int, lacking.values())) == int(last[1])
    assert last[3] == "out.json and out.xml and the cache, from where the next run goes on"
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert document["interrupted"] is True
    assert document["bisectable"] is None
    done = sum(len(clause["kinds"]) for stage in document["stages"] for clause in stage["clauses"].values())
    assert done > 0
    root = ElementTree.parse(tmp_path / "out.xml").getroot()
    assert len(list(root.iter("testcase"))) == done
    assert {each.get("value") for each in root.iter("property") if each.get("name") == "interrupted"} == {"true"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "out.json", "out.xml"]


def test_a_series_with_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1; what is violated, since which patch, and what could not be tested, with the reason; that accuses nobody."""
    good = "from stages.s5_drop_scaffolding import Tasklet, TaskletSubsystem\n"
    bad = (
        good.replace("TaskletSubsystem", "TaskletSubsystem as Good")
        + "class TaskletSubsystem(Good):\n def tasklet_schedule(self, t): pass\n"
    )
    stages = []
    for index, code in enumerate((good, bad, "1 / 0")):
        path = tmp_path / f"s{index}.py"
        path.write_text(code, encoding="utf-8")
        stages.append(Stage(index, f"tasklet: Patch {index}.", "", str(path.with_suffix(""))))
    monkeypatch.setattr("harness.cli.selection.SERIES", {"fixed": Series("fixed", "", tuple(stages))})
    assert main(["run", *SOME, "--json", str(tmp_path / "out.json")]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    sentence = "partial: 2 of 28 clauses, 3 of 3 stages, under tso: patch 1 breaks exactly-once, runs-where-asked; untestable: stage 2"
    assert out.splitlines()[-1] == sentence
    assert "\npatch 1 breaks exactly-once, runs-where-asked\n" in out
    assert "patch 2" not in out
    assert "stage 2 cannot be tested: it does not import: ZeroDivisionError: division by zero" in out
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert document["first_bad"] == {"exactly-once": 1, "runs-where-asked": 1}
    assert [stage["clauses"]["exactly-once"]["verdict"] for stage in document["stages"]] == ["pass", "fail", "error"]


GOOD_STAGE = "from stages.s5_drop_scaffolding import Tasklet, TaskletSubsystem as Good\n"
FORGETFUL = f"{GOOD_STAGE}class TaskletSubsystem(Good):\n def tasklet_schedule(self, t): pass\n"
SOUND = f"{GOOD_STAGE}class TaskletSubsystem(Good): pass\n"
MISTAKEN = f"{GOOD_STAGE}class TaskletSubsystem(Good):\n def tasklet_schedule(self, t): is_queud\n"
ACCEPTED = AcceptedChange("exactly-once", ("softirq", "vcpu", "irq-client"), 1, "It must be.")


@pytest.mark.parametrize(
    ("codes", "accepted", "code", "said"),
    [
        ((FORGETFUL, SOUND), (), 0, "no patch breaks what the stage before it kept; patch 1 mends exactly-once; the baseline breaks "),
        (
            (SOUND, FORGETFUL),
            (ACCEPTED,),
            0,
            "no patch breaks what the stage before it kept, but for what is accepted; accepted: exactly-once",
        ),
        ((SOUND, SOUND), (ACCEPTED,), 1, "no violation found; accepted change does not happen: stage 1 keeps exactly-once (softirq, "),
        ((SOUND, MISTAKEN), (), 3, "no violation found; untestable: stage 1"),
        ((FORGETFUL,), (), 1, "stage 0, the only one tested, violates exactly-once"),
    ],
    ids=["baseline", "accepted", "accepted but absent", "untestable", "alone"],
)
def test_what_makes_a_series_bad(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    codes: tuple[str, ...],
    accepted: tuple[AcceptedChange, ...],
    code: int,
    said: str,
) -> None:
    """A patch that breaks something, or something accepted that does not happen; nothing else, unless the stage is alone."""
    stages = []
    for index, text in enumerate(codes):
        (tmp_path / f"s{index}.py").write_text(text, encoding="utf-8")
        stages.append(Stage(index, f"tasklet: Patch {index}.", "", str(tmp_path / f"s{index}")))
    monkeypatch.setattr("harness.cli.selection.SERIES", {"fixed": Series("fixed", "", tuple(stages), accepted=accepted)})
    assert main(["run", "--check", "exactly-once", "--no-perf", *QUICK]) == code
    out = capsys.readouterr().out
    assert said in out.splitlines()[-1]
    assert ("\naccepted from patch 1: exactly-once (softirq, vcpu, irq-client): It must be.\n" in out) == ("accepted: " in said)
    assert ("0/1 + 1 accepted" in out) == ("accepted: " in said)
    assert ("\nstage 1 cannot be tested: it raises NameError in nearly every program: " in out) == ("untestable" in said)


def test_a_user_may_accept_changes(harness: Harness, tmp_path: Path) -> None:
    """From a file, with the same meaning: what does not happen is an error."""
    text = '[[accepted]]\nclause = "fifo"\nkinds = ["vcpu"]\npatch = 4\nwhy = "It\\nmust be."\n'
    (tmp_path / "accepted.toml").write_text(text, encoding="utf-8")
    result = harness("run", "4", "--check", "fifo", "--no-perf", *QUICK, "--accept", "accepted.toml")
    assert (result.returncode, result.stderr) == (1, "")
    assert "\n\naccepted change does not happen: stage 4 keeps fifo (vcpu)\n" in result.stdout


def test_a_stage_that_cannot_be_tested_is_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3: nothing is violated."""
    (tmp_path / "s0.py").write_text("1 / 0", encoding="utf-8")
    series = Series("fixed", "", (Stage(0, "tasklet: Patch 0.", "", str(tmp_path / "s0")),))
    monkeypatch.setattr("harness.cli.selection.SERIES", {"fixed": series})
    assert main(["run", *SOME]) == 3
    out = capsys.readouterr().out
    assert "\nnothing was explored: no program was run\n" in out
    assert out.count("ZeroDivisionError") == 1
    assert "stage 0 cannot be tested: it does not import: ZeroDivisionError: division by zero\n" in out
    assert out.splitlines()[-1] == "partial: 2 of 28 clauses, 1 of 1 stages, under tso: no violation found; untestable: stage 0"


def test_bisectable_is_said_of_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """All clauses on all stages of a series, here of one: true in the JSON, exit code 0."""
    monkeypatch.setattr("harness.cli.selection.SERIES", {"fixed": Series("fixed", "", FIXED.stages[:1])})
    suite = replace(suite_named("tasklets"), clauses={"exactly-once": CLAUSES["exactly-once"]})
    monkeypatch.setattr("harness.cli.selection.suite_named", lambda name: suite)
    assert main(["run", "--no-perf", *QUICK, "--json", str(tmp_path / "out.json")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "bisectable: yes under tso: every stage keeps the contract"
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert (document["bisectable"], document["selected"]["whole"]) == (True, True)


def test_a_dash_is_stdout(harness: Harness, tmp_path: Path) -> None:
    """The document has stdout for itself, the tables go to stderr."""
    result = harness("run", "5", *SOME, "--json", "-")
    assert result.returncode == 0
    assert json.loads(result.stdout)["series"] == "fixed"
    assert result.stderr.startswith("series fixed · 2 clauses × 1 stage · ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("pair", [("out", "./out"), ("-", "-")])
def test_two_documents_need_two_files(harness: Harness, tmp_path: Path, pair: tuple[str, str]) -> None:
    """Exit code 2, one line, before any work."""
    result = harness("run", "--json", pair[0], "--junit", pair[1])
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"harness: --json and --junit name the same file, {pair[1]}; name two\n"
    assert list(tmp_path.iterdir()) == []


def test_stage_numbers_after_clauses(harness: Harness) -> None:
    """They are numbers of stages all the same."""
    lines = harness("run", "--check", "fifo", "exactly-once", "3", "--no-perf", *QUICK).stdout.splitlines()
    assert lines[0].startswith("series fixed · 2 clauses × 1 stage · ")
    assert lines[3].split()[0] == "3"


@pytest.mark.parametrize("option", ["--json", "--junit"])
@pytest.mark.parametrize("path", ["missing/out", "a_file/out", "a_directory", "/proc/out", ""])
def test_a_file_that_cannot_be_written_is_refused_first(harness: Harness, tmp_path: Path, option: str, path: str) -> None:
    """Exit code 2 and one line, before any work: nothing is printed, nothing is left behind."""
    (tmp_path / "a_file").touch()
    (tmp_path / "a_directory").mkdir()
    result = harness("run", option, path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"harness: cannot write {path}")
    assert result.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a_directory", "a_file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_directory_is_refused_first(harness: Harness, tmp_path: Path) -> None:
    """Exit code 2 and one line."""
    (tmp_path / "closed").mkdir(mode=0o500)
    result = harness("run", "--json", "closed/out.json")
    assert (result.returncode, result.stdout) == (2, "")
    assert "Permission denied" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["9"], "unknown stage 9: series fixed has 0 to 5"),
        (["x"], "argument STAGE: 'x' is not a whole number of at least 0; a series or a directory is named by --series"),
        (["--check", "nonsense"], "unknown clause 'nonsense': choose from exactly-once, "),
        (["--series", "nonsense"], "unknown series 'nonsense': choose one of fixed"),
        (["--tablefmt", "nonsense"], "unknown table format 'nonsense': choose one of "),
        (["--jobs", "0"], "argument --jobs: '0' is not a whole number of at least 1"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_wrong_usage(harness: Harness, arguments: list[str], said: str) -> None:
    """Exit code 2, and one line that says what is wrong."""
    result = harness("run", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("harness: ")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_no_races_is_reported_alone(harness: Harness) -> None:
    """All other clauses are searched for it; the table counts their programs, the contract has one clause."""
    quick = ("--seeds", "1", "--executions", "5", "--preemptions", "0", "--model", "sc")
    lines = harness("run", "0", "--check", "no-races", "--no-perf", *quick).stdout.splitlines()
    assert lines[0].startswith("series fixed · 1 clause × 1 stage · ")
    assert len(CLAUSES["no-races"].programs) < int(lines[3].split()[-1].partition("/")[2])
    assert any(line.startswith("kill-quiesces ") and line.endswith("exhausted within 0 preemptions") for line in lines)


def test_what_is_undecided_is_not_kept(harness: Harness, tmp_path: Path) -> None:
    """It accuses nobody: exit code 3, a line of its own, an error in the JSON, and nothing to replay."""
    tiny = ("--seeds", "1", "--executions", "1", "--preemptions", "0")
    result = harness("run", "5", "--check", "kill-quiesces", "--no-perf", *tiny, "--tablefmt", "tsv", "--json", "out.json")
    assert result.returncode == 3
    assert "0/1" in result.stdout
    lines = result.stdout.splitlines()
    assert any(line.startswith("undecided: stage 5: kill-quiesces (softirq") for line in lines)
    assert lines[-1] == "partial: 1 of 28 clauses, 1 of 6 stages, under tso: no violation found; undecided: stage 5"
    assert "bad" not in result.stdout
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    clause = document["stages"][0]["clauses"]["kill-quiesces"]
    assert (clause["verdict"], clause["complete"], clause["failures"][0]["replay"]) == ("error", False, "")
    assert (document["bisectable"], document["first_bad"], document["undecided"]) == (None, {}, True)
    assert clause["search"]["exhausted"] < clause["search"]["programs"]
    assert any(end.startswith("softirq, killed-while-scheduled: limit reached") for end in clause["search"]["open_ends"])


@pytest.mark.parametrize(
    ("words", "effort"),
    [
        ([], Effort()),
        (["--deep"], DEEP),
        (["--deep", "--preemptions", "1"], replace(DEEP, preemptions=1)),
        (["--executions", "7"], replace(Effort(), executions=7)),
    ],
    ids=["usual", "deep", "deep with a bound", "executions"],
)
def test_deep_raises_what_is_not_given(words: list[str], effort: Effort) -> None:
    """Numbers that are given count."""
    assert budget_of(parse(["run", *words]).request.budget).effort == effort
