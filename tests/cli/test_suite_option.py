"""`--suite FILE`: the same verdicts wherever a suite is named, and exit code 2 (of `check` 128), never 1, where the suite is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from harness.cli.arguments import parse
from harness.cli.main import main
from harness.cli.run import RunRequest
from harness.cli.series_source import sourced
from harness.jobs.deciding_code import DecidingCode, package_of
from harness.suite.own_suite import place_of
from harness.suite.registry import suite_named
from tests.cli.invocation import Harness
from tests.sources.repositories import Repository
from tests.suite.own_suites import STAGE, small

CRASHES = "def step(hv):\n    return [][hv.smp_processor_id()]\n"


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory to be in, with a stage that is good and one that is bad."""
    (tmp_path / "good.py").write_text(STAGE)
    (tmp_path / "bad.py").write_text(CRASHES)
    (tmp_path / "steps_suite.py").write_text(small())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """`harness check` with the suite: exit code, and what it prints."""
    code = main(["check", *words, "--jobs", "1", "--seeds", "1", "--executions", "50"])
    return code, *capsys.readouterr()


def test_stages_are_checked_with_it(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An exception in a line of the stage is the stage's, whoever has called it."""
    assert checked(capsys, "good.py", "--suite", "steps_suite.py")[0] == 0
    code, _, err = checked(capsys, "bad.py", "--suite", "./steps_suite.py")
    said = "bad.py cannot be tested: it raises IndexError in nearly every program: list index out of range, line 2"
    assert (code, err) == (125, f"harness: {said}\n")


def test_without_loads_nothing_is_measured(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No stage is said to have stopped that, without `--no-perf` too."""
    (written / "stages").mkdir()
    (written / "good.py").rename(written / "stages" / "0.py")
    words = ("--suite", "steps_suite.py", "--jobs", "1", "--seeds", "1", "--executions", "50")
    assert main(["run", "--series", "stages", *words]) == 0
    assert "performance" not in capsys.readouterr().out


def test_mistakes_are_nobodys_verdict(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a program, while the stage runs, and in what the suite asks of a module: a line each, and the exit code of wrong input."""
    wrong = {
        "b.cpu(0, lambda: len())": "suite s.py:15: TypeError: len() takes exactly one argument (0 given)",
        "return nothing": "suite s.py:15: NameError: name 'nothing' is not defined",
        "b.afterwards(lambda: [][1])": "suite s.py:15: IndexError: list index out of range",
    }
    for body, said in wrong.items():
        (written / "s.py").write_text(small(body))
        code, _, err = checked(capsys, "good.py", "--suite", "s.py")
        assert (code, err) == (128, f"harness: {said}\n")
    (written / "s.py").write_text(small(more=", lacks=lambda module: module.step.at.all"))
    code, _, err = checked(capsys, "good.py", "--suite", "s.py")
    assert (code, err) == (128, "harness: suite s.py:17: AttributeError: 'function' object has no attribute 'at'\n")
    assert main(["list", "--suite", "gone.py"]) == 2


def test_what_a_stage_lacks_is_no_mistake_of_the_suite(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """While the stage is set up or runs, and in `lacks`: such a stage cannot be tested, and the line of the suite is named."""
    step, nothing = "does not take what suite s.py:15 passes to 'step' (TypeError: ", "has no 'nothing', which suite s.py:17 asks for ("
    wanted = {
        small("b.cpu(0, lambda: b.module.step())"): f"{step}step() missing 1 required positional argument: 'hv'): the stage has other ",
        small("b.install(b.module.stop)"): "has no 'stop', which suite s.py:15 asks for (AttributeError: module 'stage_under_test' has no ",
        small(more=", lacks=lambda module: module.nothing.at.all"): nothing,
    }
    for text, said in wanted.items():
        (written / "s.py").write_text(text)
        code, _, err = checked(capsys, "good.py", "--suite", "s.py")
        assert (code, err.count("\n")) == (125, 1)
        assert err.startswith(f"harness: good.py cannot be tested: it {said}")


def test_a_name_that_no_stage_has_is_said_to_be_the_suites(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the end of what is printed about several stages, and of no single one; nobody is accused."""
    (written / "s.py").write_text(small("b.cpu(0, lambda: b.module.stepp(b.hv))"))
    run = ["run", "--series", ".", "--suite", "s.py", "--no-perf", "--seeds", "1"]
    said = "no stage has 'stepp', which suite s.py:15 asks for: most likely the suite's name is wrong"
    assert main(run) == 3
    *_, before, blank, sentence = capsys.readouterr().out.splitlines()
    assert (before, blank, sentence.partition(":")[0]) == (said, "", "bisectable")
    assert main(["run", "0", *run[1:]]) == 3
    out = capsys.readouterr().out
    assert "is 'step' meant?" in out
    assert "no stage" not in out
    assert main([*run[:5], "--seeds", "1", "--search", "binary"]) == 3
    assert f"\n\n{said}\n\npartial: " in capsys.readouterr().out
    assert main(["bisect", "--suite", "s.py", "--check", "steps", "."]) == 3
    assert f"\n\n{said}\n\nsteps (" in capsys.readouterr().out


def test_a_run_knows_what_it_was_tested_with(written: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite's own name is in the results, and no path; outcomes are kept until the suite changes."""
    words = ("run", "--series", ".", "--suite", "steps_suite.py", "--no-perf", "--seeds", "1", "--json", "out.json")
    (written / "series.toml").write_text('[[stage]]\nfiles = ["good.py"]\n')
    monkeypatch.setenv("HARNESS_CACHE_DIR", str(written / "cache"))
    first, second = harness(*words), harness(*words)
    text = (written / "out.json").read_text()
    (written / "steps_suite.py").write_text(small(extra="x = 1"))
    third = harness(*words)
    assert [done.returncode for done in (first, second, third)] == [0, 0, 0]
    assert (json.loads(text)["suite"], str(written) in text) == ("steps", False)
    assert ["cache" in done.stderr for done in (first, second, third)] == [False, True, False]


def test_all_that_decides_is_in_its_name(written: Path) -> None:
    """Another content is another suite to the cache, and its module is its own code."""
    before = suite_named("steps_suite.py").found_as
    assert DecidingCode(before).package == package_of(before) != ""
    (written / "steps_suite.py").write_text(small(extra="x = 2"))
    assert suite_named("steps_suite.py").found_as != before


def test_a_repository_names_its_suite(written: Path) -> None:
    """In `harness.toml`, from the top of the work tree, wherever one is; a bare repository has none."""
    repo = Repository(written / "repo")
    repo.commit("base", stage=STAGE.encode())
    repo.commit("one", stage=(STAGE + "# more\n").encode())
    top = written / "repo"
    (top / "harness.toml").write_text('files = ["stage.py"]\nsuite = "tests/mine.py"\n')
    (top / "tests").mkdir()
    (top / "tests" / "mine.py").write_text(small())
    request: RunRequest = parse(["run", "--range", "main~1..main", "--repo", str(top)]).request
    assert place_of(sourced(request.source).series.suite) == str(top / "tests" / "mine.py")
    assert place_of(sourced(request.source, str(written / "steps_suite.py")).series.suite) == str(written / "steps_suite.py")


def test_a_file_is_of_the_suite_of_its_repository(
    written: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever command is given it; a stage that ships is of another one, and the two are not compared."""
    top = Repository(written / "repo").directory
    (top / "harness.toml").write_text('suite = "mine.py"\n')
    (top / "mine.py").write_text(small('b.cpu(0, lambda: b.expect(b.module.step(b.hv), "no step"))'))
    (top / "stage.py").write_text(STAGE)
    monkeypatch.chdir(top)
    assert main(["explore", "steps", "stage.py", "--jobs", "1", "--tablefmt", "tsv"]) == 1
    (string,) = re.findall(r"h2/\S+", capsys.readouterr().out)
    assert main(["replay", string, "stage.py"]) == 1
    assert "no step" in capsys.readouterr().out
    assert main(["diff", "5", "stage.py"]) == 2
    said = "the stages have suites of their own (stage 5: tasklets and stage.py: steps): name one with --suite"
    assert capsys.readouterr().err == f"harness: {said}\n"
    (top / "harness.toml").write_text('suite = "gone.py"\n')
    assert main(["replay", string, "stage.py", "--suite", "mine.py"]) == 1
    capsys.readouterr()
    (top / "harness.toml").write_text('suite = "litmus"\n')
    assert main(["replay", string, "stage.py"]) == 2
    assert capsys.readouterr().err == "harness: suite litmus has no stages: name one that has\n"


def test_every_command_takes_one() -> None:
    """Those that test or measure something."""
    commands = ("run", "check a.py", "explore steps a.py", "diff 0 1", "replay h2", "bisect", "compare a b", "list", "perf")
    for command in commands:
        assert parse([*command.split(), "--suite", "s.py"]).request.suite == "s.py"
