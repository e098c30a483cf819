"""A command is answered by what an earlier one has found out, with the same bytes, and says how much of it."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cache_place import VARIABLE
from harness.cli import selection
from harness.cli.main import main
from harness.jobs import driving
from harness.jobs.outcome_store import NAME
from harness.jobs.server_link import end_idle_servers
from harness.sources import shipped
from stages import FIXED
from tests.cli.invocation import without_progress
from tests.sources.repositories import made_posted

# Some clauses, kept and broken, under a model that has a look at sequential consistency after it.
RUN = ("run", "--series", "posted", "--check", "no-lost-schedule", "--seeds", "1", "--no-perf")
SMALL_RUN = ("run", "--check", "exactly-once", "--seeds", "1", "--no-perf")
CHECK = ("check", "tasklet.py", "--check", "exactly-once", "--seeds", "1")
BROKEN = "TaskletSubsystem.tasklet_schedule = lambda self, t: None"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own, and workers that have loaded nothing of an earlier test: of what those find out, nothing is kept."""
    end_idle_servers()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / NAME


def no_processes(workers: int, modules: object) -> object:
    """In the place of what executes stages."""
    raise AssertionError("a process is started")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """What a command ends with and says."""
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, without_progress(err)


def test_the_second_run_executes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes on stdout and in the files, and one line more on stderr; a stage more is all that is tested when there is one."""
    first = said(capsys, *RUN, "4", "--json", "first.json", "--junit", "first.xml")
    assert (first[0], first[2]) == (1, "")
    # One stage more: of the other one, all is known.
    code, _, err = said(capsys, *RUN, "3", "4")
    found, wanted = map(int, err.split()[1:4:2])
    assert code == 1
    assert err == f"harness: {found} of {wanted} outcomes came from the cache\n"
    # Each is loaded, and tested for three kinds; what is violated with store buffers is tried without them.
    assert wanted == 2 * found == 10
    # What JUnit shows of failures is executed again, and nothing else.
    code, out, _ = said(capsys, *RUN, "4", "--junit", "second.xml")
    assert (code, out) == first[:2]
    monkeypatch.setattr(driving, "Processes", no_processes)
    code, out, err = said(capsys, *RUN, "4", "--json", "second.json")
    assert (code, out) == first[:2]
    assert err == f"harness: {found} of {found} outcomes came from the cache\n"
    for kind in ("json", "xml"):
        assert (tmp_path / f"second.{kind}").read_bytes() == (tmp_path / f"first.{kind}").read_bytes()
    # Whoever wants to have it executed says so.
    code, _, err = said(capsys, *RUN, "4", "--no-cache")
    assert code == 2
    assert "a process is started" in err


def test_damage_is_found_and_said(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An entry that was changed is found out anew, with the same verdict. A file that was cut off is not used."""
    first = said(capsys, *SMALL_RUN, "4")
    with sqlite3.connect(cache) as table:
        table.execute("UPDATE outcomes SET value = substr(value, 1, 40) WHERE rowid = (SELECT max(rowid) FROM outcomes)")
    code, out, err = said(capsys, *SMALL_RUN, "4")
    assert (code, out) == first[:2]
    assert err.endswith("outcomes came from the cache; 1 in the cache was damaged: found out anew\n")
    cache.write_bytes(b"no table")
    code, out, err = said(capsys, *SMALL_RUN, "4")
    assert (code, out) == first[:2]
    assert err == f"harness: the cache in {cache} cannot be used: file is not a database; this run goes on without it\n"


def test_check_perf_and_diff(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """They are answered, too; a file that says something else is not, and what reads another file never is."""
    source = FIXED.stages[-1].path.read_text(encoding="utf-8")
    stage = tmp_path / "tasklet.py"
    stage.write_text(source, encoding="utf-8")
    commands = (CHECK, ("perf", "5", "--set", "length_us=200", "--runs", "2"), ("diff", "4", "5"))
    first = [said(capsys, *words) for words in commands]
    # (The file has the content of the last stage, which need not be loaded once more for `diff`.)
    assert [(code, err) for code, _, err in first] == [(0, ""), (0, ""), (0, "harness: 1 of 4 outcomes came from the cache\n")]
    with monkeypatch.context() as patch:
        patch.setattr(driving, "Processes", no_processes)
        again = [said(capsys, *words) for words in commands]
    assert [each[:2] for each in again] == [each[:2] for each in first]
    assert all(" came from the cache\n" in err for _, _, err in again)
    stage.write_text(f"{source}\n{BROKEN}\n", encoding="utf-8")
    code, out, err = said(capsys, *CHECK)
    assert (code, err) == (1, ""), out


def test_a_file_beside_a_stage_decides_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The stage is the same, and what it imports is not: it is tested anew."""
    source = FIXED.stages[-1].path.read_text(encoding="utf-8")
    stage = tmp_path / "tasklet.py"
    stage.write_text(f"{source}\nimport beside\nif not beside.WORKS:\n    {BROKEN}\n", encoding="utf-8")
    for works in (True, False):
        (tmp_path / "beside.py").write_text(f"WORKS = {works}\n", encoding="utf-8")
        # (By its full name: workers of an earlier test were started elsewhere.)
        code, out, err = said(capsys, "check", str(stage), *CHECK[2:])
        assert (code, err) == (not works, ""), out


def test_a_range_of_the_patches_that_ship(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the same content in a repository, all is known under the name that it has there; as if it were executed there."""
    made_posted(tmp_path / "repo")
    words = ("run", "--check", "before-init", "--seeds", "1", "--executions", "200", "--no-perf")
    there = ("--range", "stage-3..stage-4", "--file", "src/tasklet.py", "--repo", "repo")
    assert said(capsys, *words, "--series", "posted", "3", "4", "--json", "shipped.json")[0] == 1
    fresh = said(capsys, *words, *there, "--json", "fresh.json", "--no-cache")
    monkeypatch.setattr(driving, "Processes", no_processes)
    known = said(capsys, *words, *there, "--json", "known.json")
    assert known[:2] == fresh[:2]
    found, wanted = map(int, known[2].split()[1:4:2])
    assert found == wanted > 0
    assert (tmp_path / "known.json").read_bytes() == (tmp_path / "fresh.json").read_bytes()
    texts = [(tmp_path / f"{name}.json").read_text(encoding="utf-8") for name in ("shipped", "known")]
    assert [set(re.findall(r"[\w-]+\.py(?=:\d)", text)) for text in texts] == [{"s4_percpu_schedule.py"}, {"tasklet.py"}]


@pytest.mark.parametrize("see", ["__file__", "Tasklet.__init__.__code__.co_filename"])
def test_a_stage_that_judges_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str], see: str) -> None:
    """What is known of one name is not told of another one where that would be wrong."""
    source = FIXED.stages[-1].path.read_text(encoding="utf-8")
    for name in ("good", "bad"):
        (tmp_path / f"{name}.py").write_text(f"{source}\nif 'bad' in {see}.rpartition('/')[2]:\n    {BROKEN}\n", encoding="utf-8")
    asked = {name: ("check", f"{name}.py", *CHECK[2:]) for name in ("good", "bad")}
    verdicts = {name: [said(capsys, *words)[0], said(capsys, *words, "--no-cache")[0]] for name, words in asked.items()}
    # Who looks for it in a way that nobody expects is executed under neither name.
    assert verdicts == {"good": [0, 0], "bad": [1, 1] if see == "__file__" else [0, 0]}


def test_a_patch_that_changes_no_code(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """That is said; it is tested all the same, since the places in what is found move."""
    source = FIXED.stages[-1].path.read_text(encoding="utf-8")
    texts = (source, f"# A comment.\n{source}", f"# A comment.\n{source}\nx = 1\n")
    targets = [
        replace(target, source=text.encode()) for target, text in zip(selection.stages_numbered(FIXED, (3, 4, 5)), texts, strict=True)
    ]
    monkeypatch.setattr(shipped, "targets_of_series", lambda series, native: targets)
    for _ in range(2):
        code, out, _ = said(capsys, *SMALL_RUN, "3", "4", "5")
        assert code == 0
        assert "\npatch 4 changes no code\n" in out
        assert "patch 5 changes" not in out
