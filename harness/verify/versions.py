"""Two versions of a series: what the second one mends, what it newly breaks, and what is as it was. Nothing is claimed that was not tested.

A patch is compared with the patch that it was in the first version, clause by clause, kind by kind, and under each memory model for itself.
What has no verdict on one side, or was violated before the patch there, tells nothing about the patch: it is neither mended nor new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from harness.sources.matched_patches import Match
from harness.verify.conclusions import Conclusion
from harness.verify.steps import Pair, histories
from harness.verify.verdicts import StageResult

# What is known of a patch and a clause for a kind.
KEEPS, BREAKS, ACCEPTED, BEFORE, UNKNOWN = "keeps", "breaks", "accepted", "before", "unknown"
# The stage before has no verdict.
OR_BEFORE = "breaks, or one before"
# What is said of it when two versions are compared.
MENDED, NEW, SAME, NEWLY_ACCEPTED, OPEN = "mended", "newly broken", "unchanged", "newly accepted", "not compared"
# A patch that breaks a clause is to blame, whether that is accepted or not.
GUILTY = (BREAKS, OR_BEFORE, ACCEPTED)


@dataclass(frozen=True)
class Version:
    """The results of one version under one memory model."""

    stages: Sequence[StageResult]
    conclusion: Conclusion

    @cached_property
    def _known(self) -> dict[Pair, dict[int, bool]]:
        return {pair: dict(history) for pair, history in histories(self.stages).items()}

    @cached_property
    def _broken(self) -> dict[tuple[int, str, str], str]:
        steps = self.conclusion.steps.breaks
        return {(step.patch, step.clause, kind): BREAKS if step.certain else OR_BEFORE for step in steps for kind in step.kinds}

    def state(self, patch: int, pair: Pair) -> str:
        """What the patch does to a clause for a kind."""
        known = self._known.get(pair, {})
        if patch not in known:
            return UNKNOWN
        if known[patch]:
            return KEEPS
        if broken := self._broken.get((patch, *pair)):
            return broken
        before = [keeps for index, keeps in known.items() if index < patch]
        if not before:
            return UNKNOWN
        return ACCEPTED if before[-1] else BEFORE

    def kept_throughout(self, pair: Pair) -> bool:
        """Whether every stage keeps it."""
        known = self._known.get(pair, {})
        return all(known.get(stage.index, False) for stage in self.stages)


@dataclass(frozen=True)
class Compared:
    """A clause for a kind under a memory model: what the patch of each version does, and what follows; None: there is no such patch."""

    clause: str
    kind: str
    model: str
    before: str | None
    after: str | None
    said: str


@dataclass(frozen=True)
class ComparedPatch:
    """A patch, and everything about it in which some version does not simply keep what it kept."""

    match: Match
    found: tuple[Compared, ...]

    def of(self, said: str) -> tuple[Compared, ...]:
        """What is said to be so."""
        return tuple(each for each in self.found if each.said == said)


@dataclass(frozen=True)
class Versions:
    """Two versions, compared patch by patch. `incomplete`: why there is more of a version than was compared."""

    patches: tuple[ComparedPatch, ...]
    incomplete: tuple[str, ...] = field(default=())

    @property
    def new(self) -> bool:
        """Whether the second version breaks something newly."""
        return any(patch.of(NEW) for patch in self.patches)

    @property
    def undecided(self) -> bool:
        """Whether something could not be compared."""
        return bool(self.incomplete) or any(patch.of(OPEN) for patch in self.patches)


def compare_versions(
    matches: Sequence[Match],
    pairs: Sequence[Pair],
    before: Mapping[str, Version],
    after: Mapping[str, Version],
    incomplete: Sequence[str] = (),
) -> Versions:
    """Compare two versions, each by its results under each memory model."""
    patches = [ComparedPatch(match, tuple(_compared(match, pairs, before, after))) for match in matches]
    return Versions(tuple(patches), tuple(incomplete))


def _compared(match: Match, pairs: Sequence[Pair], before: Mapping[str, Version], after: Mapping[str, Version]) -> Iterator[Compared]:
    for model, old in before.items():
        for pair in pairs:
            was = None if match.before is None else old.state(match.before, pair)
            now = None if match.after is None else after[model].state(match.after, pair)
            if said := _said(was, now, after[model].kept_throughout(pair)):
                yield Compared(*pair, model, was, now, said)


def _said(was: str | None, now: str | None, kept: bool) -> str:
    """What follows from what the patch did and does; empty if nothing does. `kept`: by every stage of the second version."""
    if UNKNOWN in (was, now):
        return OPEN
    if was in GUILTY:
        if now in GUILTY:
            return SAME
        return MENDED if now == KEEPS or (now is None and kept) else OPEN
    if now in GUILTY:
        return OPEN if was == BEFORE else NEWLY_ACCEPTED if now == ACCEPTED else NEW
    return ""
