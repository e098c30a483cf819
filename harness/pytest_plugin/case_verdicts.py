"""What becomes of each test of a series: the verdict that `harness run` gives with the same options, and whether anybody is accused by it.

Each test is executed when its turn comes, by the jobs that it takes and no others, in a worker process, and does not depend on which other
tests this process has executed. What several clauses show only together is a test of its own for each stage (`ACROSS`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from harness.cli.exit_codes import HarnessFault
from harness.jobs.driving import drive
from harness.jobs.standing import nobody
from harness.pytest_plugin.asked_series import AskedSeries
from harness.pytest_plugin.case_ids import ACROSS, APPLIES, Case
from harness.pytest_plugin.known_outcomes import SessionOutcomes
from harness.report.counterexample_text import counterexample_text
from harness.report.looks import Looks
from harness.verify.conclusions import Clauses, Conclusion, bisectable, what
from harness.verify.executions import executions_of
from harness.verify.models_together import together
from harness.verify.run_stages import Verification, gather_by_model, verify_steps
from harness.verify.untestable import may_hide
from harness.verify.verdicts import (
    ERROR,
    FAIL,
    NOT_DETERMINISTIC,
    NOT_RUN,
    PASS,
    UNDECIDED,
    UNTESTABLE,
    ClauseResult,
    Failure,
    KindResult,
    StageResult,
)

# What a test comes to.
KEPT = "kept"
VIOLATED = "violated"
EXCUSED = "excused"
NO_VERDICT = "undecided"
CANNOT_TEST = "untestable"

# Failures that say something of the harness's reach, and nothing of the stage.
UNTESTED = frozenset({UNTESTABLE, NOT_RUN, NOT_DETERMINISTIC})


@dataclass(frozen=True)
class CaseVerdict:
    """What a test has come to, and why, in one line; `failure` has the execution, if there is one to be shown."""

    outcome: str
    reason: str = ""
    failure: Failure | None = None


@contextmanager
def importing_from(path: Sequence[str]) -> Iterator[None]:
    """Have workers import what they would without pytest, which puts the directories of tests before everything else."""
    before = sys.path[:]
    sys.path[:] = path
    try:
        yield
    finally:
        sys.path[:] = before


class CaseVerdicts:
    """The verdicts of one session. `selected`: the tests that are to be executed, which is known when all are collected."""

    def __init__(self, asked: AskedSeries, path: Sequence[str], outcomes: SessionOutcomes) -> None:
        self.asked = asked
        self.selected: Sequence[Case] = ()
        self._path = path
        self._outcomes = outcomes
        self._alone: dict[tuple[int, str, str, str], KindResult] = {}
        self._problems: dict[int, str] = {}

    def judged(self, case: Case) -> CaseVerdict:
        """The verdict of a test; raises `HarnessFault`, `SuiteMistake`, `NoWorkers` and `KeyboardInterrupt`."""
        if case.clause == APPLIES:
            return CaseVerdict(CANNOT_TEST, self.asked.series.remarks[-1])
        if problem := self._problem(case.position):
            return CaseVerdict(CANNOT_TEST, f"{self.asked.targets[case.position].label} cannot be tested: it {problem}")
        model = case.model or self.asked.verification.every_model[0]
        if case.clause == ACROSS:
            return self._across(case.position, model)
        result = self._result(case, model)
        if result.verdict == PASS and not self._is_accepted_here(case):
            return CaseVerdict(KEPT)
        return self._concluded(case, result, model)

    def shown(self, case: Case, failure: Failure, looks: Looks) -> str:
        """The execution, as `harness replay` shows it; empty if there is none."""
        if not failure.replay:
            return ""
        target = self.asked.targets[case.position]
        with importing_from(self._path):
            again = executions_of([target], [(target.index, failure.replay)], 1, nobody)
        if again.interrupted:
            raise KeyboardInterrupt
        found = again.found.get((target.index, failure.replay))
        return "" if found is None else counterexample_text(found, looks)

    # Results.

    def _problem(self, position: int) -> str:
        """Why a stage cannot be tested at all, in words after "it"; empty if it can."""
        if position not in self._problems:
            with importing_from(self._path):
                driven = drive([self.asked.targets[position]], [], 1, cache=self._outcomes)
            if driven.interrupted:
                raise KeyboardInterrupt
            self._problems[position] = driven.problems.get(0, "")
        return self._problems[position]

    def _result(self, case: Case, model: str) -> KindResult:
        """The result of a clause for a kind. It is held against what else is tested of the stage: perhaps nothing of it counts."""
        alone = self._by_itself(case.position, case.clause, case.kind, model)
        # An exception that every program raises says nothing, one that a few raise is a violation: that takes them all.
        mistaken = alone.failure is not None and alone.failure.of_whole_stage
        unsure = alone.verdict == PASS and may_hide(self.asked.targets[case.position])
        if alone.verdict != FAIL and not mistaken and not unsure:
            return alone
        others = [each for each in self.selected if each.position == case.position and each.model == case.model]
        pairs = {(each.clause, each.kind): None for each in [case, *others] if each.clause not in (ACROSS, APPLIES)}
        named = {clause: tuple(kind for name, kind in pairs if name == clause) for clause, _ in pairs}
        clauses = tuple((clause, named[clause]) for clause, _ in self.asked.plan.clauses if clause in named)
        together_with = self._gathered(case.position, clauses, model, across=False)[case.clause].kinds[case.kind]
        return together_with if together_with.verdict != PASS else alone

    def _by_itself(self, position: int, clause: str, kind: str, model: str) -> KindResult:
        key = (position, clause, kind, model)
        if key not in self._alone:
            self._alone[key] = self._gathered(position, ((clause, (kind,)),), model)[clause].kinds[kind]
        return self._alone[key]

    def _gathered(self, position: int, clauses: Clauses, model: str, across: bool = True) -> dict[str, ClauseResult]:
        """Carry out what clauses take under one of the models, as far as that is not known, and say what follows."""
        asked = self.asked.verification
        plan = Verification(clauses, asked.budget, asked.every_model, across_executions=across)
        target = self.asked.targets[position]
        steps = [step for step in verify_steps([target], plan) if step.job.model == model]
        with importing_from(self._path):
            driven = drive([target], steps, 1, cache=self._outcomes)
        if driven.interrupted:
            raise KeyboardInterrupt
        if driven.faults:
            raise HarnessFault(driven.faults[0])
        return gather_by_model([target], plan, driven)[0][model]

    def _across(self, position: int, model: str) -> CaseVerdict:
        """What two executions show together that none shows alone, of all clauses that the options name."""
        clauses = self.asked.plan.clauses
        with_it, without = (self._gathered(position, clauses, model, across) for across in (True, False))
        failures = [result.failure for clause in with_it.values() for result in clause.kinds.values() if result.failure is not None]
        untestable = [failure for failure in failures if failure.kind == UNTESTABLE]
        if whole := [failure for failure in untestable if failure.of_whole_stage]:
            return CaseVerdict(CANNOT_TEST, what(whole[0]), whole[0])
        for name, clause in with_it.items():
            for kind, result in clause.kinds.items():
                new = result.verdict == FAIL and without[name].kinds[kind].verdict != FAIL
                if new and result.failure is not None and self._by_itself(position, name, kind, model).verdict != FAIL:
                    return CaseVerdict(VIOLATED, f"{name}[{kind}]: {what(result.failure)}", result.failure)
        # Where some could not be tested, what they would show beside others is not known.
        return CaseVerdict(CANNOT_TEST, what(untestable[0]), untestable[0]) if untestable else CaseVerdict(KEPT)

    # What follows from them.

    def _is_accepted_here(self, case: Case) -> bool:
        index = self.asked.targets[case.position].index
        named = [change for change in self.asked.accepted if change.clause == case.clause and case.kind in change.kinds]
        return any(change.patch == index for change in named)

    def _concluded(self, case: Case, result: KindResult, model: str) -> CaseVerdict:
        failure = result.failure
        if result.verdict == ERROR:
            assert failure is not None
            outcome = NO_VERDICT if failure.kind == UNDECIDED else CANNOT_TEST if failure.kind in UNTESTED else VIOLATED
            return CaseVerdict(outcome, what(failure), failure)
        whole = self._conclusion(case)
        index = self.asked.targets[case.position].index
        for unmet in whole.steps.unmet:
            if unmet.change.patch == index and unmet.change.clause == case.clause and case.kind in unmet.kinds:
                return CaseVerdict(VIOLATED, unmet.sentence, failure)
        if failure is None:
            return CaseVerdict(KEPT)
        excuse = whole.models.get(model, whole).excuse(index, result)
        return CaseVerdict(EXCUSED, excuse, failure) if excuse else CaseVerdict(VIOLATED, what(failure), failure)

    def _conclusion(self, case: Case) -> Conclusion:
        """What the stages up to this one say about the clause and the kind."""
        stages = [self._stage(position, case) for position in range(case.position + 1)]
        return bisectable(stages, self.asked.selection, accepted=self.asked.accepted)

    def _stage(self, position: int, case: Case) -> StageResult:
        target = self.asked.targets[position]
        several = len(self.asked.plan.models) > 1
        models = {}
        for model in self.asked.verification.every_model:
            at = Case("", position, case.clause, case.kind, model if several else "")
            models[model] = {case.clause: ClauseResult(case.clause, {case.kind: self._result(at, model)})}
        return StageResult(target.index, target.title, target.module, together(models), models=models)
