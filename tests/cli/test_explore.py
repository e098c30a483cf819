"""`harness explore` and `harness replay`: what they print, their exit codes, and that the output depends on nothing but the arguments."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import explore as explore_module
from harness.cli.main import main
from harness.search.replay_string import TIMED, Replay, encode, source_mark
from harness.sources.shipped import targets_of_series
from stages import FIXED
from tests.cli.invocation import PATIENCE, WAVERING, Harness, Terminal, last_replay

LOSE = "TaskletSubsystem.tasklet_schedule = lambda self, t: None"
# Nothing is wrong with this string but what it names.
GOOD = ("fixed", 5, "fifo", "softirq", "order-of-hypercall")


def string(*names: object, engine: str = "x5000") -> str:
    """An old replay string, which does not name its source, with a valid check."""
    text = "/".join(["h1", *map(str, names), engine])
    return f"{text}/{zlib.crc32(text.encode()) & 0xFFFF:04x}"


def rows(text: str) -> list[list[str]]:
    """The cells of the first table, in the format tsv."""
    table = text.partition("\n\n")[0]
    return [[cell.strip() for cell in line.split("\t")] for line in table.splitlines()]


def test_a_row_per_program_and_kind(harness: Harness) -> None:
    """The same bytes for any number of workers; rates are on stderr; exit code 0."""
    results = [harness("explore", "fifo", 5, "--tablefmt", "tsv", "--jobs", jobs) for jobs in (1, 3)]
    assert [result.returncode for result in results] == [0, 0]
    assert results[0].stdout == results[1].stdout
    header, *found = rows(results[0].stdout)
    assert header == ["program", "kind", "verdict", "executions", "blocked"]
    assert ["order-of-hypercall", "softirq", "exhausted", "1", "0"] in found
    assert {row[2] for row in found} == {"exhausted"}
    assert re.fullmatch(r"harness: \d+ executions in [\d.]+ s, \d+/s\n", results[0].stderr)


def test_several_memory_models_one_after_the_other(harness: Harness) -> None:
    """A table for each; the exit code is that of the worst, whatever comes after it."""
    where = ("visibility", "4", "--series", "posted", "--kind", "vcpu", "--program", "seen-by-the-next-run")
    result = harness("explore", *where, "--model", "arm,sc")
    assert result.returncode == 1
    assert re.findall(r"(?:^|\n\n)(under \w+) \(.*\):\n", result.stdout) == ["under sc", "under arm"]
    assert re.findall(r"^seen-by-the-next-run  +vcpu  +(exhausted|failed)\b", result.stdout, re.MULTILINE) == ["exhausted", "failed"]


def test_a_failure_under_the_first_model_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where all others pass."""
    monkeypatch.setattr(explore_module, "_under", lambda request, target, model, words: int(model == "sc"))
    assert main(["explore", "fifo", "1", "--model", "all"]) == 1


@pytest.mark.parametrize(
    ("options", "verdict", "code"),
    [
        (["--strategy", "optimal"], "exhausted", 0),
        (["--strategy", "source"], "exhausted", 0),
        (["--strategy", "dfs", "--executions", "30"], "limit reached: 30 executions", 1),
        (["--strategy", "bounded", "--preemptions", "0"], "exhausted within 0 preemptions", 0),
        (["--strategy", "pct", "--depth", "2", "--executions", "5"], "limit reached", 1),
        (["--strategy", "random", "--executions", "5"], "limit reached", 1),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_strategies(harness: Harness, options: list[str], verdict: str, code: int) -> None:
    """Each says how far it got; what was cut off, or only sampled, is no pass."""
    one = ("kill-quiesces", 5, "--program", "sent-and-killed", "--kind", "softirq", "--tablefmt", "tsv")
    result = harness("explore", *one, *options)
    assert rows(result.stdout)[1][:3] == ["sent-and-killed", "softirq", verdict]
    assert result.returncode == code


def test_time_ends_a_search(harness: Harness) -> None:
    """It says so."""
    options = ("--program", "microcode-three-cpus", "--strategy", "dfs", "--time", "1", "--tablefmt", "tsv")
    result = harness("explore", "clients", 5, *options)
    assert rows(result.stdout)[1][2] == "limit reached: the time is up"
    assert result.returncode == 1


def test_a_failure_is_shown_and_replayed(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """The counterexample says what it is one of, and has a column per CPU; its replay string gives the same text, byte for byte."""
    path = stage_file(LOSE)
    result = harness("explore", "exactly-once", path, "--program", "scheduled-often", "--kind", "vcpu")
    assert result.returncode == 1
    replay = last_replay(result.stdout)
    first, second = (harness("replay", replay, path) for _ in range(2))
    assert (first.returncode, first.stderr) == (1, "")
    assert first.stdout == second.stdout
    assert first.stdout in result.stdout
    lines = first.stdout.splitlines()
    assert lines[0] == str(path)
    assert lines[1].startswith("clause exactly-once: ")
    assert ["CPU0", "CPU1"] in [line.split() for line in lines]
    assert lines[-1].startswith("assertion: ")
    narrow = harness("explore", "exactly-once", path, "--program", "scheduled-often", "--kind", "vcpu", "--width", 60, "--color", "always")
    assert "\033[1;31massertion: " in narrow.stdout
    *shown, command = re.sub("\033\\[[0-9;]*m", "", narrow.stdout).splitlines()[4:]
    assert command == f"  harness replay {replay} {path}"
    assert max(map(len, shown)) <= 60


def test_a_wait_that_never_relaxes_is_replayed(harness: Harness, tmp_path: Path) -> None:
    """A search finds out where the stage waits without saying so; a replay, which begins without that, as well."""
    path = tmp_path / "tasklet.py"
    source = FIXED.stages[-1].path.read_text(encoding="utf-8")
    for old, new in (
        ("            hv.cpu_relax()\n            state", "            state"),
        ("state & DEAD) == state:\n                return", "state & DEAD | RUN) == state:\n                return"),
    ):
        assert source.count(old) == 1
        source = source.replace(old, new)
    path.write_text(source, encoding="utf-8")
    found = harness("explore", "kill-returns", path, "--program", "kill-running", "--kind", "vcpu")
    again = harness("replay", last_replay(found.stdout), path)
    assert (found.returncode, again.returncode, again.stderr) == (1, 1, "")
    assert again.stdout in found.stdout
    assert again.stdout.splitlines()[-1].startswith("no progress: ")


def test_races_are_explored_as_such(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """Under `no-races` only a race fails: here every schedule is lost, and that is another clause's business."""
    plain = "TaskletSubsystem.tasklet_schedule_on_cpu = lambda self, t, cpu: setattr(t, 'is_softirq', True)"
    one = ("--program", "sent-and-scheduled", "--kind", "softirq", "--tablefmt", "tsv")
    racy = harness("explore", "no-races", stage_file(plain), *one)
    assert rows(racy.stdout)[1][2] == "failed"
    assert "data race: " in racy.stdout
    again = harness("replay", last_replay(racy.stdout), stage_file(plain))
    assert again.returncode == 1
    assert again.stdout.splitlines()[-1].startswith("data race: ")
    assert harness("explore", "no-races", stage_file(LOSE, name="lost.py"), *one).returncode == 0


def test_an_interrupt_shows_what_was_found(tmp_path: Path) -> None:
    """Ctrl-C: exit code 130, the table with what was done by then, live figures on the terminal before."""
    ours, theirs = pty.openpty()
    words = ["explore", "clients", "5", "--kind", "softirq", "--strategy", "dfs", "--tablefmt", "tsv", "--jobs", "1"]
    command = [sys.executable, "-m", "harness", *words]
    terminal_of = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    process = subprocess.Popen(command, cwd=tmp_path, env=terminal_of, stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    terminal = Terminal(ours)
    figures = re.compile(r"programs, [1-9]\d* executions, \d+/s, about \d+ in all for \d programs")
    terminal.read_until(figures.search)
    process.send_signal(signal.SIGINT)
    seen = terminal.read_until()
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert seen.splitlines()[-1].endswith("harness: interrupted; what was found by then is in the table")
    verdicts = [(row[2], int(row[3])) for row in rows(out)[1:]]
    assert any(verdict == "was interrupted" and executions > 0 for verdict, executions in verdicts)
    assert verdicts[-1] == ("not tried", 0)


def test_a_stage_that_does_not_come_back(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """Its row says so, and so does a replay."""
    path = stage_file("def loop(self, t):\n while True: pass\nTaskletSubsystem.tasklet_schedule = loop")
    result = harness("explore", "exactly-once", path, "--program", "scheduled-once", "--kind", "softirq", "--tablefmt", "tsv")
    assert result.returncode == 1
    assert rows(result.stdout)[1][2].startswith("does not come back")
    again = harness("replay", string("-", 0, "exactly-once", "softirq", "scheduled-once"), path)
    assert again.returncode == 1
    assert "does not come back" in again.stdout


def test_a_replay_that_finds_nothing(harness: Harness) -> None:
    """Exit code 0; explored and timed."""
    source = source_mark(targets_of_series(FIXED)[5].content_hash)
    for engine in ({"max_steps": 5000}, {"engine": TIMED, "seed": 3}):
        replay = Replay(*GOOD, **engine, source=source)  # type: ignore[arg-type]
        result = harness("replay", encode(replay))
        assert (result.returncode, result.stderr) == (0, "")
        assert "recorded on" not in result.stdout
        assert result.stdout.endswith("nothing is wrong\n")


OTHER = [("", "recorded on unknown source: "), ("0123456789", "recorded on other source: of 0123456789…")]


@pytest.mark.parametrize(("source", "said"), OTHER)
def test_a_replay_on_other_source_says_so_first(harness: Harness, source: str, said: str) -> None:
    """That nothing is wrong never stands alone then."""
    result = harness("replay", encode(Replay(*GOOD, max_steps=5000, source=source)))  # type: ignore[arg-type]
    assert result.returncode == 0
    assert result.stdout.startswith(said)
    assert result.stdout.endswith("nothing is wrong\nthis says nothing about the source that the execution was recorded on\n")


def test_what_a_stage_prints_is_shown(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """On stderr, after the run, each line with the stage before it; in a replay once."""
    path = stage_file("def talk(self, t):\n print('scheduling')\n print('it')\nTaskletSubsystem.tasklet_schedule = talk")
    result = harness("explore", "exactly-once", path, "--program", "scheduled-once", "--kind", "softirq")
    assert f"{path}: scheduling\n{path}: it\n" in result.stderr
    assert "scheduling" not in result.stdout
    again = harness("replay", last_replay(result.stdout), path)
    assert again.stderr == f"{path}: scheduling\n{path}: it\n"


def test_a_stage_that_is_not_deterministic_is_called_that(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """In the table too."""
    result = harness("explore", "exactly-once", stage_file(WAVERING), "--kind", "softirq", "--tablefmt", "tsv")
    assert result.returncode == 1
    assert "not deterministic" in {row[2].partition(":")[0] for row in rows(result.stdout)[1:]}
    assert "diverged" not in result.stdout


def test_a_replay_of_a_failure_in_virtual_time(harness: Harness) -> None:
    """Every operation with its time, the reason last, and the same bytes each time; exit code 1."""
    text = string("posted", 4, "no-lost-schedule", "vcpu", "by-itself", engine="t0")
    result = harness("replay", text)
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert lines[0].startswith("recorded on unknown source: ")
    assert lines[1] == "series posted, stage 4, patch 4: Introduce per-cpu tasklet for schedule tasklet"
    assert any(line.split()[:1] == ["cycles"] for line in lines)
    assert len(lines) > 20
    assert lines[-1].startswith("assertion: ")
    assert harness("replay", text).stdout == result.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a replay string starts with h2/"),
        (string(*GOOD)[:-1] + "x", "damaged"),
        ("/".join(string(*GOOD).split("/")[:-1]), "not complete"),
        (string("nonsense", *GOOD[1:]), "unknown series 'nonsense'"),
        (string("fixed", 9, *GOOD[2:]), "unknown stage 9"),
        (string("fixed", 5, "nonsense", *GOOD[3:]), "unknown clause 'nonsense'"),
        (string(*GOOD[:3], "nonsense", GOOD[4]), "makes no sense for kind 'nonsense'"),
        (string(*GOOD[:4], "nonsense"), "clause fifo has no program 'nonsense'"),
        (string("-", 0, *GOOD[2:]), "name the file too"),
    ],
)
def test_a_replay_string_that_cannot_be_used(harness: Harness, text: str, said: str) -> None:
    """Exit code 2, and one line that says what is wrong."""
    result = harness("replay", text)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("harness: ")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense", "5"], "unknown clause 'nonsense'"),
        (["fifo", "9"], "unknown stage 9"),
        (["fifo", "missing.py"], "missing.py cannot be tested: it is missing"),
        (["fifo", "5", "--kind", "nonsense"], "no clause is tested for kind 'nonsense'"),
        (["fifo", "5", "--program", "nonsense"], "clause fifo has no program 'nonsense': choose from order-of-hypercall, "),
        (["fifo", "5", "--program", "order-while-fed", "--kind", "irq-client"], "makes no sense for kind 'irq-client'"),
        (["fifo", "5", "--strategy", "nonsense"], "invalid choice: 'nonsense'"),
        (["fifo", "5", "--suggest-barriers"], "under sc no barrier is missing: --suggest-barriers goes with --model tso, pso, arm"),
        (
            ["fifo", "5", "--suggest-barriers", "--model", "arm", "--core", "2014"],
            "--suggest-barriers looks in the stage's lines, and not in the core's: leave --core 2014 out",
        ),
        (
            ["fifo", "5", "--suggest-barriers", "--model", "all", "--core", "2014"],
            "--suggest-barriers looks in the stage's lines, and not in the core's: leave --core 2014 out",
        ),
        (["fifo", "5", "--perfetto", "f", "--model", "sc,tso"], "--perfetto writes one execution: name one memory model"),
        (["fifo", "5", "--model", "sc,x86"], "unknown memory model 'x86': choose from sc, tso, pso, arm, all"),
        (["fifo", "5", "--time", "0"], "'0' is not a whole number of at least 1"),
        (["fifo", "5", "--series", "nonsense"], "unknown series 'nonsense'"),
    ],
)
def test_wrong_usage(harness: Harness, arguments: list[str], said: str) -> None:
    """Exit code 2, and one line."""
    result = harness("explore", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["4", "kill-returns"], "explore takes the clause first, then the stage: `harness explore kill-returns 4`"),
        (["stage.py", "fifo"], "explore takes the clause first, then the stage: `harness explore fifo stage.py`"),
        (["fifo", "posted"], "explore searches one stage, and posted is a series: name a number, and --series posted"),
        (["4", "./fifo"], "unknown clause '4'"),
        (["4", "stage.py"], "unknown clause '4'"),
        (["4", "5"], "unknown clause '4'"),
        (["nonsense", "fifo"], "unknown clause 'nonsense'"),
    ],
)
def test_words_in_the_wrong_order(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line has the right order, or says how a stage of a series is named; of what can be no clause, it says that."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stage.py").touch()
    assert main(["explore", *words]) == 2
    said_on_stderr = capsys.readouterr().err
    assert said_on_stderr.startswith(f"harness: {said}")
    assert said_on_stderr.count("\n") == 1
