"""What earlier runs know of the two ends of a series: between them, `git bisect` can search for who broke a clause. Nothing is executed."""

from __future__ import annotations

from collections.abc import Sequence

from harness.jobs.driving import Driven
from harness.jobs.remembering import KnownOutcomes, known_to
from harness.sources.target import Target
from harness.verify.run_stages import Verification, gather_verdicts, verify_steps
from harness.verify.verdicts import FAIL, PASS


def broken_between(targets: Sequence[Target], plan: Verification, known: KnownOutcomes) -> tuple[str, ...] | None:
    """The clauses that the first stage is known to keep, for all kinds, and the last one to violate; None if some verdict is not known."""
    first, last = _verdicts(targets[0], plan, known), _verdicts(targets[-1], plan, known)
    found = tuple(clause for clause, _ in plan.clauses if (first.get(clause), last.get(clause)) == (PASS, FAIL))
    everything = all(clause in verdicts for clause, _ in plan.clauses for verdicts in (first, last))
    return found if found or everything else None


def _verdicts(target: Target, plan: Verification, known: KnownOutcomes) -> dict[str, str]:
    """By clause, its verdict, if there is one for each kind."""
    outcomes = {step: outcome for step in verify_steps([target], plan) if (outcome := known_to(known, step.task)) is not None}
    (clauses,) = gather_verdicts([target], plan, Driven(outcomes))
    kinds = dict(plan.clauses)
    return {name: result.verdict for name, result in clauses.items() if set(kinds[name]) <= set(result.kinds)}
