"""`harness findings`, on a series of two stages of which the second one breaks something."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import main
from harness.explored.models import ARM, SC
from harness.suite.registry import suite_named
from harness.tasklets.contract import CLAUSES
from harness.verify import find_violations as findings
from harness.verify.checking import Budget
from harness.verify.deepening import Effort
from stages import FIXED
from stages.api import Series, Stage

BREAK = "\n\nTaskletSubsystem.tasklet_schedule = lambda self, t: None\n"
OTHER_BREAK = BREAK.replace("None", "self.hv.raise_softirq(0)")
TEXT = '[[finding]]\nclause = "exactly-once"\npatch = 1\nfailure = "assertion"\ntext = """It is\n  lost."""\n'


@pytest.fixture
def series(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the series `broken`, tested on two clauses with a small budget; return its directory."""
    directory = tmp_path / "broken"
    directory.mkdir()
    source = FIXED.stages[0].path.read_text(encoding="utf-8")
    stages = []
    for index, code in enumerate((source, source + BREAK)):
        path = directory / f"s{index}.py"
        path.write_text(code, encoding="utf-8")
        stages.append(Stage(index, f"tasklet: Patch {index}.", "", str(path.with_suffix(""))))
    monkeypatch.setattr("harness.cli.selection.SERIES", {"broken": Series("broken", "", tuple(stages))})
    monkeypatch.setattr("harness.cli.findings.BUDGET", Budget(timed_seeds=1, effort=Effort(executions=100, simplify=20)))
    small = replace(suite_named("tasklets"), clauses={name: CLAUSES[name] for name in ("exactly-once", "fifo")})
    monkeypatch.setattr(findings, "suite_named", lambda name: small)
    monkeypatch.setattr("harness.cli.findings.suite_named", lambda name: small)
    monkeypatch.setattr(findings, "STAGES", tmp_path)
    return directory


def run(*words: object) -> int:
    """Run `harness findings` on the series, in this process."""
    return main(["findings", "--series", "broken", *map(str, words)])


def test_what_is_found_is_written_with_its_text(series: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """First bad patch, kinds, text, the simplest counterexample as a table, and its replay string; what holds is listed."""
    (series / "findings.toml").write_text(TEXT, encoding="utf-8")
    assert run() == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "\n## exactly-once\n" in out
    assert "First bad patch: 1. Kinds: softirq, vcpu, irq-client." in out
    assert "\nIt is lost.\n" in out
    assert "of `scheduled-next-to-another` for the kind softirq" in out
    assert "```text\n" in out
    assert "\nassertion: " in out
    assert "harness replay h2/" in out
    assert "## Kept by every stage\n\nfifo.\n" in out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no text about exactly-once, patch 1, assertion"),
        (TEXT.replace("patch = 1", "patch = 0"), "has a text about exactly-once, patch 0, assertion, which is not what is found"),
        (TEXT.replace("assertion", "BUG"), "has a text about exactly-once, patch 1, BUG, which is not what is found"),
        (TEXT + TEXT.replace("exactly-once", "fifo"), "has a text about fifo, patch 1, assertion, which is not"),
    ],
    ids=["missing", "other patch", "other failure", "other clause"],
)
def test_a_text_that_does_not_fit_is_reported(series: Path, capsys: pytest.CaptureFixture[str], text: str, said: str) -> None:
    """Exit code 1, and the text is not printed where it does not belong."""
    (series / "findings.toml").write_text(text, encoding="utf-8")
    assert run() == 1
    out, err = capsys.readouterr()
    assert said in err
    assert ("It is lost." in out) == (text.startswith(TEXT))


def test_the_file_is_compared_with_a_fresh_run(series: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0 as long as nothing changes; 1 and one line when the stage, the text or the file has changed."""
    (series / "findings.toml").write_text(TEXT, encoding="utf-8")
    path = tmp_path / "FINDINGS.md"
    assert run("--output", path) == 0
    assert run("--check-against", path) == 0
    assert capsys.readouterr().out == f"{path}: a fresh run finds the same\n"
    stage = series / "s1.py"
    stage.write_text(stage.read_text(encoding="utf-8").replace(BREAK, OTHER_BREAK), encoding="utf-8")
    assert run("--check-against", path) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith(f"write it anew with: harness findings --series broken --output {path}\n")


def test_its_counterexamples_are_executed_again(series: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0 while each shows what is written; 1 and the replay string where the file, or the stage, has another one."""
    (series / "findings.toml").write_text(TEXT, encoding="utf-8")
    path = tmp_path / "FINDINGS.md"
    assert run("--output", path) == 0
    assert run("--replay", path) == 0
    assert "1 counterexample, executed again, show the same; whether a fresh run" in capsys.readouterr().out
    written = path.read_text(encoding="utf-8")
    path.write_text(written.replace("\nassertion: ", "\nassertion: not "), encoding="utf-8")
    assert run("--replay", path) == 1
    assert f"harness: {path} has another counterexample than this shows: harness replay h2/" in capsys.readouterr().err
    path.write_text(written, encoding="utf-8")
    stage = series / "s1.py"
    stage.write_text(stage.read_text(encoding="utf-8").replace(BREAK, OTHER_BREAK), encoding="utf-8")
    assert run("--replay", path) == 1


def test_which_memory_model_it_takes(series: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What fails on every machine is no matter of barriers."""
    monkeypatch.setattr("harness.cli.findings.MODELS", (SC, ARM))
    assert run("--by-model", "--executions", 3) == 0
    out, _ = capsys.readouterr()
    assert "**No, and nowhere else either.** After the last patch, " in out
    assert "tests fail on every machine; besides, none only on ARM.\nOn the baseline, none of " in out
    assert "## What fails only on ARM\n\nNothing.\n" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--output", "/proc/out"], "cannot write /proc/out"),
        (["--check-against", "/proc/missing"], "cannot read /proc/missing: No such file or directory"),
        (["--replay", __file__], "has no counterexamples with replay strings"),
        (["--jobs", "0"], "'0' is not a whole number of at least 1"),
        (["--by-model", "--model", "arm"], "--by-model tries sc, tso, arm: leave --model out"),
        (["--executions", "3"], "--executions goes with --by-model"),
    ],
)
def test_wrong_usage(series: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    """Exit code 2 and one line, before any work."""
    assert run(*words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("text", ["finding = 3", "nonsense", "[[finding]]\nclause = 1", "[[finding]]\ntext = 1"])
def test_a_damaged_file_of_texts(series: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    """Exit code 2 and one line."""
    (series / "findings.toml").write_text(text, encoding="utf-8")
    assert run() == 2
    assert "findings.toml is not a list of findings" in capsys.readouterr().err


def test_a_stage_that_cannot_be_tested(series: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and one line."""
    (series / "s1.py").write_text("1 / 0", encoding="utf-8")
    assert run() == 2
    assert "stage 1 cannot be tested: it does not import: ZeroDivisionError" in capsys.readouterr().err
