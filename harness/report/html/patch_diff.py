"""What a patch changes, line by line, and which of its lines the executions go through that show what it breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from harness.report.html.failures_on_page import FailureOnPage
from harness.sources.target import Target

ADDED, REMOVED, SAME, SKIPPED = "added", "removed", "same", "skipped"
# Lines that stay the same and are shown around a change.
AROUND = 3
# A patch of more lines is not shown whole: who wants to read them has the file.
MOST_LINES = 3_000
PLACE = re.compile(r"(?<![^\s/])([^\s/:]+):([0-9]{1,9}) \(")

# The name of a file without directories, and a line of it, from 1 on.
Line = tuple[str, int]
# The failures that go through a line, by their numbers on the section of the patch.
Visits = Mapping[Line, tuple[int, ...]]


@dataclass(frozen=True)
class DiffLine:
    """A line: what becomes of it, its number before and after, from 1 on, and the failures whose executions go through it."""

    change: str
    before: int | None
    after: int | None
    text: str
    visits: tuple[int, ...] = ()

    @property
    def indent(self) -> str:
        """The white space that it begins with."""
        return self.text[: len(self.text) - len(self.text.lstrip())]


@dataclass(frozen=True)
class FileDiff:
    """A file that the patch changes; `state`: empty, or that it is new or removed. `left_out`: lines that are too many to be shown."""

    name: str
    state: str
    lines: tuple[DiffLine, ...]
    left_out: int = 0

    @property
    def added(self) -> int:
        """How many of the lines that are shown are new."""
        return sum(line.change == ADDED for line in self.lines)

    @property
    def removed(self) -> int:
        """How many of the lines that are shown are gone."""
        return sum(line.change == REMOVED for line in self.lines)


def visits(failures: Sequence[FailureOnPage]) -> Visits:
    """Which of `failures`, counted from 1 on, go through which lines."""
    found: dict[Line, list[int]] = {}
    for number, failure in enumerate(failures, 1):
        rows = () if failure.found is None else failure.found.rows
        places = (PLACE.match(row.where) for row in rows)
        lines = {(place[1], int(place[2])) for place in places if place} | {(name, int(line)) for name, line in PLACE.findall(failure.said)}
        for line in sorted(lines):
            found.setdefault(line, []).append(number)
    return {line: tuple(numbers) for line, numbers in found.items()}


def patch_diff(before: Target, after: Target, name: str, visited: Visits) -> list[FileDiff]:
    """The files that differ; what a reader calls the file of the stage is `name`."""
    old, new = _files(before, name), _files(after, name)
    own = PurePosixPath(after.path).name
    found = []
    for file in sorted(old.keys() | new.keys(), key=lambda each: (each != name, each)):
        if old.get(file) != new.get(file):
            called = own if file == name else PurePosixPath(file).name
            lines = list(_lines(_split(old.get(file, b"")), _split(new.get(file, b"")), called, visited))
            state = "new file" if file not in old else "removed" if file not in new else ""
            found.append(FileDiff(file, state, tuple(lines[:MOST_LINES]), max(len(lines) - MOST_LINES, 0)))
    return found


def _files(target: Target, name: str) -> dict[str, bytes]:
    return {**dict(target.beside), name: target.source}


def _split(content: bytes) -> list[str]:
    """The lines as compilers and interpreters count them; bytes that are no text are shown by their numbers."""
    lines = content.decode("utf-8", "backslashreplace").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _lines(old: Sequence[str], new: Sequence[str], called: str, visited: Visits) -> Iterator[DiffLine]:
    for number, group in enumerate(SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND)):
        if number:
            yield DiffLine(SKIPPED, None, None, "")
        for tag, start, end, to, to_end in group:
            if tag == "equal":
                yield from (DiffLine(SAME, start + each + 1, to + each + 1, old[start + each]) for each in range(end - start))
                continue
            yield from (DiffLine(REMOVED, each + 1, None, old[each]) for each in range(start, end))
            yield from (DiffLine(ADDED, None, each + 1, new[each], visited.get((called, each + 1), ())) for each in range(to, to_end))
