"""The option `--model`: under which memory model a verdict holds, and that everything that is told of it says so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from stages import FIXED
from tests.cli.invocation import Harness, last_replay

BARRIER = "state = t.state.fetch_or(0)"
QUICK = ("--check", "visibility", "--kind", "softirq", "--seeds", "1")


@pytest.fixture
def relaxed(tmp_path: Path) -> Path:
    """The last stage, with a mere read where `tasklet_schedule` has its barrier."""
    source = FIXED.stages[-1].path.read_text(encoding="utf-8")
    assert source.count(BARRIER) == 1
    path = tmp_path / "relaxed.py"
    path.write_text(source.replace(BARRIER, "state = t.state.read()"), encoding="utf-8")
    return path


@pytest.mark.parametrize("model", ["tso", "pso"])
def test_a_store_that_is_late_is_found_and_replayed(harness: Harness, relaxed: Path, model: str) -> None:
    """What was written before a schedule is still in the store buffer; the replay shows where it was made and when it arrives."""
    found = harness("check", relaxed, *QUICK, "--model", model)
    assert found.returncode == 1
    assert f", memory model {model} (" in found.stdout
    assert "no run has seen what was written before a schedule (written last: 1; read: 0)" in found.stdout
    (replay,) = re.findall(rf"h2/\S+/{model}\.x\S+", found.stdout)
    again = harness("replay", replay, relaxed, "--width", 1000)
    assert again.returncode == 1
    assert re.search(r"arrival of (write|store) data: 0 → 1, visibility.py:\d+ \(write\)", again.stdout)


def test_the_usual_model_has_store_buffers(harness: Harness, relaxed: Path) -> None:
    """The table says so; without them the same stage is good."""
    usual, without = harness("check", relaxed, *QUICK), harness("check", relaxed, *QUICK, "--model", "sc")
    assert (usual.returncode, without.returncode) == (1, 0)
    assert ", memory model tso (x86's store buffers)\n" in usual.stdout
    assert without.stdout.endswith(", memory model sc (sequential consistency) · exhausted: every interleaving\n")


def test_the_stage_as_it_is_keeps_the_clause(harness: Harness) -> None:
    """Under each model, exhausted."""
    result = harness("check", FIXED.stages[-1].path, *QUICK, "--model", "pso,tso")
    assert result.returncode == 0
    assert result.stdout.endswith(
        ", memory models tso (x86's store buffers), pso (stores that overtake each other, too) · exhausted: every interleaving\n"
    )


def test_several_models_in_one_run(harness: Harness, tmp_path: Path) -> None:
    """A column for each, and each in the JSON."""
    path = tmp_path / "out.json"
    result = harness("run", 5, "--check", "fifo", "--no-perf", "--seeds", 1, "--model", "all", "--json", path)
    assert ", memory models sc (sequential consistency), tso (x86's store buffers), pso (" in result.stdout
    assert "contract sc    contract tso    contract pso" in result.stdout
    document = json.loads(path.read_text(encoding="utf-8"))
    assert {"sc", "tso", "pso"} <= set(document["models"])
    assert set(document["stages"][0]["clauses"]["fifo"]["models"].values()) == {"pass"}


def test_a_model_that_there_is_not(harness: Harness) -> None:
    """One line says which there are; a suite that counts executions has one at a time."""
    result = harness("run", "--model", "tso,alpha")
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "unknown memory model 'alpha': choose from sc, tso, pso" in result.stderr
    counted = harness("run", "--suite", "litmus", "--model", "sc,tso")
    assert (counted.returncode, counted.stderr.count("\n")) == (2, 1)
    assert "counted under one memory model at a time" in counted.stderr


def test_a_search_of_one_program(harness: Harness, relaxed: Path) -> None:
    """`explore` has the option, whatever the strategy."""
    where = ("explore", "visibility", relaxed, "--program", "seen-although-it-is-scheduled", "--kind", "softirq")
    for strategy in ("bounded", "pct"):
        result = harness(*where, "--strategy", strategy, "--model", "tso")
        assert (result.returncode, "no run has seen" in result.stdout) == (1, True), strategy


def test_barriers_are_suggested(harness: Harness, relaxed: Path) -> None:
    """In the reason of the counterexample, of its replay too, and for all that was searched."""
    one = ("explore", "visibility", relaxed, "--program", "seen-although-it-is-scheduled", "--kind", "softirq", "--model", "tso")
    result = harness(*one, "--suggest-barriers")
    assert result.returncode == 1
    found, _, suggestion = result.stdout.rpartition("\n\n")
    number = relaxed.read_text(encoding="utf-8").partition("state = t.state.read()\n            if state & DEAD or")[0].count("\n") + 1
    hint = f"; with smp_mb() before line {number} (`state = t.state.read()`), none of all "
    assert hint in found
    assert suggestion.splitlines()[:3] == [
        "visibility, seen-although-it-is-scheduled, softirq: passes under tso with 1 barrier more, and fails with fewer",
        f"  before line {number} of relaxed.py: smp_mb()",
        "      state = t.state.read()",
    ]
    again = harness("replay", last_replay(found), relaxed)
    assert again.returncode == 1
    assert hint in again.stdout.splitlines()[-1]


def test_barriers_are_suggested_for_several_models(harness: Harness, relaxed: Path) -> None:
    """Under each that may lack one; sc is searched as well, and one line says that it asks for none."""
    one = ("explore", "visibility", relaxed, "--program", "seen-although-it-is-scheduled", "--kind", "softirq")
    result = harness(*one, "--model", "sc,tso", "--suggest-barriers")
    assert (result.returncode, result.stderr.count("\n")) == (1, 2)
    under_sc, _, under_tso = result.stdout.partition("\n\nunder tso ")
    assert under_sc.startswith("under sc ")
    assert under_sc.endswith("\n\nno barrier is suggested: under sc none is missing")
    assert "passes under tso with 1 barrier more, and fails with fewer\n" in under_tso
