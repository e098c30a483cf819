"""The option `--core`: what only the core of 2014 fails is told as that, and changes neither verdicts nor exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from stages import FIXED
from tests.cli.invocation import Harness

OLD = ("--model", "arm", "--core", "2014")
WHERE = ("--check", "no-lost-schedule", "--seeds", "1")


def test_a_run_tells_it_apart(harness: Harness, tmp_path: Path) -> None:
    """The table has what the mended core says; below it stands what is about the core, and the JSON has both."""
    path = tmp_path / "out.json"
    found = harness("run", 0, 1, "--no-perf", *WHERE, *OLD, "--json", path)
    assert found.returncode == 0
    assert ", memory model arm, and arm with the core of 2014\n" in found.stdout
    assert re.search(r"about the core of 2014, not about any patch.*\n.*\n.*\nno-lost-schedule  0–1 +vcpu +no progress: ", found.stdout)
    assert found.stdout.endswith("partial: 1 of 28 clauses, 2 of 6 stages: no violation found\n")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert (list(document["models"]), document["bad"]) == (["arm"], False)
    assert [(each["clause"], each["kinds"], each["stages"]) for each in document["core"]["findings"]] == [
        ("no-lost-schedule", ["vcpu"], [0, 1])
    ]


def test_a_check_is_good_that_only_the_core_fails(harness: Harness) -> None:
    """It says so below; under another model there is no difference."""
    found = harness("check", FIXED.stages[0].path, *WHERE, "--kind", "vcpu", "-x", *OLD)
    assert found.returncode == 0
    assert ": good · 1 clause kept · " in found.stdout
    assert "about the core of 2014, not about any patch" in found.stdout
    other = harness("check", FIXED.stages[0].path, *WHERE, "--kind", "vcpu", "--core", "2014")
    assert (other.returncode, "2014" in other.stdout) == (0, False)


def test_a_search_says_whose_a_failure_is(harness: Harness) -> None:
    """What fails is searched with the mended core as well; the replay string says which core to have."""
    found = harness("explore", "no-lost-schedule", 0, "--program", "by-another-cpu", "--kind", "vcpu", *OLD)
    assert found.returncode == 1
    assert re.search(r"by-another-cpu +vcpu +exhausted +a finding about the core\n", found.stdout)
    (replay,) = re.findall(r"h2/\S+/arm-2014\.x\S+", found.stdout)
    again = harness("replay", replay)
    assert again.returncode == 1
    assert "an older value from before: the write of CPU0" in again.stdout


def test_a_core_that_there_is_not(harness: Harness) -> None:
    """One line says which there are."""
    wrong = harness("run", "--core", "2020")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert "'2020' (choose from" in wrong.stderr
