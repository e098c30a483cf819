"""The operations of an execution in one column, for narrow terminals: whenever another process goes on, its name stands above its rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import wrap

from harness.report.looks import Paint
from harness.report.shown_rows import Note, Shown, ShownRow
from harness.search.counterexample import Counterexample, CounterexampleRow

PLACE = re.compile(r"(?P<file>[^/\s]+):(?P<line>\d+) \((?P<function>.*)\)")
# How far the rows of one process are indented, and what is between a row and its place.
GAP = "  "
NEST = "│ "
# The least that is left for what a row says.
LEAST = 16


def one_column(found: Counterexample, rows: Sequence[Shown], width: int, paint: Paint) -> list[str]:
    """The lines, none of them wider than `width`: the number of the row, what was done, and the line and the function of code."""
    return list(_OneColumn(found, rows, width, paint).lines())


class _OneColumn:
    def __init__(self, found: Counterexample, rows: Sequence[Shown], width: int, paint: Paint) -> None:
        self.names = dict(found.columns)
        self.rows = rows
        self.width = width
        self.paint = paint
        # The number and its star.
        self.gutter = len(str(len(found.rows))) + 1
        self.pid: int | None = None
        self.file = ""

    def lines(self) -> Iterator[str]:
        for at, shown in enumerate(self.rows):
            if isinstance(shown, Note):
                yield from self._note(at, shown)
            else:
                yield from self._row(shown)

    def _note(self, at: int, note: Note) -> Iterator[str]:
        if note.begins:
            yield from self._process(note.pid, self._file_after(at, note.pid))
            start = GAP + " " * self.gutter + " " + NEST * note.depth
            yield from map(self.paint.strong, self._broken(f"{note.text}:", start, start))
        else:
            start = GAP + "…".rjust(self.gutter) + " "
            yield from map(self.paint.faint, self._broken(note.text, start, " " * len(start)))

    def _file_after(self, at: int, pid: int) -> str:
        """The file of the first row after a remark that has one, as long as the same process goes on."""
        for shown in self.rows[at:]:
            if isinstance(shown, ShownRow):
                if shown.row.pid != pid:
                    break
                if place := PLACE.fullmatch(shown.row.where):
                    return place["file"]
        return self.file if self.pid == pid else ""

    def _process(self, pid: int, file: str) -> Iterator[str]:
        """The name of the process, and the file that its rows are in, where either changes."""
        # (A CPU may have several store buffers, which are called alike.)
        name = self.names.get(pid, str(pid))
        known = self.pid is not None and name == self.names.get(self.pid, str(self.pid))
        self.pid, before, self.file = pid, self.file, file
        if known and file == before:
            return
        yield from map(self.paint.strong, self._broken(f"{name}, in {file}" if file else name, "", GAP))

    def _row(self, shown: ShownRow) -> Iterator[str]:
        row = shown.row
        place = PLACE.fullmatch(row.where)
        yield from self._process(row.pid, place["file"] if place else self.file if row.pid == self.pid else "")
        start = f"{GAP}{shown.at}{'*' * shown.star}".ljust(len(GAP) + self.gutter) + " " + NEST * shown.depth
        more = " " * (len(GAP) + self.gutter + 1) + NEST * shown.depth + GAP
        where = f"{place['line']} {place['function']}" if place else row.where
        lines = self._with_place(_said(row), where, start, more)
        yield from (self.paint.cause(line) if shown.star else line for line in lines)

    def _with_place(self, text: str, where: str, start: str, more: str) -> list[str]:
        """The place stands at the right end of the last line, or of one of its own where there is no room."""
        lines = self._broken(text, start, more)
        if not where:
            return lines
        if len(lines[-1]) + len(GAP) + len(where) > self.width:
            lines += self._broken(where, more, more) if len(more) + len(where) > self.width else [more.rstrip()]
            if len(more) + len(where) > self.width:
                return lines
        lines[-1] = lines[-1] + where.rjust(self.width - len(lines[-1]))
        return lines

    def _broken(self, text: str, start: str, more: str) -> list[str]:
        """Lines that are not too wide; what is nested too deep to leave room is nested less."""
        room = max(self.width - LEAST, 0)
        return wrap(text, self.width, initial_indent=start[:room], subsequent_indent=more[:room], break_on_hyphens=False)


def _said(row: CounterexampleRow) -> str:
    text = f"{row.operation} (by {row.written_by})" if row.written_by else row.operation
    time = f", at {row.time}" if row.time is not None else ""
    return f"{text}{time}{row.printed}"
