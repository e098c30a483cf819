"""Which patch of one version of a series is which of another one, as `git range-diff` tells it.

Titles come first: a title that each version has once makes a pair. Of the patches that are left, equal diffs do, and then those with the
smallest differences between their diffs, all in all. A pair is not made if it is cheaper to call one patch dropped and the other one new,
each of which costs so many per cent of its diff.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from itertools import pairwise

from harness.sources.assignment import cheapest
from harness.sources.target import Target

# What `git range-diff` calls the creation factor, with the value that it has there.
CREATION_PER_CENT = 60
TAGS = re.compile(r"^(\s*\[[^\]]*\])+\s*")
# The numbers of two patches.
Numbers = tuple[int, int]


@dataclass(frozen=True)
class Match:
    """A patch of the first version and a patch of the second one, by their numbers; None: there is no such patch in that version."""

    before: int | None
    after: int | None


@dataclass(frozen=True)
class _Patch:
    number: int
    title: str
    diff: tuple[str, ...]


def matched_patches(before: Sequence[Target], after: Sequence[Target]) -> list[Match]:
    """All patches of two versions, in the order of the second one; a dropped one comes as soon as all before it have."""
    old, new = _patches(before), _patches(after)
    found: list[Numbers] = []
    for pair in (_by(lambda patch: patch.title), _by(lambda patch: patch.diff), _most_similar):
        made = pair(_left(old, [number for number, _ in found]), _left(new, [number for _, number in found]))
        found += [(one.number, other.number) for one, other in made]
    return _in_order([patch.number for patch in old], [patch.number for patch in new], found)


def _patches(stages: Sequence[Target]) -> list[_Patch]:
    return [
        _Patch(stage.index, " ".join(TAGS.sub("", stage.title).split()).casefold(), _diff(previous, stage))
        for previous, stage in pairwise(stages)
    ]


def _diff(before: Target, after: Target) -> tuple[str, ...]:
    """The lines of a diff of all files, without the numbers of lines, which change with every patch before."""
    files = [{"": stage.source, **dict(stage.beside)} for stage in (before, after)]
    lines: list[str] = []
    for name in sorted({*files[0], *files[1]}):
        old, new = (of.get(name, b"").decode("utf-8", "replace").splitlines() for of in files)
        lines += [line for line in list(unified_diff(old, new, lineterm=""))[2:] if not line.startswith("@@")]
    return tuple(lines)


def _left(patches: Iterable[_Patch], paired: Sequence[int]) -> list[_Patch]:
    return [patch for patch in patches if patch.number not in paired]


Pairs = list[tuple[_Patch, _Patch]]


def _by(key: Callable[[_Patch], object]) -> Callable[[Sequence[_Patch], Sequence[_Patch]], Pairs]:
    """Makes pairs of what is equal, if each version has it once."""

    def pairs(old: Sequence[_Patch], new: Sequence[_Patch]) -> Pairs:
        one, other = _once(old, key), _once(new, key)
        return [(patch, other[what]) for what, patch in one.items() if what in other]

    return pairs


def _once(patches: Sequence[_Patch], key: Callable[[_Patch], object]) -> dict[object, _Patch]:
    keys = [key(patch) for patch in patches]
    return {what: patch for what, patch in zip(keys, patches, strict=True) if keys.count(what) == 1}


def _most_similar(old: Sequence[_Patch], new: Sequence[_Patch]) -> Pairs:
    """The cheapest pairs. In the matrix, more columns than new patches drop an old one, more rows than old ones add a new one."""
    if not old or not new:
        return []
    costs = [[_difference(one, other) for other in new] + [_alone(one)] * len(old) for one in old]
    costs += [[_alone(other) for other in new] + [0] * len(old) for _ in new]
    return [(one, new[column]) for one, column in zip(old, cheapest(costs), strict=False) if column < len(new)]


def _difference(one: _Patch, other: _Patch) -> int:
    """How many lines of the two diffs have no equal in the other one, times a hundred."""
    same = sum(block.size for block in SequenceMatcher(None, one.diff, other.diff, autojunk=False).get_matching_blocks())
    return 100 * (len(one.diff) + len(other.diff) - 2 * same)


def _alone(patch: _Patch) -> int:
    return CREATION_PER_CENT * len(patch.diff)


def _in_order(old: Sequence[int], new: Sequence[int], pairs: Sequence[Numbers]) -> list[Match]:
    partners = {after: before for before, after in pairs}
    waiting, found = list(old), list[Match]()

    def drop() -> None:
        """Tell of the dropped patches that nothing of the first version comes before any more."""
        while waiting and waiting[0] not in partners.values():
            found.append(Match(waiting.pop(0), None))

    for number in new:
        drop()
        before = partners.get(number)
        found.append(Match(before, number))
        if before is not None:
            waiting.remove(before)
    drop()
    return found
