"""Trees of C files to take stages from."""

from __future__ import annotations

from collections.abc import Mapping

from harness.sources.file_trees import Names


class MadeTree:
    """A tree of files that are given by their paths."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = {path: text.encode() for path, text in files.items()}

    def names(self, directory: str) -> Names:
        prefix = f"{directory}/" if directory else ""
        below = [path.removeprefix(prefix) for path in self.files if path.startswith(prefix)]
        return {path.partition("/")[0]: "/" in path for path in below}

    def read(self, path: str) -> tuple[bytes, str]:
        return (self.files[path], "") if path in self.files else (b"", "is missing")
