"""The mutation run: what its operators change, and that it tells what the suite notices from what it does not."""

from __future__ import annotations

import pytest

from stages import FIXED
from tests.bench import mutation
from tests.bench.equivalent_mutants import REASONS, THERE, reason
from tests.bench.mutation_operators import Mutation, mutations

SOURCE = '''
class A:
    """Text."""

    def f(self, hv, t, cpu):
        """Text."""
        hv = self.hv
        hv.BUG_ON(t.dead or t.running, "no")
        flags = hv.lock()
        t.state.write(1)
        if t.state.cmpxchg(1, 2) == 1 and not cpu:
            hv.add(t, cpu)
        t.state.fetch_and(~3)
        hv.unlock(flags)
'''


def test_every_operator_has_its_say() -> None:
    """Statements, conditions, constants, arguments, atomic operations and neighbours; no check is dropped, and nothing is there twice."""
    found = {mutant.what: mutant for mutant in mutations(SOURCE)}
    assert {
        "drop t.state.write(1)",
        "swap flags = hv.lock() and the next",
        "negate t.state.cmpxchg(1, 2) == 1 and (not cpu)",
        "only not cpu",
        "arguments of add the other way round",
        "write for t.state.cmpxchg(1, 2)",
        "a mere read for t.state.fetch_and(~3)",
        "2 for 1",
        "no complement of 3",
    } <= found.keys()
    assert not any(what.startswith(("drop hv.BUG_ON", "drop hv = ", "drop 'Text")) or "t.dead" in what for what in found)
    assert len({mutant.source for mutant in found.values()}) == len(found)
    assert all(mutant.where == "f" for mutant in found.values())


def test_annotations_are_no_statements() -> None:
    """Nothing depends on them, so what is changed there would survive everything."""
    found = mutations("def f(a: int | None) -> int | None:\n    x: int | None\n    return None")
    assert [mutant.what for mutant in found] == ["drop x: int | None", "drop return None"]


def test_what_does_the_same_is_known_with_its_reason() -> None:
    """By function and change, or by stage and line; of nothing else does anybody claim so."""
    assert "CPU" in reason(0, Mutation(1, "tasklet_kill", "2 for 1", ""))
    there = Mutation(87, "tasklet_init", "drop t.scheduled_on = -1", "")
    assert "sets that" in reason(0, there)
    assert reason(5, there) == ""


def test_every_reason_is_about_a_mutant_that_there_is() -> None:
    """A list that speaks of code that has gone hides what has come in its place."""
    every = {stage: mutations(FIXED.stages[stage].path.read_text(encoding="utf-8")) for stage in mutation.STAGES}
    assert {change for changes in REASONS.values() for change in changes} <= {(m.where, m.what) for ms in every.values() for m in ms}
    assert THERE.keys() <= {(stage, m.name) for stage, ms in every.items() for m in ms}


def test_every_mutant_of_a_stage_is_python() -> None:
    """And differs from the stage."""
    found = mutations(FIXED.stages[0].path.read_text(encoding="utf-8"))
    assert len(found) > 150
    for mutant in found:
        compile(mutant.source, "mutant", "exec")


def test_what_the_suite_notices_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clause that is about it; what the stage violates as it is kills nobody."""
    clauses = {name: mutation.CLAUSES[name] for name in ("exactly-once", "visibility", "kill-independent")}
    monkeypatch.setattr(mutation, "CLAUSES", clauses)
    source = FIXED.stages[5].path.read_text(encoding="utf-8")
    barrier = "t.state.fetch_or(0)"
    here = "self.tasklet_schedule_on_cpu(t, self.hv.smp_processor_id())"
    assert (source.count(barrier), source.count(here)) == (1, 1)
    mutants = [
        Mutation(0, "", "nothing", source),
        Mutation(0, "", "a mere read", source.replace(barrier, "t.state.read()")),
        Mutation(0, "", "no schedule", source.replace(here, "pass")),
    ]
    known = mutation.known_of(5, 100, 1)
    assert {clause for clause, _ in known} == {"kill-independent"}
    survives, dies, dies_at_once = mutation.judged(5, mutants, known, 100, 1)
    assert survives.killed_by == ""
    assert dies.killed_by.startswith("visibility (")
    # (The first look at every clause is enough for this one.)
    assert dies_at_once.killed_by.startswith("exactly-once (")
