"""The objects of a git repository: commits, trees and blobs, by their hashes. Nothing is read but objects, and nothing is written."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO

from harness.sources.safe_git import NoSource, command, environment, first_line, output_of, readable, run_git, text_of
from harness.sources.target import LARGEST
from harness.suite.whole_numbers import shortened

DIRECTORY, LINK, SUBMODULE = "40000", "120000", "160000"
# A directory of a million files.
LARGEST_TREE = 64 << 20
CHUNK = 1 << 16
SHORT = 10
# Of the title of a commit, which is a line, tables show so much.
LONGEST_TITLE = 200


@dataclass(frozen=True)
class Entry:
    """What a name in a directory stands for."""

    mode: str
    oid: str


@dataclass(frozen=True)
class Commit:
    """A commit: its hash, its tree, its message and who has written it, both as text for people."""

    oid: str
    tree: str
    message: str
    author: str = ""

    @property
    def title(self) -> str:
        """The subject: the first paragraph in one line."""
        return shortened(" ".join(self.message.strip().split("\n\n")[0].split()), LONGEST_TITLE)


class GitObjects:
    """The objects of the repository around a directory; to be used in a `with`, since a `git` is kept running."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        done = run_git(directory, "rev-parse", "--is-inside-work-tree", "--is-shallow-repository")
        if done.returncode:
            raise NoSource(f"{directory} is in no git repository that can be read ({first_line(done.stderr)}); name one with --repo")
        self.inside, self.shallow = (word == "true" for word in done.stdout.decode().split())
        self._trees: dict[str, dict[str, Entry]] = {}
        self._process = subprocess.Popen(
            command("cat-file", "--batch"),
            cwd=directory,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> GitObjects:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    @cached_property
    def top(self) -> Path | None:
        """The top of the work tree, if there is one around the directory."""
        if not self.inside:
            return None
        return Path(text_of(output_of(self.directory, "rev-parse", "--show-toplevel")).removesuffix("\n"))

    @cached_property
    def prefix(self) -> str:
        """Where the directory is in the work tree: empty, or with a slash at its end."""
        return text_of(output_of(self.directory, "rev-parse", "--show-prefix")).removesuffix("\n") if self.inside else ""

    def found(self, name: str) -> tuple[str, str] | None:
        """The hash and the kind of the object that a name stands for, if there is exactly one. A name is one line."""
        header = self._ask(name)
        if header is None:
            return None
        oid, kind, size = header
        self._take(int(size), 0)
        return oid, kind

    def commit_named(self, name: str) -> str | None:
        """The hash of the commit that a revision is, if there is one."""
        found = self.found(f"{name}^{{commit}}")
        return None if found is None else found[0]

    def content(self, oid: str, most: int = LARGEST) -> bytes | None:
        """What an object has in it; None if it is not there, or is larger than `most`."""
        header = self._ask(oid)
        return None if header is None else self._take(int(header[2]), most)

    def commit(self, oid: str) -> Commit:
        """A commit by its hash."""
        head, _, message = (self.content(oid) or b"").partition(b"\n\n")
        found = re.match(rb"tree ([0-9a-f]+)\n", head)
        if found is None:
            raise NoSource(f"commit {oid[:SHORT]} cannot be read: the repository is not complete")
        author = re.search(rb"\nauthor ([^\n]*>)", head)
        who = b"" if author is None else author[1]
        return Commit(oid, found[1].decode(), readable(_decoded(head, message)), readable(_decoded(head, who)))

    def tree(self, oid: str) -> dict[str, Entry]:
        """What a directory has in it, by its hash: names with their entries."""
        if oid not in self._trees:
            try:
                self._trees[oid] = dict(_entries(self.content(oid, LARGEST_TREE), len(oid) // 2))
            except ValueError:
                raise NoSource(f"directory {oid[:SHORT]} cannot be read: the repository is damaged") from None
        return self._trees[oid]

    def _ask(self, name: str) -> list[str] | None:
        """The hash, the kind and the size of an object, whose content `git` sends next."""
        if "\n" in name or "\0" in name:
            return None
        try:
            to, answers = self._pipes
            to.write(name.encode("utf-8", "surrogateescape") + b"\n")
            to.flush()
            header = answers.readline().decode("utf-8", "replace").split()
        except OSError:
            header = []
        if not header:
            raise NoSource(
                f"git stopped reading objects in {self.directory}: some are damaged, or missing (a partial clone has to fetch them first)"
            )
        return header if len(header) == 3 and header[2].isdecimal() else None

    def _take(self, size: int, most: int) -> bytes | None:
        _, answers = self._pipes
        content = None
        if size <= most:
            content = answers.read(size)
            size = 0
        while size > 0:
            size -= len(answers.read(min(size, CHUNK)) or bytes(size))
        answers.read(1)
        return content

    @property
    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout


def _decoded(head: bytes, message: bytes) -> bytes:
    """A commit's message, or its author, in UTF-8; a commit says so if it is in anything else."""
    found = re.search(rb"\nencoding ([^\n]+)", head)
    try:
        return message if found is None else message.decode(found[1].decode()).encode()
    except (LookupError, ValueError):
        return message


def _entries(raw: bytes | None, size: int) -> list[tuple[str, Entry]]:
    found = []
    at = 0
    while raw is not None and at < len(raw):
        end = raw.index(b"\0", at)
        mode, _, name = raw[at:end].partition(b" ")
        at = end + 1 + size
        found.append((text_of(name), Entry(mode.decode(), raw[end + 1 : at].hex())))
    return found
