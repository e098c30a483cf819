"""What a repository or a directory looks like at one moment: files by their paths. Stages, and what they import, are read from these."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from harness.sources.git_objects import DIRECTORY, LINK, SUBMODULE, Entry, GitObjects
from harness.sources.safe_git import output_of, text_of
from harness.sources.target import LARGEST, read_source

# What a directory has: names, and whether each is a directory itself.
Names = Mapping[str, bool]


class FileTree(Protocol):
    """Paths are relative to its top, with slashes; the directory at the top is the empty path."""

    def names(self, directory: str) -> Names:
        """What a directory has that is a file or a directory; nothing if it is none."""

    def read(self, path: str) -> tuple[bytes, str]:
        """The content of a file, and why it has none, in words that complete "the stage …"."""


def has_file(tree: FileTree, path: str) -> bool:
    """Whether there is a file, and no directory, at a path."""
    directory, _, name = path.rpartition("/")
    return tree.names(directory).get(name) is False


class CommitTree:
    """The tree of a commit."""

    def __init__(self, objects: GitObjects, tree: str) -> None:
        self.objects = objects
        self.top = tree

    def entry(self, path: str) -> Entry | None:
        """What a path stands for."""
        found: Entry | None = Entry(DIRECTORY, self.top)
        for name in filter(None, path.split("/")):
            found = self.objects.tree(found.oid).get(name) if found is not None and found.mode == DIRECTORY else None
        return found

    def names(self, directory: str) -> Names:
        entry = self.entry(directory)
        if entry is None or entry.mode != DIRECTORY:
            return {}
        tree = self.objects.tree(entry.oid)
        return {name: each.mode == DIRECTORY for name, each in tree.items() if each.mode not in (LINK, SUBMODULE)}

    def read(self, path: str) -> tuple[bytes, str]:
        entry = self.entry(path)
        problems = {DIRECTORY: "a directory", LINK: "a symbolic link", SUBMODULE: "a submodule"}
        if entry is None:
            return b"", f"has no file {path}"
        if entry.mode in problems:
            return b"", f"has {problems[entry.mode]} where {path} should be"
        return _read_blob(self.objects, entry.oid)


class IndexTree:
    """What is staged for the next commit. The index is read as it is, and not refreshed."""

    def __init__(self, objects: GitObjects) -> None:
        self.objects = objects
        self.blobs: dict[str, str] = {}
        self.directories: dict[str, dict[str, bool]] = {}
        top = objects.directory if objects.top is None else objects.top
        for line in output_of(top, "ls-files", "--stage", "-z", "--full-name").split(b"\0"):
            head, _, path = line.partition(b"\t")
            mode, oid, stage = [*head.decode().split(), "", "", ""][:3]
            if stage == "0" and mode not in (LINK, SUBMODULE):
                self._add(text_of(path), oid)

    def _add(self, path: str, oid: str) -> None:
        self.blobs[path] = oid
        is_directory = False
        while path:
            path, _, name = path.rpartition("/")
            self.directories.setdefault(path, {})[name] = is_directory
            is_directory = True

    def names(self, directory: str) -> Names:
        return self.directories.get(directory.rstrip("/"), {})

    def read(self, path: str) -> tuple[bytes, str]:
        if path not in self.blobs:
            return b"", f"has no file {path}, or one that is not merged"
        return _read_blob(self.objects, self.blobs[path])


class DiskTree:
    """Files as they are in a directory now: of a work tree, or of a series that is a directory."""

    def __init__(self, top: Path | str) -> None:
        self.top = str(top)

    def names(self, directory: str) -> Names:
        try:
            with os.scandir(os.path.join(self.top, directory)) as entries:
                return {entry.name: entry.is_dir() for entry in entries if entry.is_dir() or entry.is_file()}
        except (OSError, ValueError):
            return {}

    def read(self, path: str) -> tuple[bytes, str]:
        place = os.path.join(self.top, path)
        # Nothing else is read: a pipe would never end.
        return read_source(place) if os.path.isfile(place) or not os.path.exists(place) else (b"", f"has no file {path}")


def _read_blob(objects: GitObjects, oid: str) -> tuple[bytes, str]:
    content = objects.content(oid)
    return (b"", f"cannot be read: it is not there, or larger than {LARGEST >> 20} MiB") if content is None else (content, "")
