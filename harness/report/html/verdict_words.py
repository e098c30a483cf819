"""What a cell of the matrix says: one word for what is known of a clause and a kind on a stage under a memory model."""

from __future__ import annotations

from harness.verify.conclusions import Conclusion
from harness.verify.verdicts import FAIL, NOT_RUN, PASS, UNTESTABLE, KindResult

KEPT = "kept"
BROKEN = "broken"
ACCEPTED = "accepted"
UNDECIDED_HERE = "undecided"
CANNOT_BE_TESTED = "untestable"
NOT_TESTED = "not tested"

# The worst first: what is said of several kinds together is the first that there is.
WORDS = (BROKEN, UNDECIDED_HERE, CANNOT_BE_TESTED, ACCEPTED, NOT_TESTED, KEPT)
# What a reader is told.
MEANING = {
    KEPT: "no execution violates the clause, as far as a search has to go; how far it went is under Not searched",
    BROKEN: "an execution violates it",
    ACCEPTED: "an execution violates it, and whoever made the series says that this is meant",
    UNDECIDED_HERE: "the search ended before it could tell, or a read was not given every value that it might find; that accuses no patch",
    CANNOT_BE_TESTED: "the stage stands in the way of its tests, or lacks what this one asks for; that accuses no patch",
    NOT_TESTED: "nobody has tried",
}


def word_of(index: int, result: KindResult | None, conclusion: Conclusion) -> str:
    """The word for what was found out about stage `index`."""
    if result is None:
        return NOT_TESTED
    if result.verdict == PASS:
        return KEPT
    if result.verdict == FAIL:
        return ACCEPTED if (index, result.clause, result.kind) in conclusion.steps.tolerated else BROKEN
    kind = "" if result.failure is None else result.failure.kind
    if kind == UNTESTABLE or index in conclusion.untestable_stages:
        return CANNOT_BE_TESTED
    return NOT_TESTED if kind == NOT_RUN else UNDECIDED_HERE


def worst(words: list[str]) -> str:
    """What several of them are together."""
    return min(words, key=WORDS.index, default=NOT_TESTED)
