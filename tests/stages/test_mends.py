"""Each explanation in `stages/posted/findings.toml` names what is wrong: mending that, in a copy of the stage, makes the clause hold."""

from __future__ import annotations

import importlib
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import cast

import pytest

from harness.machine.diagnosis import HANG
from harness.machine.engine import Engine
from harness.search.search import FAILED
from harness.suite.clause import NO_RACES
from harness.suite.program import Program
from harness.tasklets.contract import CLAUSES
from harness.verify.deepening import Effort, Exploration, explore
from harness.verify.find_violations import explanations
from harness.verify.verdicts import NOT_DETERMINISTIC
from stages.api import StageModule
from stages.posted import POSTED
from tests.stages.mends import BRIEF, BY_DESIGN, FAULTS, FINDINGS, USUAL, Fault, Finding, mended

# To find a failure: most are found with the first of these.
LOOKING = (
    Effort(executions=30, preemptions=0, samples=20, simplify=0),
    Effort(executions=300, preemptions=0, samples=1_000, simplify=0),
)

each_finding = pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.clause)
of_several = pytest.mark.parametrize("finding", [f for f in FINDINGS if len(f.faults) > 2], ids=lambda finding: finding.clause)
each_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)

Pair = tuple[str, Program]


class Unjudged(Program):
    """A program of whose executions only the data races count: they do not fail, but when they do not come back."""

    def execute(self, module: StageModule, kind: str, engine: Engine) -> None:
        super().execute(module, kind, engine)
        if engine.failure is not None and engine.failure.kind != HANG:
            engine.failure = None


def pairs(clause: str, kinds: Iterable[str]) -> list[Pair]:
    """What tests the clause: each kind with each of its programs."""
    return [(kind, program) for kind in kinds for program in CLAUSES[clause].programs_for(kind)]


def searched(clause: str, pair: Pair, module: StageModule, effort: Effort) -> Exploration:
    """Search one program for one kind, as a run of the harness does."""
    kind, program = pair
    if clause == NO_RACES:
        program = Unjudged(*(getattr(program, field.name) for field in fields(Program)))
    return explore(program, module, kind, effort, random.Random(f"0 {clause} {kind} {program.name}"))


def violates(clause: str, explored: Exploration) -> bool:
    """Whether the search has found what the clause is about."""
    return explored.failure is not None or (clause == NO_RACES and explored.race is not None)


def first_violation(clause: str, module: StageModule, tried: Sequence[Pair]) -> Pair | None:
    """One that fails among `tried`, if any does, with as little effort as it takes to find one."""
    for effort in LOOKING:
        for pair in tried:
            if violates(clause, searched(clause, pair, module, effort)):
                return pair
    return None


@cache
def witness(clause: str, stage: int, kind: str) -> Pair | None:
    """What fails first on the posted stage, if anything does."""
    module = cast(StageModule, importlib.import_module(POSTED.stages[stage].module))
    return first_violation(clause, module, pairs(clause, [kind]))


def still_violated(finding: Finding, module: StageModule) -> Pair | None:
    """What fails first on a copy, if anything does; what fails on the posted stage is tried first."""
    seen = [found for kind in finding.kinds if (found := witness(finding.clause, finding.stage, kind))]
    rest = [pair for pair in pairs(finding.clause, CLAUSES[finding.clause].kinds) if pair not in seen]
    return first_violation(finding.clause, module, [*seen, *rest])


def test_every_finding_is_mended() -> None:
    """There is one row for each paragraph, about the same patch, and none without a paragraph; or it is said to be so by design."""
    rows = Counter([*BY_DESIGN, *((finding.clause, finding.stage) for finding in FINDINGS)])
    assert rows == Counter((text.clause, text.patch) for text in explanations(POSTED))


def test_every_fault_is_behind_a_finding() -> None:
    """The table of faults is complete and has nothing else."""
    assert {fault.name for fault in FAULTS} == {fault.name for finding in FINDINGS for fault in finding.faults}


@each_finding
def test_the_clause_fails_on_the_posted_stage(finding: Finding) -> None:
    """At the patch that the paragraph names, for every kind that the row names."""
    assert [kind for kind in finding.kinds if witness(finding.clause, finding.stage, kind) is None] == []


@each_finding
def test_the_clause_holds_on_the_mended_copy(finding: Finding, tmp_path: Path) -> None:
    """No program fails for any kind, and all are exhausted but for exactly those that are listed as open."""
    module = mended(finding.stage, finding.faults, tmp_path)
    failing, not_exhausted = [], set()
    left_out = {program for clause in finding.apart_from for program in CLAUSES[clause].programs}
    for kind, program in pairs(finding.clause, CLAUSES[finding.clause].kinds):
        if program in left_out:
            continue
        brief = finding.glance or (program.name, kind) in finding.open_ends
        explored = searched(finding.clause, (kind, program), module, BRIEF if brief else USUAL)
        if violates(finding.clause, explored) or explored.verdict in (FAILED, NOT_DETERMINISTIC):
            failing.append((kind, program.name, explored.failure or explored.race or explored.reached))
        elif not explored.exhausted and not finding.glance:
            not_exhausted.add((program.name, kind))
    assert failing == []
    assert not_exhausted == set(finding.open_ends)


@of_several
def test_it_takes_all_of_the_faults(finding: Finding, tmp_path: Path) -> None:
    """A clause that several faults violate is still violated when any one of them is left; for two, the next test says that."""
    for left in finding.faults:
        others = [fault for fault in finding.faults if fault is not left]
        assert still_violated(finding, mended(finding.stage, others, tmp_path)) is not None, f"nothing fails with {left.name} alone"


@each_fault
def test_a_fault_makes_up_the_findings_that_it_cures_and_no_other(fault: Fault, tmp_path: Path) -> None:
    """Mended alone, it leaves all other findings of its patch as they were."""
    assert {finding.clause for finding in FINDINGS if finding.faults == (fault,)} == set(fault.cures)
    module = mended(fault.stage, (fault,), tmp_path)
    others = [finding for finding in FINDINGS if finding.stage == fault.stage and finding.clause not in fault.cures]
    assert [finding.clause for finding in others if still_violated(finding, module) is None] == []


def test_a_text_that_is_not_there_once_is_not_mended(tmp_path: Path) -> None:
    """Neither one that is missing nor one that is there twice."""
    for old in ("no such line", "t.is_dead"):
        fault = Fault("unclear", 1, "", ((old, ""),))
        with pytest.raises(AssertionError, match="unclear: stage 1 has"):
            mended(1, (fault,), tmp_path)
