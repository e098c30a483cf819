"""A repository of a stage in C, one commit after the other: some change what it does, one does not compile, one changes only its header."""

from __future__ import annotations

from pathlib import Path

from stages.c import FIXED_C
from tests.sources.repositories import Repository

FILE, HEADER = "common/tasklet.c", "include/xen/tasklet.h"
PROJECT = f'files = ["{FILE}"]\nheaders = ["{HEADER}"]\nbase = "base"\n'
# What the clause `before-init` is about, and code that does not do it.
GUARD, NO_GUARD = "tasklets_initialised && ", ""
HEAD = "#include <xen/config.h>"
CHECK = ("--check", "before-init")


def make(directory: Path) -> Repository:
    """The repository, with tags at the commits that tests name."""
    first = FIXED_C.stages[0].path
    source, header = first.read_text(), (first.parent / HEADER).read_text()
    assert source.count(GUARD) == source.count(HEAD) == 1
    broken = source.replace(GUARD, NO_GUARD)
    repo = Repository(directory)

    def commit(tag: str, files: dict[str, str | bytes | None]) -> None:
        repo.commit_all(tag.capitalize(), files)
        repo.git("tag", tag)

    commit("base", {"harness.toml": PROJECT, FILE: source, HEADER: header})
    commit("tidy", {FILE: f"/* Tidy. */\n{source}"})
    commit("header", {HEADER: f"{header}\n#define LIMIT 3\n"})
    commit("half", {FILE: broken.replace(HEAD, f"{HEAD}\nint half")})
    commit("whole", {FILE: broken})
    commit("nothing", {"README": "Nothing of it."})
    commit("mended", {FILE: source})
    commit("lost", {HEADER: None})
    commit("found", {HEADER: header})
    commit("again", {FILE: f"{broken}\n/* The end. */\n"})
    return repo
