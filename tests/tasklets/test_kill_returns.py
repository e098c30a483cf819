"""What the programs about killing notice that a mutant of a whole stage does not show by itself."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from harness.machine.diagnosis import ASSERTION
from harness.tasklets.clauses.kill_returns import kill_rescheduling
from harness.verify.deepening import Effort, explore
from tests.tasklets.added_mutants import KILL_UNLINKS
from tests.tasklets.mutants import Mutant

KILL = f"""{KILL_UNLINKS}        t.is_dead = True
        while t.is_running:
"""
OUTWAITS = """        while t.is_running or not hv.list_empty(t.list):
"""


@pytest.mark.parametrize("kind", kill_rescheduling.kinds)
def test_a_kill_that_outwaits_a_tasklet_that_reschedules_itself(kind: str, tmp_path: Path) -> None:
    """It returns only because the victim gives up: that is not bounded time."""
    module = Mutant("outwait", 0, ((KILL, OUTWAITS),), frozenset()).build(tmp_path)
    failure = explore(kill_rescheduling, module, kind, Effort(executions=2_000), random.Random(1)).failure
    assert failure is not None
    assert (failure.kind, failure.message.partition(": ")[2]) == (ASSERTION, "t runs and runs while its kill waits")
