"""Goes through the debugging information of a library, and notes what there is: variables, functions, types, lines."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from elftools.dwarf.compileunit import CompileUnit
from elftools.dwarf.die import DIE
from elftools.dwarf.dwarfinfo import DWARFInfo

from harness.native.dwarf_entries import TYPE, address_of, code_ranges, name_of, referred, value, whole
from harness.native.dwarf_places import Files, LineRow, Scope, scopes_of
from harness.native.dwarf_types import KEYWORDS, DwarfTypes, enumerators, stripped
from harness.native.layout_records import Function, Parameter, StructLayout, Variable

PER_CPU = "per_cpu__"
BLOCKS = frozenset({"DW_TAG_lexical_block", "DW_TAG_inlined_subroutine"})


@dataclass(frozen=True)
class _Found:
    """A variable, and where it is declared: what its name may have to begin with."""

    variable: Variable
    function: str
    file: str


@dataclass
class DwarfUnits:
    """What has been found."""

    types: DwarfTypes = field(default_factory=DwarfTypes)
    found: dict[int, _Found] = field(default_factory=dict)
    functions: list[Function] = field(default_factory=list)
    structs: dict[str, StructLayout] = field(default_factory=dict)
    enumerators: dict[str, int] = field(default_factory=dict)
    rows: list[LineRow] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)

    def read(self, information: DWARFInfo) -> None:
        """Note all there is."""
        for unit in information.iter_CUs():
            self._unit(Files(information, unit), unit)

    def variables(self) -> Iterator[Variable]:
        """The variables by address; each has a name of its own."""
        found = [self.found[address] for address in sorted(self.found)]
        plain = Counter(one.variable.name for one in found)
        longer = [_longer_name(one) if plain[one.variable.name] > 1 else one.variable.name for one in found]
        for one, name in zip(found, _distinct(longer), strict=True):
            yield replace(one.variable, name=name)

    def _unit(self, files: Files, unit: CompileUnit) -> None:
        self.rows.extend(files.rows())
        for die in unit.get_top_DIE().iter_children():
            if die.tag == "DW_TAG_variable":
                self._variable(die, files, "")
            elif die.tag == "DW_TAG_subprogram":
                self._function(die, files)
            elif die.tag in KEYWORDS or die.tag == "DW_TAG_typedef":
                self._type(die)

    def _variable(self, die: DIE, files: Files, function: str) -> None:
        address = address_of(die)
        if address is None or address in self.found:
            return
        about = whole(die)
        kind, name = referred(about, TYPE) or referred(die, TYPE), name_of(about)
        leaves, size, stride = self.types.leaves(kind), self.types.size(kind), 0
        array = stripped(kind)
        per_cpu = name.startswith(PER_CPU) and array is not None and array.tag == "DW_TAG_array_type"
        if per_cpu and array is not None:
            element = referred(array, TYPE)
            leaves, size = self.types.leaves(element), self.types.size(element)
            stride = size
        variable = Variable(name.removeprefix(PER_CPU), address, size, leaves, per_cpu, stride)
        self.found[address] = _Found(variable, function, posixpath.basename(files.name(value(about, "DW_AT_decl_file", 0))))

    def _function(self, die: DIE, files: Files) -> None:
        about = whole(die)
        self._statics(die, files, name_of(about))
        ranges = list(code_ranges(die))
        if not ranges:
            return
        self.scopes.extend(scopes_of(die, files))
        low, high = ranges[0]
        returns = referred(about, TYPE)
        file = posixpath.basename(files.name(value(about, "DW_AT_decl_file", 0)))
        result = None if returns is None else self.types.scalar(returns)
        parameters = tuple(self._parameters(die))
        self.functions.append(Function(name_of(about), low, high, parameters, result, file, self.types.size(returns)))

    def _parameters(self, die: DIE) -> Iterator[Parameter]:
        for child in die.iter_children():
            about = whole(child)
            kind = referred(about, TYPE)
            if child.tag == "DW_TAG_formal_parameter" and kind is not None:
                yield Parameter(name_of(about), self.types.scalar(kind))

    def _statics(self, around: DIE, files: Files, function: str) -> None:
        for child in around.iter_children():
            if child.tag == "DW_TAG_variable":
                self._variable(child, files, function)
            elif child.tag in BLOCKS:
                self._statics(child, files, function)

    def _type(self, die: DIE) -> None:
        if die.tag == "DW_TAG_enumeration_type":
            self.enumerators.update((name, number) for number, name in enumerators(die))
            return
        plain, name = stripped(die), name_of(die)
        if name and plain is not None and plain.tag in KEYWORDS and (size := self.types.size(plain)):
            layout = StructLayout(size, self.types.leaves(die))
            if plain is die:
                self.structs[name] = layout
            elif plain.tag != "DW_TAG_enumeration_type":
                self.structs.setdefault(name, layout)


def _longer_name(one: _Found) -> str:
    return f"{one.function or one.file}{'.' if one.function else ':'}{one.variable.name}"


def _distinct(names: list[str]) -> Iterator[str]:
    """Names, those that are there already with a number."""
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}#{seen[name]}"
