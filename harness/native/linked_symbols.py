"""What a stage's library calls and does not have, has and may not have, and what of it would run while it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

# What compilers call by themselves, to copy and to clear what is large.
OF_COMPILERS = frozenset({"memcpy", "memmove", "memset", "memcmp"})
# Sections whose code, or whose pointers, run when a library is loaded or left.
RUNS_BY_ITSELF = frozenset({".preinit_array", ".fini_array", ".init", ".fini", ".ctors", ".dtors"})
POINTER_BYTES = 8


@dataclass(frozen=True)
class LinkedSymbols:
    """The names that a library has for others, and those that it wants from others."""

    defined: frozenset[str]
    undefined: frozenset[str]
    # Sections that run by themselves, as what a stage would have to do for it.
    by_itself: tuple[str, ...]
    constructors: int

    @staticmethod
    def of(path: Path) -> LinkedSymbols:
        """Read them."""
        with path.open("rb") as file:
            elf = ELFFile(file)
            table = elf.get_section_by_name(".dynsym")
            symbols = list(table.iter_symbols()) if isinstance(table, SymbolTableSection) else []
            sections = {section.name: section["sh_size"] for section in elf.iter_sections()}
            needed = [tag for s in elf.iter_sections() if isinstance(s, DynamicSection) for tag in s.iter_tags("DT_NEEDED")]
        named = [(symbol.name, symbol["st_shndx"] == "SHN_UNDEF", symbol["st_info"]["type"]) for symbol in symbols if symbol.name]
        chosen = [f"chooses a function while it is loaded: {name}" for name, _, kind in named if kind in ("STT_LOOS", "STT_GNU_IFUNC")]
        running = [
            f"has a section {name}, which runs while the stage is loaded"
            for name, size in sections.items()
            if name in RUNS_BY_ITSELF and size
        ]
        return LinkedSymbols(
            frozenset(name for name, missing, _ in named if not missing),
            frozenset(name for name, missing, _ in named if missing),
            (*chosen, *running, *("wants another library" for _ in needed)),
            sections.get(".init_array", 0) // POINTER_BYTES,
        )


@lru_cache
def offered(runtime: Path) -> frozenset[str]:
    """What the runtime has for stages."""
    return LinkedSymbols.of(runtime).defined
