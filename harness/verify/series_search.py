"""Searches a series for the patch that breaks a clause, without testing every stage: what to test next, and what is known then.

Nothing is tested here: a verdict is what somebody has found out about a stage, for one clause and one kind. A stage without a verdict
accuses nobody, and no patch is accused before the stages on both sides of the change have been tested once more, with the same verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from harness.verify.verdicts import FAIL, PASS

BINARY = "binary"
# All stages between the ends, from the base on: every change that lasts for a stage is seen.
LINEAR = "linear"

# What a search comes to: one patch, one of several patches, or why nobody is accused.
CULPRIT = "culprit"
SUSPECTS = "suspects"
KEPT = "kept at the tip"
BROKEN_BEFORE = "violated at the base"
NO_END = "an end without a verdict"
INCONSISTENT = "inconsistent"
UNCONFIRMED = "not confirmed"


@dataclass(frozen=True)
class Change:
    """Two stages with different verdicts, between which no stage has one; `breaks`: the first keeps the clause, and not the other way."""

    before: int
    after: int
    breaks: bool

    @property
    def patches(self) -> tuple[int, ...]:
        """The patches that may have made it."""
        return tuple(range(self.before + 1, self.after + 1))


@dataclass(frozen=True)
class Answer:
    """What a search comes to; `changes`: all that were seen, of which there is one if somebody is accused."""

    outcome: str
    changes: tuple[Change, ...] = ()

    @property
    def suspects(self) -> tuple[int, ...]:
        """The patches one of which has done it; none if nobody is accused."""
        return self.changes[0].patches if self.outcome in (CULPRIT, SUSPECTS) else ()


@dataclass
class ClauseSearch:
    """The search for one clause and kind among `stages`, numbered from 0.

    `known` has the verdicts by stage, in the order in which they were found out; `again` those of stages that were tested once more.
    """

    how: str
    stages: int
    known: dict[int, str] = field(default_factory=dict)
    again: dict[int, str] = field(default_factory=dict)

    @property
    def tip(self) -> int:
        """The last stage."""
        return self.stages - 1

    def wanted(self) -> list[int]:
        """The stages to test next: first both ends, and others only between a base that keeps the clause and a tip that does not."""
        if ends := [end for end in (0, self.tip) if end not in self.known]:
            return ends
        changes = changes_of(self.known)
        if self.outcome_of_ends() or len(changes) > 1:
            return []
        (change,) = changes
        left = [stage for stage in range(change.before, change.after) if stage not in self.known]
        # The middle one of those that are left: a verdict rules out half of them, and no verdict rules out only the stage itself.
        middle = len(left) // 2
        return left[middle : middle + 1] if self.how == BINARY else left

    def to_confirm(self) -> tuple[int, ...]:
        """The stages that have to be tested once more before somebody is accused: those on both sides of the only change."""
        changes = changes_of(self.known)
        if self.wanted() or self.outcome_of_ends() or len(changes) > 1:
            return ()
        return changes[0].before, changes[0].after

    def answer(self) -> Answer:
        """What is known, when nothing more is wanted, and what was to be confirmed has been tested again."""
        changes = changes_of(self.known)
        if len(changes) > 1:
            return Answer(INCONSISTENT, changes)
        if outcome := self.outcome_of_ends():
            return Answer(outcome, changes)
        return Answer(self._confirmed(changes[0]), changes)

    def outcome_of_ends(self) -> str:
        """Why there is nothing to search for between the ends; empty if there is."""
        base, tip = self.known.get(0), self.known.get(self.tip)
        if base not in (PASS, FAIL) or tip not in (PASS, FAIL):
            return NO_END
        return BROKEN_BEFORE if base == FAIL else KEPT if tip == PASS else ""

    def _confirmed(self, change: Change) -> str:
        verdicts = self.again.get(change.before), self.again.get(change.after)
        if verdicts == (PASS, FAIL):
            return CULPRIT if len(change.patches) == 1 else SUSPECTS
        return INCONSISTENT if verdicts[0] == FAIL or verdicts[1] == PASS else UNCONFIRMED


def changes_of(known: Mapping[int, str]) -> tuple[Change, ...]:
    """Where verdicts change, in the order of the stages; stages without one do not count."""
    decided = sorted(stage for stage, verdict in known.items() if verdict in (PASS, FAIL))
    return tuple(Change(before, after, known[before] == PASS) for before, after in pairwise(decided) if known[before] != known[after])
