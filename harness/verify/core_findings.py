"""What fails only on a machine with the core of 2014: findings about that core, which accuse no stage and no patch.

Every test is made with the mended core as well, and all other verdicts are of that one. A clause that a stage violates with the core of
2014 and keeps with the mended one is a finding about the core. One that it violates with both is the stage's, and is told where those
are; of one that has no verdict with the mended core, nobody knows whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from harness.explored.models import ARM
from harness.verify.faults import Fault, undecided, violations
from harness.verify.verdicts import ERROR, FAIL, PASS, ClauseResult, KindResult, StageResult

# Whether a result with the core of 2014 is meant, given the verdict with the mended one, if there is one.
Meant = Callable[[KindResult, str | None], bool]


@dataclass(frozen=True)
class CoreFindings:
    """`found`: findings about the core. `unsure`: violations of which nobody knows whose they are. `undecided`: what has no verdict.

    `complete`: whether everything that was to be tested with the core of 2014 has a verdict.
    """

    found: tuple[Fault, ...] = ()
    unsure: tuple[Fault, ...] = ()
    undecided: tuple[Fault, ...] = ()
    complete: bool = True


def core_findings(stages: Sequence[StageResult]) -> CoreFindings:
    """What the stages say about the core of 2014."""
    return CoreFindings(
        tuple(violations(_meant(stages, lambda old, mended: old.verdict == FAIL and mended == PASS))),
        tuple(violations(_meant(stages, lambda old, mended: old.verdict == FAIL and mended not in (PASS, FAIL)))),
        tuple(undecided(_meant(stages, lambda old, mended: old.verdict == ERROR and mended in (PASS, FAIL)))),
        not any(_meant_of(stage, lambda old, mended: old.verdict == ERROR) for stage in stages),
    )


def _meant(stages: Sequence[StageResult], meant: Meant) -> list[StageResult]:
    """The stages with those results of theirs that are meant."""
    return [replace(stage, clauses=_meant_of(stage, meant), models={}, under_sc={}) for stage in stages]


def _meant_of(stage: StageResult, meant: Meant) -> dict[str, ClauseResult]:
    mended = stage.models.get(ARM, {})
    found: dict[str, ClauseResult] = {}
    for name, clause in stage.old_core.items():
        for kind, result in clause.kinds.items():
            known = mended[name].kinds.get(kind) if name in mended else None
            if meant(result, None if known is None else known.verdict):
                found.setdefault(name, ClauseResult(name)).kinds[kind] = result
    return found
