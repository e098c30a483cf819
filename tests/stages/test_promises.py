"""What kills, hotplug and visibility promise holds at every stage of the series, for every kind that the patches have brought over."""

from __future__ import annotations

import importlib
import random
from pathlib import Path
from typing import cast

import pytest

from harness.jobs.stage_loading import load
from harness.sources.single_file import target_of_file
from harness.suite.program import Program
from harness.tasklets.tasklet_under_test import ALL, IRQ_CLIENT, SOFTIRQ, VCPU
from harness.verify.deepening import Effort, explore
from stages import FIXED
from stages.api import AcceptedChange, Stage, StageModule
from tests.stages import promises
from tests.stages.promises import PROMISES

# Exhausts most of them; for the others one preemption is enough here, as `CLAUSES` asks for more.
EFFORT = Effort(executions=1_200, preemptions=1, samples=50, simplify=0, accept_bound=1)

# The patch that has brought each kind over to the new scheme.
BROUGHT_OVER = {IRQ_CLIENT: 1, SOFTIRQ: 2, VCPU: 4}

# What fails where the old scheme handles a kind, and what fails where the new one does.
OLD_FAILS = {promises.scheduled_where_a_cpu_dies.name, promises.scheduled_where_a_cpu_has_died.name}
NEW_FAILS = {promises.kill_one_whose_cpu_stands_still.name}

each_stage = pytest.mark.parametrize("stage", FIXED.stages, ids=lambda stage: str(stage.index))
each_program = pytest.mark.parametrize("program", [program for several in PROMISES.values() for program in several], ids=lambda p: p.name)


def new_scheme(stage: Stage, kind: str) -> bool:
    """Whether the stage handles this kind in the new way."""
    return stage.index >= BROUGHT_OVER[kind]


@each_stage
@each_program
def test_a_promise_is_kept(program: Program, stage: Stage) -> None:
    """Every execution within the effort holds, for every kind but those that the tables name; for those, one fails."""
    module = cast(StageModule, importlib.import_module(stage.module))
    broken = {}
    for kind in program.kinds:
        found = explore(program, module, kind, EFFORT, random.Random(0))
        if not found.passed or found.race:
            broken[kind] = found.failure or found.race or found.reached
    known = {kind for kind in program.kinds if program.name in (NEW_FAILS if new_scheme(stage, kind) else OLD_FAILS)}
    assert set(broken) == known, broken


# What is wrong with a copy of the last stage, and the program that finds it.
FAULTS = (
    ("state = t.state.fetch_or(0)", "state = t.state.read()", promises.schedule_is_a_barrier),
    ("state & FED or cpu == ", "cpu == ", promises.kill_one_sent_whose_cpu_stands_still),
    ("            t.state.fetch_and(~FED)\n", "", promises.freed_after_it_was_sent),
    ("        self.hv.list_del_init(t.list)\n        t.state", "        t.state", promises.killed_at_death),
    (" or not hv.cpu_online(cpu)):", "):", promises.killed_at_death),
    ("self.discard, t, wait=True", "lambda _: None, None, wait=True", promises.kill_one_whose_cpu_spins),
    ("wait=True", "wait=False", promises.freed_after_it_was_pending_elsewhere),
    (
        "        if not hv.cpu_online(cpu):\n            cpu = hv.smp",
        "        if False:\n            cpu = hv.smp",
        promises.scheduled_where_a_cpu_dies,
    ),
    ("        if not hv.cpu_online(cpu):\n            queued", "        if False:\n            queued", promises.killed_where_it_goes),
    ("return hv.cpu_online(hv.smp_processor_id()) and not", "return not", promises.killed_while_it_dies),
)


@pytest.mark.parametrize(("old", "new", "program"), FAULTS, ids=range(len(FAULTS)))
def test_a_promise_is_found_broken(old: str, new: str, program: Program, tmp_path: Path) -> None:
    """With one thing wrong in the last stage, some execution of the program fails, for some kind."""
    source = FIXED.stages[-1].path.read_text(encoding="utf-8")
    assert source.count(old) == 1
    path = tmp_path / "faulty.py"
    path.write_text(source.replace(old, new), encoding="utf-8")
    module = load(target_of_file(str(path)))
    found = [explore(program, module, kind, EFFORT, random.Random(0)) for kind in program.kinds]
    assert any(each.failure or each.race for each in found)


def test_what_the_new_scheme_cannot_keep_is_an_accepted_change() -> None:
    """Each patch accepts it for the kinds that it brings over, and for no other clause; the reason is the same for all."""
    assert {(change.clause, change.kinds, change.patch) for change in FIXED.accepted} == {
        ("kill-independent", (kind,), BROUGHT_OVER[kind]) for kind in ALL
    }
    assert len({change.why for change in FIXED.accepted}) == 1
    assert all(isinstance(change, AcceptedChange) and "2008" in change.why for change in FIXED.accepted)
    clauses = {clause for clause, programs in PROMISES.items() for program in programs if program.name in NEW_FAILS}
    assert clauses == {change.clause for change in FIXED.accepted}
