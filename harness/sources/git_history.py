"""Which commits a range of a git repository is: from where two histories part to a tip, along first parents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.sources.git_objects import SHORT, GitObjects
from harness.sources.safe_git import NoSource, output_of, readable, run_git, text_of
from harness.suite.whole_numbers import shortened

HEAD = "HEAD"
# A whole hash; and so many of its digits are enough for a reader.
HASH = re.compile("[0-9a-f]{40}(?:[0-9a-f]{24})?")
ENOUGH_DIGITS = 12
# Behind HEAD: what is staged, and the files as they are.
INDEX, WORKTREE = "INDEX", "WORKTREE"
UNCOMMITTED = (INDEX, WORKTREE)
# What a shallow clone needs, where a person has made it and where a workflow of GitHub has.
DEEPER = "the clone is shallow: fetch the rest of its history (git fetch --unshallow; of actions/checkout, fetch-depth: 0)"
# Where a clone has the branches of what it is a clone of.
REMOTE = "origin/"
# Nobody means a longer one, and each commit is read.
MOST_COMMITS = 10_000


@dataclass(frozen=True)
class Revisions:
    """The two ends of a range as the user has written them."""

    base: str
    tip: str
    # What people know the range as, if not by its ends.
    name: str = ""

    @property
    def text(self) -> str:
        """As people read it: without all the digits of a hash."""
        return self.name or "..".join(end[:ENOUGH_DIGITS] if HASH.fullmatch(end) else shown(end) for end in (self.base, self.tip))

    @property
    def uncommitted(self) -> str:
        """INDEX or WORKTREE, if one of them is the last stage."""
        return self.tip if self.tip in UNCOMMITTED else ""


@dataclass(frozen=True)
class History:
    """Hashes of commits: the baseline, and those after it, the oldest first."""

    baseline: str
    commits: tuple[str, ...]
    notes: tuple[str, ...] = ()


def shown(name: str) -> str:
    """A name as messages have it."""
    return shortened(" ".join(readable(name).split()))


def parsed_range(text: str, base: str = "") -> Revisions:
    """The ends of `BASE..TIP`; without BASE it is `base`, or HEAD, and without TIP, HEAD."""
    first, dots, last = text.partition("..")
    if not dots or last.startswith("."):
        raise NoSource(f"{shown(text)!r} is no range: write BASE..TIP, such as main..topic")
    found = Revisions(first or base or HEAD, last or HEAD)
    for name in (found.base, found.tip):
        if name.startswith("-") or not name.isprintable() or name != name.strip():
            raise NoSource(f"{shown(name)!r} is no name of a commit: write BASE..TIP, such as main..topic")
    if found.base in UNCOMMITTED:
        raise NoSource(f"{found.base} cannot be the base of a range: what is not committed comes last")
    return found


def commit_called(objects: GitObjects, name: str) -> str:
    """The hash of the commit that is called so; raises `NoSource`."""
    if name.startswith("-") or not name.isprintable():
        raise NoSource(f"{shown(name)!r} is no name of a commit")
    found = objects.commit_named(name)
    if found is None and name == HEAD:
        raise NoSource("HEAD has no commit yet: commit something first")
    if found is None:
        raise NoSource(f"there is no commit {shown(name)!r} in the repository: {_instead(objects, name)}")
    return found


def _instead(objects: GitObjects, name: str) -> str:
    """What to do about a commit that is not there."""
    there = f"{REMOTE}{name} is there; " * (objects.commit_named(REMOTE + name) is not None)
    return there + (DEEPER if objects.shallow and not there else "name a branch, a tag or a hash")


def lasting_name(objects: GitObjects, name: str) -> str:
    """A name of the same commit that stays its own: the beginning of its hash, or all of it where that is of several. Raises `NoSource`.

    What is not committed has no other name.
    """
    if name in UNCOMMITTED:
        return name
    oid = commit_called(objects, name)
    beginning = oid[:ENOUGH_DIGITS]
    return beginning if objects.commit_named(beginning) == oid else oid


def lasting_range(objects: GitObjects, revisions: Revisions) -> str:
    """The same range for somebody else, or for later, when branches and HEAD are somewhere else. Raises `NoSource`."""
    return f"{lasting_name(objects, revisions.base)}..{lasting_name(objects, revisions.tip)}"


def history(objects: GitObjects, revisions: Revisions) -> History:
    """The commits of a range; raises `NoSource` if there are none, or if it is no range."""
    base, tip = (commit_called(objects, name) for name in (revisions.base, HEAD if revisions.uncommitted else revisions.tip))
    if base == tip:
        if not revisions.uncommitted:
            raise NoSource(f"{revisions.text} is empty: both ends are the same commit, {base[:SHORT]}")
        return History(base, ())
    lines = _first_parents(objects, base, tip)
    if not lines:
        raise NoSource(
            f"{revisions.text} is empty: the tip is an ancestor of the base; write {shown(revisions.tip)}..{shown(revisions.base)}"
        )
    if len(lines) > MOST_COMMITS:
        raise NoSource(f"{revisions.text} has more than {MOST_COMMITS} commits: name a base that is nearer")
    if len(lines[0]) == 1:
        raise NoSource(_unrelated(objects, revisions, lines[0][0]))
    baseline = lines[0][1]
    return History(baseline, tuple(line[0] for line in lines), _notes(revisions, base, baseline))


def _first_parents(objects: GitObjects, base: str, tip: str) -> list[list[str]]:
    """Each commit that is the tip or a first parent of one, and none of the base's history, with its parents; the oldest first."""
    words = ("rev-list", "--first-parent", "--parents", f"--max-count={MOST_COMMITS + 1}", tip, f"^{base}", "--")
    return [line.split() for line in reversed(output_of(objects.directory, *words).decode().splitlines())]


def _unrelated(objects: GitObjects, revisions: Revisions, oldest: str) -> str:
    if objects.shallow:
        return f"the history of {revisions.text} ends at {oldest[:SHORT]} before the ends meet, and {DEEPER}"
    return f"{revisions.text} is no range: the two ends have no commit in common"


def _notes(revisions: Revisions, base: str, baseline: str) -> tuple[str, ...]:
    if base == baseline:
        return ()
    said = f"{shown(revisions.base)} ({base[:SHORT]}) is no ancestor of the patches by first parents"
    return (f"{said}: the baseline is the parent of the first one, {baseline[:SHORT]}",)


def renamed_from(objects: GitObjects, parent: str, commit: str, path: str) -> str | None:
    """What a file that a commit has, and its parent lacks, was called in the parent, if it was renamed."""
    words = ("diff-tree", "-r", "-z", "--raw", "-M", "--no-ext-diff", "--no-textconv", "--diff-filter=R", parent, commit, "--")
    parts = run_git(objects.directory, *words).stdout.split(b"\0")
    found = _records(parts)
    return found.get(path)


def _records(parts: Sequence[bytes]) -> dict[str, str]:
    """By the new name the old one, from `:mode mode hash hash R100`, old name, new name."""
    renamed = {}
    for head, old, new in zip(parts[::3], parts[1::3], parts[2::3], strict=False):
        if re.search(rb" R[0-9]*$", head):
            renamed[text_of(new)] = text_of(old)
    return renamed
