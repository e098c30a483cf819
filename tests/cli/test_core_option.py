"""The option `--core`: what only the core of 2014 fails is told as that, and changes neither verdicts nor exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from harness.cli.arguments import parse
from harness.cli.carry_out import Plan, memory_model
from harness.cli.exit_codes import UsageError
from harness.cli.explore import ExploreRequest
from harness.explored.models import ARM, ARM_2014, MODEL_WORDS, TSO, with_core
from stages import FIXED
from tests.cli.invocation import Harness

OLD = ("--model", "arm", "--core", "2014", "--jobs", "1")
WHERE = ("--check", "context", "--seeds", "1")


def test_a_run_tells_it_apart(harness: Harness, tmp_path: Path) -> None:
    """The table has what the mended core says; below it stands what is about the core, and the JSON has both."""
    path = tmp_path / "out.json"
    found = harness("run", 0, "--no-perf", *WHERE, *OLD, "--json", path)
    assert found.returncode == 0
    assert f", memory model arm ({MODEL_WORDS[ARM]}), and arm with the core of 2014\n" in found.stdout
    assert re.search(r"about the core of 2014, not about any patch.*\n.*\n.*\ncontext +0 +vcpu +no progress: ", found.stdout)
    assert found.stdout.endswith("partial: 1 of 28 clauses, 1 of 6 stages, under arm: no violation found\n")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert (list(document["models"]), document["bad"]) == (["arm"], False)
    assert [(each["clause"], each["kinds"], each["stages"]) for each in document["core"]["findings"]] == [("context", ["vcpu"], [0])]


def test_a_check_is_good_that_only_the_core_fails(harness: Harness) -> None:
    """It says so below, and does not stop there."""
    found = harness("check", FIXED.stages[0].path, *WHERE, "--kind", "vcpu", "-x", *OLD)
    assert found.returncode == 0
    assert ": good · 1 clause kept · " in found.stdout
    assert "about the core of 2014, not about any patch" in found.stdout


def test_a_search_says_whose_a_failure_is(harness: Harness) -> None:
    """What fails is searched with the mended core as well; the replay string says which core to have."""
    found = harness("explore", "context", 0, "--program", "context-sent", "--kind", "vcpu", *OLD)
    assert found.returncode == 1
    assert re.search(r"context-sent +vcpu +exhausted +a finding about the core\n", found.stdout)
    (replay,) = re.findall(r"h2/\S+/arm-2014\.x\S+", found.stdout)
    again = harness("replay", replay)
    assert again.returncode == 1
    assert "has not seen CPU0's 1 of s0_baseline.py" in again.stdout


def test_other_models_have_one_core() -> None:
    """The option is taken there, and changes nothing."""
    assert [with_core(*pair) for pair in ((TSO, "2014"), (ARM, "2014"), (ARM, "mended"))] == [TSO, ARM_2014, ARM]
    assert memory_model(Plan(models=(TSO,), core="2014")) == ", memory model tso (x86's store buffers)"


def test_the_option() -> None:
    """The mended core is the usual one; one that there is not is an error."""
    request = parse(["explore", "context", "0"]).request
    assert isinstance(request, ExploreRequest)
    assert request.core == "mended"
    with pytest.raises(UsageError, match=r"--core: invalid choice: '2020'"):
        parse(["run", "--core", "2020"])
