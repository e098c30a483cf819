"""Turns of waiting loops: which of them repeat an earlier one, in small scenes and in stages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.explored.turns import MOST
from harness.machine.diagnosis import NO_PROGRESS
from harness.tasklets.contract import CLAUSES
from harness.verify.checking import Budget, check
from harness.verify.verdicts import ERROR, FAIL, PASS, UNDECIDED, KindResult
from tests.explored.test_explored_engine import Scene
from tests.tasklets.mutants import Mutant


def run(*bodies: object) -> ExploredEngine:
    """One execution, in the natural order."""
    return Scene(ExploredEngine(), *bodies).run()  # type: ignore[arg-type]


def relax(scene: Scene) -> None:
    """As `cpu_relax`, called from a function of the test."""
    scene.engine.relax()


def test_a_loop_without_state_waits_after_its_first_turn() -> None:
    """Nobody ends it: that is no progress."""

    def waits(scene: Scene) -> None:
        while not scene.x.read():
            relax(scene)

    engine = run(waits)
    assert [kind for _, kind, _, _ in engine.done] == ["read"]
    assert engine.failure is not None
    assert engine.failure.kind == NO_PROGRESS


@pytest.mark.parametrize("often", [1, 2, MOST])
def test_a_loop_that_counts_comes_to_what_it_does_now_and_then(often: int) -> None:
    """Here, it ends itself."""

    def helps(scene: Scene) -> None:
        turns = 0
        while not scene.x.read():
            turns += 1
            if turns % often == 0:
                scene.x.write(1)
            relax(scene)

    engine = run(helps)
    assert (engine.failure, engine.unsure, engine.complete) == (None, "", True)


def test_a_loop_that_only_counts_accuses_nobody() -> None:
    """It waits in the end, as the next turn might be the one in which it does something."""

    def counts(scene: Scene) -> None:
        turns = 0
        while not scene.x.read():
            turns += 1
            if turns == 1_000:
                return
            relax(scene)

    engine = run(counts)
    assert engine.failure is None
    assert not engine.complete
    assert engine.unsure.startswith("the loop at test_turns.py:")
    assert engine.unsure.endswith("(relax) counts its turns")
    # Somebody who ends it is waited for.
    assert run(counts, lambda scene: scene.x.write(1)).complete


def test_counters_that_come_back_to_what_they_were_are_a_cycle() -> None:
    """In a variable and in memory: all has been tried, so nobody ends it."""

    def in_a_variable(scene: Scene) -> None:
        turn = 0
        while not scene.x.read():
            turn = (turn + 1) % 3
            relax(scene)

    def in_memory(scene: Scene) -> None:
        while not scene.x.read():
            scene.y.write((scene.y.read() + 1) % 3)
            relax(scene)

    for body in (in_a_variable, in_memory):
        engine = run(body)
        assert engine.unsure == ""
        assert engine.failure is not None
        assert engine.failure.kind == NO_PROGRESS
        assert run(body, lambda scene: scene.x.write(1)).complete


def test_what_a_turn_has_changed_may_be_what_it_waits_for() -> None:
    """It has read that before it changed it."""

    def helps(scene: Scene) -> None:
        while not scene.x.read():
            scene.x.add(1)
            relax(scene)

    assert run(helps).complete


def test_a_counter_in_memory_or_in_a_list_is_one_too() -> None:
    """Every turn differs from the last one."""

    def in_memory(scene: Scene) -> None:
        while not scene.x.read():
            if scene.y.add(1) == 5:
                scene.x.write(1)
            relax(scene)

    def in_a_list(scene: Scene) -> None:
        turns: list[int] = []
        while not scene.x.read():
            turns.append(1)
            if len(turns) == 5:
                scene.x.write(1)
            relax(scene)

    assert run(in_memory).complete
    assert run(in_a_list).complete


def test_a_delay_is_no_wait() -> None:
    """A loop that reads nothing cannot wait for anybody."""

    def delays(scene: Scene) -> None:
        for _ in range(5_000):
            relax(scene)
        scene.x.write(1)

    engine = run(delays)
    assert engine.complete
    assert len(engine.done) == 1


# Every stage's loops in its kill.
LOOKS = ("            hv.cpu_relax()\n            state = t.state.read()\n", "        while state & RUN:\n")
LOCKS = "        while t.is_running:\n            hv.spin_unlock_irqrestore(self.tasklet_lock, flags)\n"
EVERY_FOURTH = {
    "percpu": (
        (LOOKS[1], f"        turns = 0\n{LOOKS[1]}"),
        (
            LOOKS[0],
            "            hv.cpu_relax()\n            turns += 1\n            if turns % 4 == 0:\n                state = t.state.read()\n",
        ),
    ),
    "global": (
        (
            LOCKS,
            (
                "        turns = 0\n        while turns % 4 or t.is_running:\n            turns += 1\n"
                "            hv.spin_unlock_irqrestore(self.tasklet_lock, flags)\n"
            ),
        ),
    ),
}
# A run never ends, as far as anybody can see.
NEVER_ENDS = {
    "percpu": (("state & DEAD) == state:\n                return", "state & DEAD | RUN) == state:\n                return"),),
    "global": (("        t.is_running = False\n        if t.scheduled_on", "        if t.scheduled_on"),),
}
STAGES = [(0, ("global",)), (2, ("global", "percpu")), (5, ("percpu",))]


# In it, a kill waits for a run.
RUNNING = next(program for program in CLAUSES["kill-returns"].programs if program.name == "kill-running")
ONLY_RUNNING = replace(CLAUSES["kill-returns"], programs=(RUNNING,))


def judged(directory: Path, name: str, stage: int, edits: tuple[tuple[str, str], ...]) -> list[KindResult]:
    """The verdicts on a stage with edits, for both kinds."""
    module = Mutant(name, stage, edits, frozenset()).build(directory)
    return [check(module, ONLY_RUNNING, kind, Budget()) for kind in ("softirq", "vcpu")]


@pytest.mark.parametrize(("stage", "loops"), STAGES)
def test_a_kill_that_looks_every_fourth_turn_is_good(stage: int, loops: tuple[str, ...], tmp_path: Path) -> None:
    """Its loops count, and that is all that is odd about them."""
    edits = tuple(edit for loop in loops for edit in EVERY_FOURTH[loop])
    for result in judged(tmp_path, "looks every fourth turn", stage, edits):
        assert (result.verdict, result.failure, result.complete) == (PASS, None, True)


@pytest.mark.parametrize(("stage", "loops"), STAGES)
def test_who_waits_for_ever_is_bad_unless_it_counts(stage: int, loops: tuple[str, ...], tmp_path: Path) -> None:
    """The loop that counts might do something in its next turn: that is undecided."""
    broken = tuple(edit for loop in loops for edit in NEVER_ENDS[loop])
    counting = tuple(edit for loop in loops for edit in EVERY_FOURTH[loop])
    for waits in judged(tmp_path, "waits", stage, broken):
        assert (waits.verdict, waits.failure is not None and waits.failure.kind) == (FAIL, NO_PROGRESS)
    for counts in judged(tmp_path, "counts", stage, broken + counting):
        assert counts.failure is not None
        assert (counts.verdict, counts.failure.kind) == (ERROR, UNDECIDED)
        assert "counts its turns" in counts.failure.message
