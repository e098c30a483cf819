"""Which line of which function an instruction belongs to."""

from __future__ import annotations

import posixpath
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from elftools.dwarf.compileunit import CompileUnit
from elftools.dwarf.die import DIE
from elftools.dwarf.dwarfinfo import DWARFInfo

from harness.native.compiler import OUR_PREFIX
from harness.native.dwarf_entries import code_ranges, name_of, value, whole


@dataclass(frozen=True)
class LineRow:
    """From this address on, instructions belong to a line; line 0 is none."""

    address: int
    file: str
    line: int


@dataclass(frozen=True)
class Scope:
    """The code of a function, and where that is defined; or of what has been inlined for a call, and where that was called."""

    low: int
    high: int
    depth: int
    function: str
    file: str
    line: int


@dataclass(frozen=True)
class PlaceTable:
    """The lines and scopes of a library, by address."""

    rows: tuple[LineRow, ...]
    scopes: tuple[Scope, ...]

    def place(self, pc: int) -> str:
        """The file, line and function of an instruction at this offset into the library: "queue.c:12 (enqueue)".

        What is inlined from our own headers counts as the line that has it.
        """
        around = sorted((scope for scope in self.scopes if scope.low <= pc < scope.high), key=lambda scope: -scope.depth)
        row = self._row(pc)
        if not around or row is None:
            return f"{pc:#x}"
        file, line, function = row.file, row.line, around[0].function
        for scope, caller in pairwise(around):
            if not is_ours(file):
                break
            file, line, function = scope.file, scope.line, caller.function
        if is_ours(file) and not is_ours(around[-1].file):
            # After what is inlined, before anything else: it goes with the line before.
            file, line = self._own_line(around[-1], pc)
        return f"{posixpath.basename(file)}:{line} ({function})"

    def _row(self, pc: int) -> LineRow | None:
        at = bisect_right(self._starts, pc) - 1
        while at >= 0 and not self.rows[at].line:
            # Made by the compiler, for no line: it goes with the one before.
            at -= 1
        return self.rows[at] if at >= 0 else None

    def _own_line(self, function: Scope, pc: int) -> tuple[str, int]:
        """The last line of the function's own before an instruction."""
        rows = self.rows[bisect_left(self._starts, function.low) : bisect_right(self._starts, pc)]
        own = [(row.file, row.line) for row in rows if row.line and not is_ours(row.file)]
        return own[-1] if own else (function.file, function.line)

    @cached_property
    def _starts(self) -> list[int]:
        return [row.address for row in self.rows]


def is_ours(file: str) -> bool:
    """Whether a path in debugging information is that of a header of ours."""
    return file.startswith(OUR_PREFIX)


class Files:
    """The files of one compilation, by their numbers."""

    def __init__(self, information: DWARFInfo, unit: CompileUnit) -> None:
        self._program = information.line_program_for_CU(unit)
        self._names: dict[int, str] = {}

    def name(self, number: int) -> str:
        """The path of a file, as it is written in the debugging information."""
        if number not in self._names:
            self._names[number] = self._read(number)
        return self._names[number]

    def _read(self, number: int) -> str:
        entries = [] if self._program is None else self._program["file_entry"]
        if self._program is None or not 0 < number <= len(entries):
            return "?"
        entry = entries[number - 1]
        directory = self._program["include_directory"][entry.dir_index - 1] if entry.dir_index else b""
        return posixpath.normpath(posixpath.join(directory, entry.name).decode(errors="replace"))

    def rows(self) -> Iterator[LineRow]:
        """The lines of the compilation."""
        for entry in () if self._program is None else self._program.get_entries():
            state = entry.state
            if state is not None:
                yield LineRow(state.address, self.name(state.file), 0 if state.end_sequence else state.line)


def scopes_of(function: DIE, files: Files, depth: int = 0) -> Iterator[Scope]:
    """The code of a function, and what is inlined in it."""
    about = whole(function)
    name, (source, what) = name_of(about), (function, "call") if depth else (about, "decl")
    file, line = files.name(value(source, f"DW_AT_{what}_file", 0)), value(source, f"DW_AT_{what}_line", 0)
    for low, high in code_ranges(function):
        yield Scope(low, high, depth, name, file, line)
    yield from _inlined(function, files, depth + 1)


def _inlined(around: DIE, files: Files, depth: int) -> Iterator[Scope]:
    for child in around.iter_children():
        if child.tag == "DW_TAG_inlined_subroutine":
            yield from scopes_of(child, files, depth)
        elif child.tag == "DW_TAG_lexical_block":
            yield from _inlined(child, files, depth)
