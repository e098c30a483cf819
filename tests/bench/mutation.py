"""How many small changes of the stages does the suite notice? Prints what survives; the aim is that only what changes nothing does.

A mutant is killed if a clause fails for some kind that the stage as it is keeps, in any program, or if it cannot be tested. A survivor has
passed every program of every clause within the budget: either it does the same as the stage, or the suite lacks a program. What is known
to do the same is listed in `equivalent_mutants`, with the reason.

Usage: `python -m tests.bench.mutation [--stages 0,2,5] [--sample N] [--seed S] [--executions E] [--jobs J]`; without `--sample`, all
mutants of the stages.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.explored.models import USUAL
from harness.jobs.driving import drive
from harness.jobs.standing import Standing
from harness.sources.single_file import target_of_file
from harness.sources.target import Target
from harness.tasklets.contract import CLAUSES
from harness.verify.checking import Budget
from harness.verify.deepening import Effort
from harness.verify.first_look import first_look, going_on, verdicts_of
from harness.verify.models_together import together
from harness.verify.run_stages import Clauses, Verification, gather_verdicts, verify_stages
from harness.verify.verdicts import ERROR, FAIL
from stages import FIXED
from stages.api import AcceptedChange
from tests.bench.equivalent_mutants import reason
from tests.bench.mutation_operators import Mutation, mutations

STAGES = (0, 2, 5)
EXECUTIONS = 3_000

Violations = dict[tuple[str, str], tuple[str, ...]]


@dataclass(frozen=True)
class Judged:
    """A mutant of a stage, and what has killed it: a clause and a kind, or why it cannot be tested; nothing if it survives."""

    stage: int
    mutation: Mutation
    killed_by: str

    @property
    def equivalent(self) -> str:
        """Why it does the same as the stage, if that is known."""
        return reason(self.stage, self.mutation)


def plan_for(executions: int, known: Violations) -> Verification:
    """Everything up to the first violation that is not known."""
    budget = Budget(
        timed_seeds=1, effort=Effort(executions=executions, preemptions=1, samples=20, steps=1_500, simplify=0, accept_bound=0, model=USUAL)
    )
    clauses = tuple((name, clause.kinds) for name, clause in CLAUSES.items())
    accepted = tuple(AcceptedChange(clause, (kind,), 1, "known", programs) for (clause, kind), programs in known.items())
    return Verification(clauses, budget, stop_at_failure=bool(known), accepted=accepted)


def violations(found: Clauses) -> Violations:
    """Which programs fail, for each clause and kind that is violated."""
    return {
        (name, kind): result.failing for name, clause in found.items() for kind, result in clause.kinds.items() if result.verdict == FAIL
    }


def killer(found: Clauses, known: Violations) -> str:
    """What tells the mutant from its stage; "" if nothing does."""
    for (name, kind), failing in violations(found).items():
        if not failing or not set(failing) <= set(known.get((name, kind), ())):
            return f"{name} ({kind}){': ' * bool(failing)}{', '.join(failing)}"
    errors = [result for clause in found.values() for result in clause.kinds.values() if result.verdict == ERROR and result.failure]
    failures = [result.failure for result in errors if result.failure is not None and result.failure.kind not in ("undecided", "not run")]
    return f"cannot be tested: {failures[0].message}" if failures else ""


def judged(stage: int, mutants: Sequence[Mutation], known: Violations, executions: int, jobs: int) -> Iterator[Judged]:
    """Test mutants of one stage."""
    plan = plan_for(executions, known)
    with tempfile.TemporaryDirectory() as directory:
        for number, mutant in enumerate(mutants):
            found, unfit = tested(_target(Path(directory) / f"mutant_{number}.py", mutant), plan, jobs)
            yield Judged(stage, mutant, f"cannot be tested: {unfit}" if unfit else killer(found, known))


def tested(target: Target, plan: Verification, jobs: int) -> tuple[Clauses, str]:
    """The verdicts up to the first that is a violation, as `harness check` has them; or why there are none."""
    looked = first_look(target, plan, jobs, _unseen)
    if looked.enough:
        return together(verdicts_of(target, plan, looked)), looked.driven.problems.get(0, "")
    driven = drive([target], going_on(target, plan, looked), jobs, _unseen)
    (found,) = gather_verdicts([target], plan, driven)
    return found, driven.problems.get(0, "")


def _unseen(standing: Standing) -> None:
    """Nobody is shown how far one mutant has got."""


def _target(path: Path, mutant: Mutation) -> Target:
    path.write_text(mutant.source, encoding="utf-8")
    return target_of_file(str(path))


def known_of(stage: int, executions: int, jobs: int) -> Violations:
    """What the stage violates as it is."""
    target = target_of_file(str(FIXED.stages[stage].path))
    (found,), _ = verify_stages([target], plan_for(executions, {}), jobs, _unseen)
    return violations(found)


def main() -> None:
    """Test them and print what survives."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stages", default=",".join(map(str, STAGES)))
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--executions", type=int, default=EXECUTIONS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    every: list[Judged] = []
    for stage in map(int, options.stages.split(",")):
        mutants = mutations(FIXED.stages[stage].path.read_text(encoding="utf-8"))
        chosen = mutants if options.sample is None else random.Random(options.seed).sample(mutants, min(options.sample, len(mutants)))
        known = known_of(stage, options.executions, options.jobs)
        for number, each in enumerate(judged(stage, chosen, known, options.executions, options.jobs), 1):
            every.append(each)
            if not each.killed_by or number % 8 == 0:
                print(
                    f"stage {stage}: {number} of {len(chosen)} (of {len(mutants)}) {each.killed_by or f'survives: {each.mutation.name}'}",
                    file=sys.stderr,
                )
    _tell(every)


def _tell(every: Sequence[Judged]) -> None:
    equivalent = [each for each in every if not each.killed_by and each.equivalent]
    alive = [each for each in every if not each.killed_by and not each.equivalent]
    for each in alive:
        print(f"survives: stage {each.stage}: {each.mutation.name}")
    for each in equivalent:
        print(f"does the same: stage {each.stage}: {each.mutation.name}: {each.equivalent}")
    killed, counted = len(every) - len(alive) - len(equivalent), len(every) - len(equivalent)
    print(f"{killed} of {counted} killed ({100 * killed / max(counted, 1):.1f} %), {len(equivalent)} do the same")


if __name__ == "__main__":
    main()
