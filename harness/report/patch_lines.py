"""Finds the line of a patch at which a violation is to be shown, and where that is at the end of the series, if it is still there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from harness.search.counterexample import Counterexample
from harness.sources.target import Target

# A line that there is not.
GONE = 0


@dataclass(frozen=True)
class LineOfPatch:
    """Where a violation is shown. `line`: as the reader's file has it, `GONE` if no line of the patch is left there.

    `own`: the same line as the stage has it. `meant`: the line of the stage that the violation is about; where that is gone, another
    one is shown.
    """

    line: int
    own: int
    meant: int


# Where an execution would have shown it that nobody has looked at: any line would be a guess.
NOT_LOOKED_AT = LineOfPatch(GONE, GONE, GONE)


@dataclass(frozen=True)
class FileOfStage:
    """The file of a stage: its name for a reader, its lines before the patch and after it, and at the end of the series.

    `last` is None where each stage has a file of its own: then its own lines are what a reader has before them. `called`: what messages
    and executions call the file, if it has another name by the end of the series. `after`: the same file after the next patch.
    """

    name: str
    before: tuple[str, ...]
    lines: tuple[str, ...]
    last: tuple[str, ...] | None = None
    called: str = ""
    after: FileOfStage | None = field(default=None, repr=False, compare=False)

    def place(self, shown: Counterexample | None, message: str) -> LineOfPatch:
        """Where to point at: the last line of the patch that the execution was at, else the one that is next to where it was.

        If that is gone at the end of the series, it is another line of the patch that the execution was at, else the next one to it.
        Where no patch is known, it is the last line of the file that the execution was at.
        """
        visited = self.visited(shown, message)
        changed = changed_lines(self.before, self.lines)
        meant = [line for line in visited if not changed or line in changed]
        fitting = [*meant, *self._next_to(meant[:1] or visited, changed)] or [1]
        kept = self._kept
        own = next((line for line in fitting if line in kept), fitting[0])
        return LineOfPatch(kept.get(own, GONE), own, meant[0] if meant else own)

    @property
    def _kept(self) -> dict[int, int]:
        """What a reader has of the lines of the stage: those that no later patch has touched, even if another one has the same text."""
        kept = {line: line for line in range(1, len(self.lines) + 2)}
        for before, after in pairwise(self._versions()):
            moved = kept_lines(before, after)
            kept = {line: moved[at] for line, at in kept.items() if at in moved}
        return kept

    def _versions(self) -> Iterator[tuple[str, ...]]:
        """Its lines, those after each patch that follows, and at the end of the series."""
        each: FileOfStage | None = self
        while each is not None:
            yield each.lines
            each = each.after
        if self.last is not None:
            yield self.last

    def _next_to(self, places: Sequence[int], changed: Iterable[int]) -> list[int]:
        """Lines that a patch has changed, those first that are next to one of some places; of empty ones, only if there are no others."""
        told = [line for line in changed if line <= len(self.lines) and self.lines[line - 1].strip()] or changed
        return sorted(told, key=lambda line: (min((abs(line - place) for place in places), default=0), line))

    def dated(self, text: str, when: str) -> str:
        """A text that names lines of the file, each with when it has that number, if that is not at the end of the series."""
        return text if self.last in (None, self.lines) else self._named_line.sub(lambda found: f"{found[0]}{when} ", text)

    def visited(self, shown: Counterexample | None, message: str) -> list[int]:
        """The lines of the file that the message and the execution name, the last one first."""
        texts = [row.text for row in shown.rows] if shown else []
        return [int(line) for text in (message, *reversed(texts)) for line in self._named_line.findall(text)]

    @property
    def _named_line(self) -> re.Pattern[str]:
        """How messages and executions name a line of the file: the number, and behind it the function in brackets."""
        name = (self.called or self.name).rpartition("/")[2]
        return re.compile(rf"(?<![^\s/]){re.escape(name)}:([0-9]{{1,9}}) (?=\()")


def file_of(target: Target, before: Target | None, last: Target | None, name: str, after: FileOfStage | None = None) -> FileOfStage:
    """The file of `target`, which a reader knows as `name`; `before`: the stage before the patch, if there is one.

    `last`: the last stage, if all of them are versions of one file; `after`: the file of the next one that has it.
    """
    lines = _lines(target)
    # Nothing is changed by the first stage: its lines are as they were.
    old = lines if before is None else _lines(before)
    return FileOfStage(name, old, lines, None if last is None else _lines(last), target.path, after)


def changed_lines(before: Sequence[str], after: Sequence[str]) -> frozenset[int]:
    """The lines of `after` that are not in `before`; where lines were only taken away, the line behind them. They count from 1."""
    found: set[int] = set()
    for tag, _, _, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            found.update(range(start + 1, end + 1) if start < end else [min(start + 1, max(len(after), 1))])
    return frozenset(found)


@lru_cache(1024)
def kept_lines(before: tuple[str, ...], after: tuple[str, ...]) -> Mapping[int, int]:
    """The lines of `before` that are still there in `after`, and what they are there. They count from 1."""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return {start + at: to + at for start, to, size in blocks for at in range(1, size + 1)}


def _lines(target: Target) -> tuple[str, ...]:
    return tuple(target.source.decode("utf-8", "replace").splitlines())
