"""Which clauses a series violates, found by a run: where each is violated first, and by which execution, the simplest that was found.

Nothing here knows in advance what fails. What a person has written about a finding is kept next to the series and belongs to a clause, a
patch and a kind of failure: where what is found differs, the text is not used.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from harness.explored.models import SC
from harness.jobs.driving import Driven
from harness.jobs.standing import Standing
from harness.sources.shipped import targets_of_series
from harness.sources.target import Target
from harness.suite.registry import suite_named
from harness.verify.checking import Budget
from harness.verify.explore_programs import Row, explore_programs, simplest_row
from harness.verify.run_stages import Clauses, Verification, verify_stages
from harness.verify.verdicts import ERROR, FAIL
from harness.verify.verify_in_worker import Request
from stages.api import Series

STAGES = Path(__file__).resolve().parents[2] / "stages"

SOON = 1_000

T = TypeVar("T")
# Called with what is being done, and how far that has got.
Progress = Callable[[str, Standing], None]


class Unfit(Exception):
    """The series cannot be tested, or its texts cannot be read; the message says why."""


@dataclass(frozen=True)
class Finding:
    """A clause that is violated: since which patch, for which kinds then, in which stages, and the simplest counterexample found."""

    clause: str
    patch: int
    kinds: tuple[str, ...]
    stages: tuple[int, ...]
    example: Row


@dataclass(frozen=True)
class Explanation:
    """What somebody has written about a finding."""

    clause: str
    patch: int
    failure: str
    text: str

    def fits(self, finding: Finding) -> bool:
        """Whether it is about this finding."""
        failure = finding.example.found.failure
        return failure is not None and (self.clause, self.patch, self.failure) == (finding.clause, finding.patch, failure.kind)


@dataclass(frozen=True)
class Remark:
    """What somebody has written about a clause that is violated under a memory model, and under no stronger one."""

    clause: str
    model: str
    text: str


@dataclass
class Findings:
    """All of them, in the order of the contract. `baseline` are the clauses that no patch broke, as the baseline did not keep them.

    `undecided` and `kept` are the others.
    """

    series: Series
    model: str = SC
    found: list[Finding] = field(default_factory=list)
    baseline: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    interrupted: bool = False


def find(series: Series, budget: Budget, jobs: int, progress: Progress) -> Findings:
    """Test every stage, then search for the simplest counterexample to each clause at the first stage that violates it."""
    targets = targets_of_series(series)
    suite = suite_named(series.suite)
    clauses = tuple((name, clause.kinds) for name, clause in suite.clauses.items())
    # A counterexample is one execution.
    plan = Verification(clauses, budget, across_executions=False)
    stages, driven = verify_stages(targets, plan, jobs, lambda standing: progress("stages", standing))
    _require_sound(targets, driven)
    findings = Findings(series, budget.effort.model, interrupted=driven.interrupted)
    for clause in suite.clauses:
        verdicts = {at.index: stage[clause].verdict for at, stage in zip(targets, stages, strict=True) if clause in stage}
        if FAIL not in verdicts.values():
            (findings.undecided if ERROR in verdicts.values() else findings.kept).append(clause)
            continue
        bad = tuple(index for index, verdict in verdicts.items() if verdict == FAIL)
        if bad[0] == targets[0].index:
            findings.baseline.append(clause)
            continue
        if findings.interrupted:
            continue
        at = next(position for position, target in enumerate(targets) if target.index == bad[0])
        kinds = failing_kinds(stages[at], clause)
        under = replace(budget, effort=replace(budget.effort, model=weakest_needed(stages[at], clause, budget.effort.model)))
        example, findings.interrupted = _simplest(targets[at], clause, kinds, under, jobs, progress)
        if example is not None:
            findings.found.append(Finding(clause, bad[0], kinds, bad, example))
    return findings


def failing_kinds(stage: Clauses, clause: str) -> tuple[str, ...]:
    """The kinds of tasklet for which a stage violates a clause."""
    return tuple(kind for kind, result in stage[clause].kinds.items() if result.verdict == FAIL)


def weakest_needed(stage: Clauses, clause: str, usual: str) -> str:
    """Sequential consistency where it violates a clause too; else the usual model: a counterexample without store buffers is shorter."""
    failures = [result.failure for result in stage[clause].kinds.values() if result.verdict == FAIL]
    return SC if any(failure is not None and failure.model == SC for failure in failures) else usual


def _require_sound(targets: Sequence[Target], driven: Driven) -> None:
    for position, problem in driven.problems.items():
        raise Unfit(f"{targets[position].label} cannot be tested: it {problem}")
    for fault in driven.faults:
        raise Unfit(fault)


def _simplest(target: Target, clause: str, kinds: Sequence[str], budget: Budget, jobs: int, progress: Progress) -> tuple[Row | None, bool]:
    """The simplest counterexample over all programs and kinds, and whether the search was interrupted."""
    pairs = [
        (kind, program.name) for program in suite_named(target.suite).clauses[clause].programs for kind in kinds if kind in program.kinds
    ]
    # What is short is found soon.
    for executions in (min(SOON, budget.effort.executions), budget.effort.executions):
        requests = [Request(clause, *pair, executions=executions, seed=budget.seed, model=budget.effort.model) for pair in pairs]
        explored = explore_programs(target, requests, jobs, lambda done, _: progress(clause, Standing(done, len(pairs))))
        failing = [row for row in explored.rows if row.found.failure is not None and row.found.counterexample]
        if failing or explored.interrupted:
            return simplest_row(failing), explored.interrupted
    raise Unfit(f"{target.label} violates {clause}, but no search of its programs finds that again")


def explanations(series: Series) -> list[Explanation]:
    """The texts about the series: `findings.toml` in its directory, if there is one."""
    return _texts(
        series, "finding", lambda entry: Explanation(entry["clause"], entry["patch"], entry["failure"], " ".join(entry["text"].split()))
    )


def remarks(series: Series) -> list[Remark]:
    """What the same file says of clauses that are violated under a weak memory model only."""
    return _texts(series, "weak", lambda entry: Remark(entry["clause"], entry["model"], " ".join(entry["text"].split())))


def _texts(series: Series, kind: str, read: Callable[[dict[str, Any]], T]) -> list[T]:
    path = STAGES / series.name / "findings.toml"
    if not path.exists():
        return []
    try:
        return [read(entry) for entry in tomllib.loads(path.read_text(encoding="utf-8")).get(kind, [])]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unfit(f"{path} is not a list of findings: {type(error).__name__}: {error}") from None
