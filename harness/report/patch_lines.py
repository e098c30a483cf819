"""Finds the line of a patch at which a violation is to be shown, and the line that it has become at the end of the series."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from harness.search.counterexample import Counterexample
from harness.sources.target import Target


@dataclass(frozen=True)
class FileOfStage:
    """The file of a stage: its name for a reader, its lines before the patch and after it, and at the end of the series.

    `last` is None where each stage has a file of its own: then its own lines are what a reader has before them.
    """

    name: str
    before: tuple[str, ...]
    lines: tuple[str, ...]
    last: tuple[str, ...] | None = None

    def line(self, shown: Counterexample | None, message: str) -> int:
        """Where to point at, from 1 on: the last line of the patch that the execution was at; else the first line of the patch.

        Where no patch is known, it is the last line of the file that the execution was at.
        """
        visited = self.visited(shown, message)
        changed = changed_lines(self.before, self.lines)
        chosen = next((line for line in visited if line in changed), None)
        if chosen is None:
            chosen = min(changed, default=None) or next(iter(visited), 1)
        return chosen if self.last is None else line_after(self.lines, self.last, chosen)

    def visited(self, shown: Counterexample | None, message: str) -> list[int]:
        """The lines of the file that the message and the execution name, the last one first."""
        texts = [row.text for row in shown.rows] if shown else []
        place = re.compile(rf"(?<![^\s/]){re.escape(self.name.rpartition('/')[2])}:([0-9]{{1,9}}) \(")
        return [int(line) for text in (message, *reversed(texts)) for line in place.findall(text)]


def file_of(target: Target, before: Target | None, last: Target | None, name: str) -> FileOfStage:
    """The file of `target`, which a reader knows as `name`; `before`: the stage before the patch, if there is one."""
    old = () if before is None else _lines(before)
    # Nothing is changed by the first stage: its lines are as they were.
    return FileOfStage(name, old if before else _lines(target), _lines(target), None if last is None else _lines(last))


def changed_lines(before: Sequence[str], after: Sequence[str]) -> frozenset[int]:
    """The lines of `after` that are not in `before`; where lines were only taken away, the line behind them. They count from 1."""
    found: set[int] = set()
    for tag, _, _, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            found.update(range(start + 1, end + 1) if start < end else [min(start + 1, max(len(after), 1))])
    return frozenset(found)


def line_after(before: Sequence[str], after: Sequence[str], line: int) -> int:
    """What line `line` of `before` is in `after`; of lines that are not there any more, where they were. They count from 1."""
    for tag, start, end, to, to_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if start < line <= end:
            offset = line - 1 - start
            at = to + (offset if tag == "equal" else min(offset, max(to_end - to - 1, 0)))
            return max(min(at + 1, len(after)), 1)
    return max(min(line, len(after)), 1)


def _lines(target: Target) -> tuple[str, ...]:
    return tuple(target.source.decode("utf-8", "replace").splitlines())
