"""Where everything is in a compiled stage, and what it is called: what its debugging information says.

It is read once for each library, and kept beside it as plain data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from harness.native.dwarf_places import PlaceTable
from harness.native.dwarf_units import DwarfUnits
from harness.native.layout_file import kept_layout
from harness.native.layout_records import Function, Leaf, Parameter, ScalarType, StructLayout, Variable
from harness.native.library_cache import seal_of
from harness.native.macro_values import SECTION, macro_values

__all__ = ["Function", "Layout", "Leaf", "Parameter", "ScalarType", "StructLayout", "Variable"]

# SHF_WRITE and SHF_ALLOC.
WRITABLE = 1 | 2


@dataclass(frozen=True)
class Layout:
    """What a library has; addresses are relative to where it is loaded, and everything is in the order of addresses or names."""

    # Address and size of each section.
    sections: Mapping[str, tuple[int, int]]
    # The sections that code may write to once the library is loaded: what has to be restored.
    writable: tuple[str, ...]
    symbols: Mapping[str, int]
    variables: tuple[Variable, ...]
    # All functions with code; of several with the same name, `functions` has one that others can call, else the first.
    code: tuple[Function, ...]
    structs: Mapping[str, StructLayout]
    # Enumerators, and macros of the stage's own files that are numbers.
    constants: Mapping[str, int]
    places: PlaceTable

    @staticmethod
    def of(path: Path) -> Layout:
        """The layout of a library."""
        return kept_layout(path, seal_of(path), Layout, read_layout)

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        """The functions by name."""
        found: dict[str, Function] = {}
        for function in self.code:
            if function.name not in found or self.symbols.get(function.name) == function.low:
                found[function.name] = function
        return found

    def place(self, pc: int) -> str:
        """The file, line and function of an instruction at this offset into the library: "queue.c:12 (enqueue)"."""
        return self.places.place(pc)


def read_layout(path: Path) -> Layout:
    """The layout of a library, from its debugging information."""
    with path.open("rb") as file:
        elf = ELFFile(file)
        units = DwarfUnits()
        units.read(elf.get_dwarf_info())
        sections = sorted((s["sh_addr"], s.name, s["sh_size"], s["sh_flags"]) for s in elf.iter_sections() if s.name)
        # What is writable up to here is so only while the library is being loaded.
        sealed = max((part["p_vaddr"] + part["p_memsz"] for part in elf.iter_segments("PT_GNU_RELRO")), default=0)
        written = elf.get_section_by_name(SECTION)
        macros = "" if written is None else written.data().decode(errors="replace")
        table = elf.get_section_by_name(".symtab")
        symbols = [] if not isinstance(table, SymbolTableSection) else list(table.iter_symbols())
    there = [symbol for symbol in symbols if symbol.name and symbol["st_value"] and symbol["st_shndx"] != "SHN_UNDEF"]
    # A local symbol gives way to one that others can use.
    known = sorted((symbol["st_info"]["bind"] != "STB_LOCAL", symbol.name, symbol["st_value"]) for symbol in there)
    return Layout(
        {name: (address, size) for address, name, size, _ in sections},
        tuple(name for address, name, size, flags in sections if size and flags & WRITABLE == WRITABLE and address >= sealed),
        dict(sorted((name, address) for _, name, address in known)),
        tuple(units.variables()),
        tuple(sorted(units.functions, key=lambda function: (function.low, function.name))),
        dict(sorted(units.structs.items())),
        dict(sorted({**macro_values(macros, units.enumerators), **units.enumerators}.items())),
        PlaceTable(
            tuple(sorted(units.rows, key=lambda row: (row.address, row.line > 0))),
            tuple(sorted(units.scopes, key=lambda scope: (scope.low, scope.depth, scope.high, scope.function))),
        ),
    )
