"""Which patch of one version is which of another one."""

from __future__ import annotations

import re
from pathlib import Path

from harness.sources.matched_patches import Match, matched_patches
from harness.sources.target import Target
from tests.sources.repositories import Repository

LINES = "".join(f"line = {number}\n" for number in range(40))


def version(*patches: tuple[str, str, str]) -> list[Target]:
    """The stages of a series: each patch has a title, and puts a text in the place of another one."""
    stages = [Target(0, "baseline", "stage.py", "/stage.py", source=LINES.encode())]
    for title, old, new in patches:
        source = stages[-1].source.decode()
        assert old in source
        stages.append(Target(len(stages), title, "stage.py", "/stage.py", source=source.replace(old, new).encode()))
    return stages


LONG = "".join(f"new = {number}\n" for number in range(10))
FIRST = ("first", "line = 3\n", LONG)
SECOND = ("second", "line = 20\n", LONG.replace("new", "other"))
THIRD = ("third", "line = 33\n", "".join(f"third_{letter} = 0\n" for letter in "abcdefgh"))


def numbers(matches: list[Match]) -> list[tuple[int | None, int | None]]:
    """The same as plain pairs."""
    return [(match.before, match.after) for match in matches]


def test_titles_come_first() -> None:
    """Whatever has become of the content, of the place and of the tags before the title."""
    swapped = version(("[PATCH v2 1/2] Second", *FIRST[1:]), ("[PATCH v2 2/2] first", *SECOND[1:]))
    assert numbers(matched_patches(version(FIRST, SECOND), swapped)) == [(2, 1), (1, 2)]


def test_titles_that_come_twice_tell_nothing() -> None:
    """Then the diffs do."""
    old = version(("fix", *FIRST[1:]), ("fix", *SECOND[1:]))
    assert numbers(matched_patches(old, version(("fix", *SECOND[1:]), ("fix", *FIRST[1:])))) == [(2, 1), (1, 2)]


def test_diffs_that_are_similar() -> None:
    """A patch with another title and a few other lines is the same one; with other lines it is new, and the old one dropped."""
    old = version(FIRST, SECOND, THIRD)
    changed = version(("one", "line = 3\n", LONG.replace("new = 4", "new = 44")), ("two", *SECOND[1:]), ("unlike", "line = 10\n", "x\n"))
    assert numbers(matched_patches(old, changed)) == [(1, 1), (2, 2), (3, None), (None, 3)]


def test_the_order_of_the_second_version() -> None:
    """A dropped patch comes as soon as those before it have."""
    assert numbers(matched_patches(version(FIRST, SECOND, THIRD), version(FIRST, THIRD))) == [(1, 1), (2, None), (3, 2)]
    assert numbers(matched_patches(version(FIRST), version(THIRD, FIRST))) == [(None, 1), (1, 2)]
    assert numbers(matched_patches(version(), version(FIRST))) == [(None, 1)]
    assert matched_patches(version(), version()) == []


def test_a_file_beside_the_stage_is_of_the_patch() -> None:
    """A patch that changes nothing else is known again by that."""

    def with_helper(title: str, first: str, then: str) -> list[Target]:
        return [Target(i, title, "s.py", "/s.py", source=b"1", beside=(("h.py", of.encode()),)) for i, of in enumerate((first, then))]

    assert numbers(matched_patches(with_helper("a", LINES, LINES + LONG), with_helper("b", LINES, LINES + LONG))) == [(1, 1)]
    assert numbers(matched_patches(with_helper("a", LINES, LINES + LONG), with_helper("b", LONG, ""))) == [(1, None), (None, 1)]


def test_as_git_range_diff_does_it(tmp_path: Path) -> None:
    """Where titles and contents say the same: one patch changed, one dropped, one new, two in another order."""
    old = [FIRST, SECOND, THIRD, ("fourth", "line = 38\n", "fourth = 4\n" * 5)]
    new = [
        THIRD,
        ("first", "line = 3\n", LONG.replace("new = 4", "new = 44")),
        ("fourth", *old[3][1:]),
        ("fifth", "line = 12\n", "x\n" * 9),
    ]
    repo = Repository(tmp_path / "repo")
    repo.commit("baseline", stage=LINES)
    repo.git("tag", "base")
    for name, patches in (("v1", old), ("v2", new)):
        repo.git("checkout", "--quiet", "-b", name, "base")
        for stage in version(*patches)[1:]:
            repo.commit(stage.title, stage=stage.source)
    lines = repo.git("range-diff", "--no-color", "--no-patch", "base..v1", "base..v2").splitlines()
    said = [re.match(r"\s*([0-9]+|-):.+[=!<>]\s*([0-9]+|-):", line) for line in lines]
    pairs = [tuple(None if word == "-" else int(word) for word in found.groups()) for found in said if found]
    assert len(pairs) == 5
    assert numbers(matched_patches(version(*old), version(*new))) == pairs
