"""A stage that lacks something is tested for the clauses that do without it, and has no verdict for the others, in every command."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.cli.main import main
from tests.sources.repositories import Repository
from tests.suite.own_suites import CALL, HIDDEN_CALL, HOP, NO_STEP, SEVERAL, STEP

LITTLE = ("--seeds", "1", "--executions", "50", "--model", "sc")
NO_HOP = "has no 'hop', which suite several_suite.py:19 asks for (AttributeError: module 'stage_under_test' has no attribute 'hop')"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory to be in, with the suite."""
    (tmp_path / "several_suite.py").write_text(SEVERAL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(place: Path, capsys: pytest.CaptureFixture[str], stage: str, *more: str) -> tuple[int, str, str]:
    """`harness check` of a stage: exit code, and what it prints."""
    (place / "stage.py").write_text(stage, encoding="utf-8")
    code = main(["check", "stage.py", "--suite", "several_suite.py", "--jobs", "1", *LITTLE, *more])
    return code, *capsys.readouterr()


def test_a_stage_that_lacks_something_and_violates_another_clause(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is bad, and what it could not be tested for is said; a clause of which a part asks is. The execution can be seen again."""
    code, out, err = checked(place, capsys, NO_STEP + CALL)
    assert (code, err) == (1, "")
    assert "stage.py: bad · 1 of 5 clauses violated" in out
    assert f"cannot be tested for hops, both, calls, no-races: it {NO_HOP}" in out
    replay = re.search(r"h2/\S+", out)
    assert replay is not None
    assert main(["replay", replay[0], "stage.py", "--suite", "several_suite.py"]) == 1
    assert "no step" in capsys.readouterr().out


def test_a_stage_that_lacks_something_and_violates_nothing(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is never good."""
    code, out, err = checked(place, capsys, STEP + CALL)
    assert (code, out) == (125, "")
    assert err.startswith(f"harness: stage.py cannot be tested for hops, both, calls, no-races: it {NO_HOP}: ")


def test_a_stage_that_lacks_something_and_violates_what_is_accepted(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it lacks is the reason why it has no verdict, and not what is accepted."""
    accepted = "".join(f'[[accepted]]\nclause = "{clause}"\nkinds = ["any"]\npatch = 1\nwhy = "meant"\n' for clause in ("steps", "both"))
    (place / "accepted.toml").write_text(accepted, encoding="utf-8")
    code, out, err = checked(place, capsys, NO_STEP + CALL, "--accept", "accepted.toml")
    assert (code, out) == (125, "")
    assert err.startswith(f"harness: stage.py cannot be tested for hops, both, calls, no-races: it {NO_HOP}: ")


def test_a_stage_that_lacks_several_things(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each has a line: what none of them names is kept."""
    code, out, err = checked(place, capsys, CALL)
    assert (code, out) == (125, "")
    said = [re.match(r"harness: stage.py cannot be tested for (.*?): it has no '(\w+)'", line) for line in err.splitlines()]
    assert [line and line.groups() for line in said] == [("steps, both, no-races", "step"), ("hops, calls", "hop")]


def test_where_an_exception_is_handled_no_verdict_counts(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The clause `calls` seems to be violated: the stage has caught what says that it has no hop. With a hop, it does not."""
    code, out, err = checked(place, capsys, NO_STEP + HIDDEN_CALL)
    assert (code, out) == (125, "")
    assert f"cannot be tested: it {NO_HOP}" in err
    assert err.endswith("; stage.py:5 may hide that it is asked for, so no verdict counts\n")
    code, out, _ = checked(place, capsys, NO_STEP + HOP + HIDDEN_CALL)
    assert (code, "2 of 5 clauses violated" in out) == (1, True), out


STAGES = (STEP + HOP + CALL, STEP + CALL, NO_STEP + CALL, NO_STEP + HOP + CALL, STEP + HOP + CALL)
SAID = (
    "patch 2 breaks steps; patch 3 or before breaks both; patch 4 mends steps, both; untestable in part: stages 1–2",
    f"stages 1–2 cannot be tested for hops, both, calls, no-races: each of them {NO_HOP}: ",
)


@pytest.fixture
def commits(place: Path) -> Repository:
    """The stages as commits: one takes a function away, the next one breaks something else, and then both are mended."""
    repository = Repository(place / "repo")
    for number, text in enumerate(STAGES):
        repository.commit(f"Commit {number}.", stage=text)
    return repository


def test_commits_that_lack_something(commits: Repository, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each patch answers for what was tested on both sides of it: none for a clause that cannot be tested, nor does any mend that."""
    where = ("--repo", "repo", "--file", "stage.py", "--suite", "several_suite.py")
    run = ["run", "--range", "main~4..main", *where, "--no-perf", "--junit", "out.xml", "--markdown", "out.md", *LITTLE]
    assert main(run) == 1
    out, _ = capsys.readouterr()
    assert "no stage" not in out
    for said in SAID:
        assert said in out
    assert SAID[0] in (place / "out.md").read_text(encoding="utf-8").replace("\\", "")
    tags = [
        [case[0].tag if len(case) else "" for case in suite.iter("testcase")]
        for suite in ElementTree.parse(place / "out.xml").getroot().iter("testsuite")
    ]
    assert tags[1:4] == [["", *["error"] * 4], ["failure", *["error"] * 4], ["failure", "", "failure", "", ""]]
    for clause, code, sentence in (
        ("steps", 0, "patch 2 breaks it: stage 1 keeps it and stage 2 violates it"),
        ("both", 1, "one of patches 1, 2, 3 breaks it: stage 0 keeps it and stage 3 violates it"),
    ):
        assert main(["bisect", "main~4..main~1", *where, "--check", clause, *LITTLE]) == code
        assert f"{clause} (any): {sentence}" in capsys.readouterr().out
