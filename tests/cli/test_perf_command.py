"""`harness perf` as a user runs it: loads, questions, files, and what is refused in one line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli.arguments import parse
from harness.cli.exit_codes import UsageError
from harness.measure.figures import figures_of
from harness.tasklets.loads.scenarios import LOADS
from tests.cli.invocation import Harness

SHORT = ("--runs", 2, "--set", "length_us=600", "--set", "warmup_us=200")


@pytest.mark.parametrize("scenario", LOADS)
def test_scenarios(harness: Harness, scenario: str) -> None:
    """Each runs, with a row per stage asked for."""
    result = harness("perf", 0, 5, "--scenario", scenario, *SHORT)
    assert (result.returncode, result.stderr) == (0, "")
    assert [line.split()[0] for line in result.stdout.splitlines()[2:4]] == ["0", "5"]
    assert "tasklets/s" in result.stdout


def test_list(harness: Harness) -> None:
    """Every scenario with its parameters, their units and reasons."""
    result = harness("perf", "--list")
    assert result.returncode == 0
    assert all(name in result.stdout for name in (*LOADS, "lock-ladder", "device_hz", "1/s"))


def test_profile(harness: Harness) -> None:
    """The lock's counts and times, and the vCPUs' runstates."""
    result = harness("perf", 0, "--profile", *SHORT)
    assert "lock count    lock time µs    block count    block time µs" in result.stdout
    assert "tasklet_lock" in result.stdout
    assert "idle0v0" in result.stdout


def test_sweep_and_its_files(harness: Harness, tmp_path: Path) -> None:
    """Every combination in the table, the CSV file and the JSON file, which has the resolved configuration; twice the same bytes."""
    pytest.importorskip("matplotlib")
    sweep = ("perf", 0, 1, "--sweep", "sockets=4,8", "--sweep", "lock=ttas,mcs", *SHORT)
    files = {kind: [f"{number}.{kind}" for number in (1, 2)] for kind in ("csv", "json", "svg")}
    for number in range(2):
        result = harness(*sweep, "--csv", files["csv"][number], "--json", files["json"][number], "--plot", files["svg"][number])
        assert (result.returncode, result.stderr) == (0, "")
    for first, second in files.values():
        assert (tmp_path / first).read_bytes() == (tmp_path / second).read_bytes()
    rows = list(csv.reader((tmp_path / "1.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0][:3] == ["sockets", "lock", "stage"]
    assert len(rows[0]) == 3 + 2 * len(figures_of(LOADS.values()))
    assert [row[:3] for row in rows[1:3]] == [["4", "ttas", "0"], ["4", "ttas", "1"]]
    assert len(rows) == 1 + 8
    cells = json.loads((tmp_path / "1.json").read_text(encoding="utf-8"))["cells"]
    configuration = cells[-1]["performance"]["configuration"]
    assert cells[-1]["varied"] == {"sockets": "8", "lock": "mcs"}
    assert (configuration["lock"], configuration["parameters"]["sockets"]) == ("mcs", 8)
    assert {"name", "value", "unit", "known", "source"} == set(configuration["costs"][0])
    assert b"<svg" in (tmp_path / "1.svg").read_bytes()


def test_distribution_plot(harness: Harness, tmp_path: Path) -> None:
    """Without a sweep, the latency's distribution, as PNG."""
    pytest.importorskip("matplotlib")
    assert harness("perf", 0, "--plot", "cdf.png", *SHORT).returncode == 0
    assert (tmp_path / "cdf.png").read_bytes().startswith(b"\x89PNG")


def test_plot_without_matplotlib(harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that names the extra, before any work."""
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['matplotlib'] = None\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    result = harness("perf", 0, "--plot", "x.svg")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "harness: --plot needs matplotlib: install the extra `plots`\n"


def test_precision(harness: Harness, tmp_path: Path) -> None:
    """More runs until the figures are known or there may be no more, as the footer says; the same with any number of processes."""
    asked = ("perf", 0, 1, *SHORT, "--set", "device_hz=2000")
    first = harness(*asked, "--precision", 1, "--max-runs", 12, "--json", "p.json", "--jobs", 1)
    second = harness(*asked, "--precision", 1, "--max-runs", 12, "--jobs", 2)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == second.stdout
    assert "\n12 runs, the most that were allowed: headline figures not known to ±1 %\nstage 0: " in first.stdout
    document = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    assert document["precision"] == {"percent": 1, "most": 12}
    assert [cell["performance"]["configuration"]["seeds"] for cell in document["cells"]] == [list(range(12))] * 2
    easy = harness(*asked, "--precision", 1_000_000, "--max-runs", 12)
    assert easy.stdout.endswith("\n2 runs: headline figures known to ±1000000 %\n")
    assert "headline" not in harness(*asked).stdout


def test_lock_ladder(harness: Harness, tmp_path: Path) -> None:
    """Flavours and the model side by side; another topology has no model."""
    result = harness("perf", "--scenario", "lock-ladder", "--set", "cpus=1,4", "--set", "length=1000000", "--csv", "l.csv")
    assert (result.returncode, result.stderr) == (0, "")
    rows = list(csv.reader((tmp_path / "l.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["cpus", "ttas", "ticket", "mcs", "model, ticket", "model, ticket, all transfers", "model, queue"]
    other = harness("perf", "--scenario", "lock-ladder", "--set", "cpus=4", "--set", "length=100000", "--topology", "westmere-ex-8s")
    assert other.returncode == 0
    assert "model" not in other.stdout


def test_reviewers_and_scenarios(harness: Harness) -> None:
    """The tables of the questions, on a short run."""
    answer = harness("perf", "--reviewers", *SHORT).stdout
    assert "stage 0 with mcs locks: " in answer
    assert len([line for line in answer.splitlines() if " ticket " in line]) == 3 * 3 * 2 + 2
    table = harness("perf", 0, 1, "--all-scenarios", *SHORT).stdout
    assert all(name in table.splitlines()[1] for name in LOADS)
    assert "vcpu-tasklets" in table


def test_sensitivity_of_every_cell(harness: Harness) -> None:
    """Every variation of every scenario is measured, but for those that do not fit, which are named."""
    result = harness("perf", 0, "--all-scenarios", "--sensitivity", "--runs", 2, "--set", "length_us=20", "--set", "warmup_us=0")
    assert (result.returncode, result.stderr) == (0, "")
    assert [line.split()[-1] for line in result.stdout.splitlines() if "vcpu-tasklets  " in line] == ["mixed"] * 4
    assert "verdicts (better, worse) survive every variation" in result.stdout
    assert "\nnot tried, timer-only with vcpus_per_guest 12: 144 vCPUs do not fit" in result.stdout


def test_costs_from_a_file_and_from_the_command_line(harness: Harness, tmp_path: Path) -> None:
    """Both are used, and the command line wins."""
    (tmp_path / "c.toml").write_text("[costs]\ninject = 3000\nevent_channel = 500\n")
    harness("perf", 0, "--config", "c.toml", "--cost", "inject=4000", "--json", "o.json", *SHORT)
    costs = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))["cells"][0]["performance"]["configuration"]["costs"]
    found = {cost["name"]: cost["value"] for cost in costs}
    assert (found["inject"], found["event_channel"]) == (4000, 500)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--scenario", "none"], "unknown scenario 'none': choose one of idle-guests"),
        (["--lock", "futex"], "unknown lock flavour 'futex': choose one of ttas, ticket, mcs"),
        (["--topology", "none"], "unknown topology 'none': choose one of westmere-ex-8s"),
        (["--set", "device_hz"], "--set needs NAME=VALUE, not 'device_hz'"),
        (["--set", "device_khz=1"], "no such parameter: device_khz"),
        (["--set", "device_hz=fast"], "device_hz is a whole number of at least 1, not 'fast'"),
        (["--set", "sockets=9"], "sockets is at most 8"),
        (["--set", "vcpus_per_guest=9"], "do not fit"),
        (["--set", "device_arrivals=trace"], "device_arrivals=trace and trace=FILE go together"),
        (["--set", "device_arrivals=trace", "--set", "trace=none.csv"], "none.csv cannot be read: No such file"),
        (["--cost", "inject=-1"], "inject is a whole number"),
        (["--cost", "injet=1"], "no such cost: injet"),
        (["--cost", "load_shared=1,2"], "load_shared needs 3 values"),
        (["--config", "none.toml"], "none.toml: cannot be read"),
        (["--sweep", "sockets"], "--sweep needs NAME=VALUE"),
        (["--sweep", "sockets="], "--sweep sockets needs values"),
        (["--sweep", "sockets=1", "--sweep", "sockets=2"], "each axis of a sweep is given once"),
        (["--sweep", "busy_vfs=1"], "busy_vfs is a list"),
        (["--sweep", "lock=none"], "unknown lock 'none'"),
        (["--calibrate", "--scenario", "mixed"], "--calibrate is about scenario idle-guests"),
        (["--calibrate", "1"], "stage 0 is needed"),
        (["--calibrate", "--reviewers"], "not allowed with"),
        (["none.py"], "'none.py' is neither the number of a stage nor a file"),
        (["--sweep", "device_hz=1..600"], "this sweep has 3,600 points (600 loads × 6 stages): write --yes"),
        (["--runs", "1"], "'1' is not a whole number of at least 2"),
        (["--precision", "0"], "'0' is not a whole number of at least 1"),
        (["--runs", "4", "--max-runs", "8"], "--max-runs goes with --precision"),
        (["--precision", "5", "--max-runs", "8"], "--max-runs 8 is less than the 16 runs to begin with (--runs)"),
        (["--set", "vcpus_per_cpu=0"], "vcpus_per_cpu is a whole number of at least 1"),
        (["--set", "sharing=none"], "sharing is one of idle, alike, across"),
        (["--cost", "time_slice=0"], "time_slice is less than 1 µs"),
        (["--plot", "x.gif"], "x.gif: a plot is an .svg or a .png file"),
        (["--csv", "none/x.csv"], "none/x.csv"),
        (["--scenario", "lock-ladder", "0"], "lock-ladder has no stages"),
        (["--scenario", "lock-ladder", "--precision", "5"], "lock-ladder is one run per row"),
        (["--scenario", "lock-ladder", "--set", "cpus=500"], "500 CPUs on a machine of 80"),
    ],
)
def test_nonsense_is_one_line(harness: Harness, words: list[str], complaint: str) -> None:
    """Exit code 2, nothing on stdout, one line that names what is wrong."""
    result = harness("perf", *words)
    assert (result.returncode, result.stdout) == (2, "")
    assert complaint in result.stderr
    assert result.stderr.startswith("harness: ")
    assert result.stderr.count("\n") == 1


def test_recorded_trace(harness: Harness, tmp_path: Path) -> None:
    """The interrupts of a trace are what arrives; a bad line is named."""
    lines = [f"{time},busy0,0" for time in range(300, 800, 100)]
    (tmp_path / "t.csv").write_text("\n".join(["time_us,guest,vf", *lines]) + "\n")
    options = (
        *SHORT,
        "--set",
        "device_arrivals=trace",
        "--set",
        "trace=t.csv",
        "--set",
        "tick_hz=1",
        "--set",
        "other_hz=1",
        "--json",
        "o.json",
    )
    assert harness("perf", 0, *options).returncode == 0
    found = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))["cells"][0]["performance"]
    assert found["tasklets_per_s"] * 600 / 1_000_000 == pytest.approx(5, abs=0.6)
    (tmp_path / "t.csv").write_text("time_us,guest,vf\n5,busy7,0\n")
    result = harness("perf", 0, *options)
    assert (result.returncode, result.stderr.startswith("harness: t.csv:2: no guest 'busy7'")) == (2, True)


def test_a_file_on_stdout(harness: Harness) -> None:
    """It has it for itself, the tables go to stderr; two files are not written into one."""
    for scenario in ("idle-guests", "lock-ladder"):
        short = SHORT if scenario == "idle-guests" else ("--set", "cpus=2", "--set", "length=20000")
        stages = (0,) if scenario == "idle-guests" else ()
        result = harness("perf", *stages, "--scenario", scenario, "--json", "-", *short)
        assert (result.returncode, "cells" in json.loads(result.stdout)) == (0, scenario == "idle-guests")
        assert len(result.stderr.splitlines()) > 3
    result = harness("perf", 0, "--json", "-", "--csv", "-", *SHORT)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "harness: --json and --csv name the same file, -; name two\n"


def test_files_beside_stages(harness: Harness, tmp_path: Path, stage_file: Callable[..., Path]) -> None:
    """A file has a row of its own, after the stages, without a number; it gets a sentence, and its path in the files."""
    path = stage_file(name="mine.py").name
    result = harness("perf", path, 0, "--json", "o.json", "--csv", "o.csv", *SHORT)
    assert (result.returncode, result.stderr) == (0, "")
    rows = result.stdout.splitlines()
    assert rows[2].split()[:2] == ["0", "baseline"]
    assert rows[3].split()[:2] == ["–", "mine.py"]
    assert rows[-1] == "mine.py does not have the performance bug"
    document = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert document["schema"] == 1
    assert [(cell["stage"], cell.get("file")) for cell in document["cells"]] == [(0, None), (None, "mine.py")]
    assert [row[0] for row in csv.reader((tmp_path / "o.csv").read_text(encoding="utf-8").splitlines())] == ["stage", "0", "mine.py"]


def test_a_file_alone(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """Then no stage of the series is measured; one that cannot be measured is named."""
    path = stage_file(after="raise SystemExit(3)", name="mine.py").name
    result = harness("perf", path, *SHORT)
    assert result.returncode == 1
    assert result.stdout.splitlines()[-1] == "mine.py: not measured"
    assert result.stderr == "harness: mine.py could not be measured: the stage exits when it is imported (exit code 3)\n"


def test_a_large_sweep_is_confirmed(harness: Harness) -> None:
    """It is refused before anything is written out, with the number of points and what to write."""
    result = harness("perf", 0, 1, "--sweep", "device_hz=1..1000", "--sweep", "lock=ttas,mcs")
    assert (result.returncode, result.stdout) == (2, "")
    said = "this sweep has 4,000 points (2,000 loads × 2 stages): write --yes to measure them all"
    assert result.stderr == f"harness: {said}\n"


@pytest.mark.parametrize("sweep", [["--sweep", "device_hz=1..1000000000"], [f"--sweep=x{axis}=1..999999999999999" for axis in range(400)]])
def test_a_sweep_without_end_is_refused(sweep: list[str]) -> None:
    """Also if it is confirmed, and where Python would not write the number of its points."""
    with pytest.raises(UsageError, match="this sweep has more than 100,000 points"):
        parse(["perf", "0", "1", *sweep, "--yes"]).run()
