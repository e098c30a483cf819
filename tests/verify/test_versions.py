"""What follows from the verdicts of two versions, and what does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from harness.sources.matched_patches import Match
from harness.verify.versions import KEEPS, MENDED, NEW, NEWLY_ACCEPTED, OPEN, OR_BEFORE, SAME, Version, Versions, compare_versions
from stages.api import AcceptedChange
from tests.report.made import MakeStage, concluded

PAIRS = [("a", "softirq")]
# Compares the verdicts of two versions on one clause, stage by stage, see the fixture.
Compare = Callable[..., Versions]
ACCEPTED = (AcceptedChange("a", ("softirq",), 1, "Known."),)


@pytest.fixture
def compared(stage: MakeStage) -> Compare:
    """Compare the verdicts of two versions on one clause, stage by stage."""

    def compare(old: str, new: str, matches: Sequence[Match] = (Match(1, 1),), accepted: Sequence[str] = ()) -> Versions:
        sides = []
        for name, words in (("old", old), ("new", new)):
            stages = [stage(index, {"a": word}) for index, word in enumerate(words.split())]
            changes = ACCEPTED if name in accepted else ()
            sides.append({"sc": Version(stages, concluded(stages, of_stages=len(stages), accepted=changes))})
        return compare_versions(matches, PAIRS, *sides)

    return compare


TABLE = [
    # Both have a verdict.
    ("pass pass", "pass pass", []),
    ("pass fail", "pass pass", [MENDED]),
    ("pass pass", "pass fail", [NEW]),
    ("pass fail", "pass fail", [SAME]),
    # The baseline violates it already in one of them: nobody knows what the patch does there.
    ("fail fail", "pass fail", [OPEN]),
    ("pass fail", "fail fail", [OPEN]),
    ("fail fail", "fail fail", []),
    ("fail fail", "pass pass", []),
    ("pass pass", "fail fail", []),
    ("pass fail", "fail pass", [MENDED]),
    # One has none.
    ("pass undecided", "pass fail", [OPEN]),
    ("pass undecided", "pass pass", [OPEN]),
    ("pass fail", "pass error", [OPEN]),
    ("pass pass", "pass undecided", [OPEN]),
    # The stage before has none, so that it may be the baseline.
    ("undecided fail", "pass pass", [OPEN]),
    ("pass pass", "undecided fail", [OPEN]),
    ("undecided pass", "pass fail", [NEW]),
]


@pytest.mark.parametrize(("old", "new", "said"), TABLE)
def test_a_patch_of_both(compared: Compare, old: str, new: str, said: list[str]) -> None:
    """Mended and new are only what two verdicts say; undecided is neither."""
    found = compared(old, new)
    assert [each.said for patch in found.patches for each in patch.found] == said
    assert (found.new, found.undecided) == (said == [NEW], said == [OPEN])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("pass fail", "pass", [MENDED]),
        ("pass fail", "fail", [OPEN]),
        ("pass fail", "pass fail", [OPEN]),
        ("pass pass", "pass", []),
        ("fail fail", "pass", []),
        ("pass undecided", "pass", [OPEN]),
    ],
)
def test_a_dropped_patch(compared: Compare, old: str, new: str, said: list[str]) -> None:
    """What it broke is mended only if every stage of the second version keeps it."""
    found = compared(old, new, [Match(1, None)])
    assert [each.said for patch in found.patches for each in patch.found] == said


@pytest.mark.parametrize(("new", "said"), [("pass fail", [NEW]), ("pass pass", []), ("fail fail", []), ("pass undecided", [OPEN])])
def test_a_new_patch(compared: Compare, new: str, said: list[str]) -> None:
    """What it breaks is new."""
    found = compared("pass", new, [Match(None, 1)])
    assert [each.said for patch in found.patches for each in patch.found] == said


@pytest.mark.parametrize(
    ("old", "new", "accepted", "said"),
    [
        ("pass pass", "pass fail", ["new"], [NEWLY_ACCEPTED]),
        ("pass fail", "pass fail", ["new"], [SAME]),
        ("pass fail", "pass fail", ["old"], [SAME]),
        ("pass fail", "pass pass", ["old"], [MENDED]),
        ("pass pass", "pass fail", ["old"], [NEW]),
    ],
)
def test_what_is_accepted(compared: Compare, old: str, new: str, accepted: list[str], said: list[str]) -> None:
    """A break that a version declares is one, but it is not held against it."""
    found = compared(old, new, accepted=accepted)
    assert [each.said for patch in found.patches for each in patch.found] == said
    assert found.new == (said == [NEW])


def test_it_moves_to_another_patch(compared: Compare) -> None:
    """The first patch has mended it; that the second one breaks it now may have been hidden before, so that is open."""
    found = compared("pass fail fail", "pass pass fail", [Match(1, 1), Match(2, 2)])
    assert [[each.said for each in patch.found] for patch in found.patches] == [[MENDED], [OPEN]]


def test_a_patch_or_one_before(compared: Compare) -> None:
    """Where the stage before has no verdict, that is said of the version that it is true of."""
    found = compared("pass pass pass", "pass undecided fail", [Match(2, 2)])
    assert [(each.before, each.after, each.said) for each in found.patches[0].found] == [(KEEPS, OR_BEFORE, NEW)]
