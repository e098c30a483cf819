"""The table of clauses, and that the fixed series keeps it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import cast

import pytest

from harness.explored.models import ENGINES
from harness.search.search import Limits, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.suite.clause import NO_RACES, Clause, clause
from harness.suite.program import Program
from harness.tasklets import clauses
from harness.tasklets.clauses import fifo
from harness.tasklets.contract import CHECKED, CLAUSES, TABLE
from harness.tasklets.tasklet_under_test import ALL, IRQ_CLIENT, SOFTIRQ, VCPU
from harness.verify.checking import Budget, check
from harness.verify.deepening import Effort
from harness.verify.no_races import executing
from harness.verify.verdicts import FAIL
from stages import FIXED
from stages.api import Stage, StageModule

SMALL = Budget(timed_seeds=1, effort=Effort(executions=40, preemptions=0, samples=10))

# The patch that has brought each kind over to the new scheme. Before it, handover is not kept for that kind.
BROUGHT_OVER = {IRQ_CLIENT: 1, SOFTIRQ: 2, VCPU: 4}


def not_kept(stage: int) -> set[tuple[str, str]]:
    """What the baseline breaks and no patch has mended yet, and what is accepted by then: clauses, each with a kind."""
    accepted = {(change.clause, kind) for change in FIXED.accepted for kind in change.kinds if change.patch <= stage}
    return accepted | {("handover", kind) for kind, patch in BROUGHT_OVER.items() if stage < patch}


def clause_modules() -> Iterator[ModuleType]:
    """All modules in the room of the clauses."""
    for found in pkgutil.iter_modules(clauses.__path__, f"{clauses.__name__}."):
        yield importlib.import_module(found.name)


def unlisted(module: ModuleType, table: Sequence[Clause]) -> list[str]:
    """What a module defines and no clause of the table has: its programs, and the clause itself."""
    programs = {id(program) for each in table for program in each.programs}
    found = [name for name, value in vars(module).items() if isinstance(value, Program) and id(value) not in programs]
    return found + ["CLAUSE"] * (hasattr(module, "CLAUSE") and module.CLAUSE not in table)


def test_every_program_is_listed() -> None:
    """A program that nobody runs is a mistake, and so is a clause."""
    assert {module.__name__: unlisted(module, CHECKED) for module in clause_modules() if unlisted(module, CHECKED)} == {}


def test_a_forgotten_program_is_noticed() -> None:
    """Whether its clause does not name it or the table does not name its clause."""
    kept = fifo.CLAUSE
    shorter = clause(kept.id, kept.sentence, kept.programs[1:], ALL)
    assert unlisted(fifo, [shorter]) == ["order_of_hypercall", "CLAUSE"]
    assert "CLAUSE" in unlisted(fifo, [each for each in CHECKED if each is not kept])


def test_a_clause_has_a_module_of_its_own() -> None:
    """Its name is the clause's, so that a reader of a table finds it."""
    named = {module.__name__.rpartition(".")[2]: module.CLAUSE.id for module in clause_modules() if hasattr(module, "CLAUSE")}
    assert named == {each.id.replace("-", "_"): each.id for each in CHECKED}


def test_the_table_has_each_clause_once_and_in_order() -> None:
    """Twenty-eight clauses, the first and the last as in the contract."""
    assert len(TABLE) == len(CLAUSES) == 28
    assert (TABLE[0].id, TABLE[-2].id, TABLE[-1].id) == ("exactly-once", "no-races", "clients")


def test_programs_are_told_apart_by_their_names() -> None:
    """No name occurs twice: `no-races` is about all of them. And each program says what it does."""
    names = [program.name for program in CLAUSES[NO_RACES].programs]
    assert len(set(names)) == len(names) == sum(len(each.programs) for each in CHECKED)
    for each in TABLE:
        assert all(program.summary.endswith((".", ":")) for program in each.programs), each.id


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
def test_kinds_have_programs(row: Clause) -> None:
    """A clause has a program for each kind that it names, and names no other kind."""
    assert set(row.kinds) <= set(ALL)
    assert all(row.programs_for(kind) for kind in row.kinds)


@pytest.mark.parametrize("stage", FIXED.stages[-1:], ids=lambda stage: str(stage.index))
def test_the_fixed_series_keeps_its_promise(stage: Stage) -> None:
    """After the last patch: what is accepted or not mended yet fails, nothing else, as far as a small budget gets."""
    # (`ci/run` does the same with all stages, to the end.)
    module = cast(StageModule, importlib.import_module(stage.module))
    results = [check(module, each, kind, SMALL) for each in CHECKED for kind in each.kinds]
    assert {(r.clause, r.kind): r.failure for r in results if r.verdict == FAIL}.keys() == not_kept(stage.index)
    assert [(r.clause, r.kind, r.race) for r in results if r.race is not None] == []
    assert sum(r.exhausted for r in results) > 0.7 * sum(r.programs for r in results)


@pytest.mark.parametrize("model", ENGINES)
def test_every_program_can_be_executed_under_each_memory_model(model: str) -> None:
    """On the last stage, which fails none but what is accepted; one execution of each."""
    stage = FIXED.stages[-1]
    module = cast(StageModule, importlib.import_module(stage.module))
    failing = {
        (each.id, kind): result.failure
        for each in CHECKED
        for kind in each.kinds
        for program in each.programs_for(kind)
        if (result := search(executing(program, module, kind), OptimalDpor(ENGINES[model]), Limits(executions=1))).failure
    }
    assert failing.keys() <= not_kept(stage.index), failing
