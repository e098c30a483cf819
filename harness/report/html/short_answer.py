"""The answer at the top of a page: a few words, and who breaks how much, with links to where that is told. What exactly is said below."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.verify.conclusions import Conclusion, count_of
from harness.verify.steps import Step

# Where what has no verdict is told.
OPEN = "not-searched"
# Where everything is told that a page has a link to at once.
WHOLE = "contract"
WHO = re.compile(r"patch (\d+)|the baseline")


@dataclass(frozen=True)
class Linked:
    """A part of running text, and the place on the page that it leads to, if it leads anywhere."""

    text: str
    place: str = ""


@dataclass(frozen=True)
class ShortAnswer:
    """`head`: a few words; `parts`: the rest, each of them a sentence of its own without a full stop."""

    head: str
    parts: tuple[tuple[Linked, ...], ...]


def patch_anchor(index: int) -> str:
    """Where the section of a stage is."""
    return f"patch-{index}"


def short_answer(conclusion: Conclusion) -> ShortAnswer:
    """What is bisectable, or what was tested; then who is to blame, and for how many clauses."""
    return ShortAnswer(conclusion.head, tuple(_parts(conclusion)))


def linked_line(line: str, stages: Sequence[int], baseline: int) -> tuple[Linked, ...]:
    """A line that says what a patch does: whom it names first is a link, if that is one of `stages`."""
    found = WHO.search(line)
    index = -1 if found is None else int(found[1]) if found[1] else baseline
    if found is None or index not in stages:
        return (Linked(line),)
    return (Linked(line[: found.start()]), Linked(found[0], patch_anchor(index)), Linked(line[found.end() :]))


def _parts(conclusion: Conclusion) -> Iterator[tuple[Linked, ...]]:
    steps, alone = conclusion.steps, conclusion.violated_alone
    if alone:
        index = conclusion.selection.stages[0]
        yield Linked(f"stage {index}", patch_anchor(index)), Linked(f", the only one tested, violates {_clauses(alone)}")
    elif not steps.breaks and not steps.unknown:
        # There is nobody to be named: whatever the sentence of the run says first.
        yield (Linked(conclusion.answer.partition("; ")[0], WHOLE),)
    yield from (_patch(patch, conclusion) for patch in sorted({step.patch for step in (*steps.breaks, *steps.mends)}))
    for patch in [] if alone else sorted({step.patch for step in steps.unknown}):
        which = _clauses(step for step in steps.unknown if step.patch == patch)
        yield Linked(f"patch {patch}", patch_anchor(patch)), Linked(f" or before, or the baseline, breaks {which}")
    if steps.baseline and not alone:
        place = patch_anchor(min(conclusion.selection.every_stage))
        yield Linked("the baseline", place), Linked(f" violates {_clauses(steps.baseline)} itself, which is held against no patch")
    if steps.unmet:
        yield (Linked(f"{count_of(len(steps.unmet), 'accepted change')} {'does' if len(steps.unmet) == 1 else 'do'} not happen"),)
    unsure = (*conclusion.undecided_stages, *conclusion.untestable_stages, *conclusion.lacking_stages)
    if unsure:
        yield Linked("without a verdict", OPEN), Linked(f": tests of {count_of(len(set(unsure)), 'stage')}")


def _patch(patch: int, conclusion: Conclusion) -> tuple[Linked, ...]:
    steps = conclusion.steps
    breaks, mends = ([step for step in every if step.patch == patch] for every in (steps.breaks, steps.mends))
    did = [f"{verb} {_clauses(each)}" for verb, each in (("breaks", breaks), ("mends", mends)) if each]
    before = "" if any(step.certain for step in (*breaks, *mends)) else " or before"
    return Linked(f"patch {patch}", patch_anchor(patch)), Linked(f"{before} {' and '.join(did)}")


def _clauses(steps: Iterable[Step]) -> str:
    """How many; the only one by its name."""
    names = list(dict.fromkeys(step.clause for step in steps))
    return names[0] if len(names) == 1 else count_of(len(names), "clause")
