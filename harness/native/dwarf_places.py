"""Which line of which function an instruction belongs to."""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from elftools.dwarf.compileunit import CompileUnit
from elftools.dwarf.die import DIE
from elftools.dwarf.dwarfinfo import DWARFInfo

from harness.native.compiler import OUR_PREFIX
from harness.native.dwarf_entries import code_ranges, name_of, value, whole


@dataclass(frozen=True)
class Row:
    """From this address on, instructions belong to a line; line 0 is none."""

    address: int
    file: str
    line: int


@dataclass(frozen=True)
class Scope:
    """The code of a function, or of a call that has been replaced by what is called: then, where that was called."""

    low: int
    high: int
    depth: int
    function: str
    file: str
    line: int


@dataclass(frozen=True)
class Places:
    """The lines and scopes of a library, by address."""

    rows: tuple[Row, ...]
    scopes: tuple[Scope, ...]

    def place(self, pc: int) -> str:
        """The file, line and function of an instruction at this offset into the library: "tasklet.c:12 (tasklet_schedule)".

        What is inlined from our own headers counts as the line that has it.
        """
        around = sorted((scope for scope in self.scopes if scope.low <= pc < scope.high), key=lambda scope: -scope.depth)
        row = self._row(pc)
        if not around or row is None:
            return f"{pc:#x}"
        file, line = row.file, row.line
        for scope in around:
            if not file.startswith(OUR_PREFIX) or not scope.depth:
                break
            file, line = scope.file, scope.line
        else:
            scope = around[-1]
        return f"{posixpath.basename(file)}:{line} ({scope.function})"

    def _row(self, pc: int) -> Row | None:
        at = bisect_right(self._starts, pc) - 1
        while at >= 0 and not self.rows[at].line:
            # Made by the compiler, for no line: it goes with the one before.
            at -= 1
        return self.rows[at] if at >= 0 else None

    @cached_property
    def _starts(self) -> list[int]:
        return [row.address for row in self.rows]


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

    def rows(self) -> Iterator[Row]:
        """The lines of the compilation."""
        for entry in () if self._program is None else self._program.get_entries():
            state = entry.state
            if state is not None:
                yield Row(state.address, self.name(state.file), 0 if state.end_sequence else state.line)


def scopes_of(function: DIE, files: Files, depth: int = 0) -> Iterator[Scope]:
    """The code of a function, and what is inlined in it."""
    name = name_of(whole(function))
    file, line = files.name(value(function, "DW_AT_call_file", 0)), value(function, "DW_AT_call_line", 0)
    for low, high in code_ranges(function):
        yield Scope(low, high, depth, name, file, line)
    yield from _inlined(function, files, depth + 1)


def _inlined(around: DIE, files: Files, depth: int) -> Iterator[Scope]:
    for child in around.iter_children():
        if child.tag == "DW_TAG_inlined_subroutine":
            yield from scopes_of(child, files, depth)
        elif child.tag == "DW_TAG_lexical_block":
            yield from _inlined(child, files, depth)
