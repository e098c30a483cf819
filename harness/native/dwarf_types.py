"""Types in debugging information: what scalars they consist of, and what C calls them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from elftools.dwarf.die import DIE

from harness.native.dwarf_bit_fields import UNITS, BitField, BitUnit, bit_units, is_bit_field
from harness.native.dwarf_entries import TYPE, name_of, referred, value
from harness.native.layout_records import BOOL, ENUM, FUNCTION, INTEGER, LIST, LOCK, OTHER, POINTER, Leaf, ScalarType

STRUCTS = frozenset({"DW_TAG_structure_type", "DW_TAG_class_type"})
LOCKS = frozenset({"spinlock", "spinlock_t"})
LIST_NODE = "list_head"
KEYWORDS = {"DW_TAG_structure_type": "struct", "DW_TAG_union_type": "union", "DW_TAG_enumeration_type": "enum"}
QUALIFIERS = {
    "DW_TAG_const_type": "const",
    "DW_TAG_volatile_type": "volatile",
    "DW_TAG_atomic_type": "_Atomic",
    "DW_TAG_restrict_type": "restrict",
}
ALIASES = frozenset({"DW_TAG_typedef", *QUALIFIERS})
POINTER_BYTES = 8
# Encodings of base types.
BOOLEAN, SIGNED, UNSIGNED = 2, (5, 6), (7, 8)
# An array with more scalars than that is one leaf: a buffer, whose elements have no names.
LARGEST = 1 << 14


class DwarfTypes:
    """The types of one library. What is asked twice is computed once; scalar types that are equal are the same."""

    def __init__(self) -> None:
        self._leaves: dict[int, tuple[Leaf, ...]] = {}
        self._scalars: dict[int, ScalarType] = {}
        self._same: dict[ScalarType, ScalarType] = {}

    def leaves(self, die: DIE | None) -> tuple[Leaf, ...]:
        """The scalars of a type, by offset."""
        if die is None:
            return ()
        found = self._leaves.get(die.offset)
        if found is None:
            found = self._leaves[die.offset] = tuple(self._leaves_of(die))
        return found

    def scalar(self, die: DIE) -> ScalarType:
        """A type as that of one scalar."""
        found = self._scalars.get(die.offset)
        if found is None:
            made = self._scalar_of(die)
            found = self._scalars[die.offset] = self._same.setdefault(made, made)
        return found

    def size(self, die: DIE | None) -> int:
        """How many bytes a value of the type takes; 0 if the type is incomplete."""
        if die is None:
            return 0
        if (size := value(die, "DW_AT_byte_size")) is not None:
            return int(size)
        if die.tag == "DW_TAG_pointer_type":
            return POINTER_BYTES
        if die.tag == "DW_TAG_array_type":
            return self.size(referred(die, TYPE)) * _product(_bounds(die))
        return self.size(referred(die, TYPE))

    def _leaves_of(self, die: DIE) -> Iterable[Leaf]:
        size = self.size(die)
        if name_of(die) in LOCKS and die.tag in STRUCTS | {"DW_TAG_typedef"}:
            return (Leaf(0, size, "", self._known(ScalarType(LOCK, False, type_name(die)))),)
        if die.tag in ALIASES:
            return self._renamed(self.leaves(referred(die, TYPE)), die)
        if die.tag in STRUCTS:
            if name_of(die) == LIST_NODE and size == 2 * POINTER_BYTES:
                return (Leaf(0, size, "", self._known(ScalarType(LIST, False, type_name(die)))),)
            return self._struct_leaves(die, size)
        if die.tag == "DW_TAG_union_type":
            return self._union_leaves(die, size)
        if die.tag == "DW_TAG_array_type":
            return self._array_leaves(die, size)
        return (Leaf(0, size, "", self.scalar(die)),) if size else ()

    def _renamed(self, leaves: tuple[Leaf, ...], alias: DIE) -> tuple[Leaf, ...]:
        """A scalar has the name of its typedef, as the code has it."""
        if alias.tag != "DW_TAG_typedef" or [leaf.suffix for leaf in leaves] != [""] or leaves[0].type.kind in (LIST, LOCK):
            return leaves
        return (replace(leaves[0], type=self._known(replace(leaves[0].type, name=name_of(alias)))),)

    def _struct_leaves(self, die: DIE, size: int) -> Iterator[Leaf]:
        members = [child for child in die.iter_children() if child.tag == "DW_TAG_member"]
        plain = [member for member in members if not is_bit_field(member)]
        bits = [BitField.of(member, self.size(referred(member, TYPE))) for member in members if is_bit_field(member)]
        limits = [size, *(value(member, "DW_AT_data_member_location", 0) for member in plain)]
        leaves = [leaf for member in plain for leaf in self._member_leaves(member)]
        leaves += [self._bit_leaf(unit) for unit in bit_units(bits, limits)]
        return iter(sorted(leaves, key=lambda leaf: leaf.offset))

    def _member_leaves(self, member: DIE) -> Iterator[Leaf]:
        offset, name = value(member, "DW_AT_data_member_location", 0), name_of(member)
        prefix = f".{name}" if name else ""
        for leaf in self.leaves(referred(member, TYPE)):
            yield replace(leaf, offset=offset + leaf.offset, suffix=prefix + leaf.suffix)

    def _bit_leaf(self, unit: BitUnit) -> Leaf:
        kind = INTEGER if unit.size in UNITS else OTHER
        return Leaf(unit.offset, unit.size, unit.suffix, self._known(ScalarType(kind, False, "bit-field")))

    def _union_leaves(self, die: DIE, size: int) -> Iterable[Leaf]:
        """One leaf: what is written as one member may be read as another one."""
        members = [list(self._member_leaves(child)) for child in die.iter_children() if child.tag == "DW_TAG_member"]
        alone = [leaves[0] for leaves in members if len(leaves) == 1 and leaves[0].offset == 0 and leaves[0].size == size]
        if members and len(alone) == len(members):
            return (alone[0],)
        return (Leaf(0, size, "", self._known(ScalarType(OTHER, False, type_name(die)))),) if size else ()

    def _array_leaves(self, die: DIE, size: int) -> Iterator[Leaf]:
        element, bounds = referred(die, TYPE), _bounds(die)
        inner, step, count = self.leaves(element), self.size(element), _product(bounds)
        if count * len(inner) > LARGEST:
            yield Leaf(0, size, "", self._known(ScalarType(OTHER, False, type_name(die))))
            return
        for index in range(count):
            suffix = _subscripts(index, bounds)
            for leaf in inner:
                yield Leaf(index * step + leaf.offset, leaf.size, suffix + leaf.suffix, leaf.type)

    def _scalar_of(self, die: DIE) -> ScalarType:
        plain, name = stripped(die), type_name(die)
        if plain is None:
            return ScalarType(OTHER, False, name)
        if plain.tag == "DW_TAG_pointer_type":
            target = stripped(referred(plain, TYPE))
            return ScalarType(FUNCTION if target is not None and target.tag == "DW_TAG_subroutine_type" else POINTER, False, name)
        if plain.tag == "DW_TAG_enumeration_type":
            names = enumerators(plain)
            return ScalarType(ENUM, any(number < 0 for number, _ in names), name, names)
        encoding = value(plain, "DW_AT_encoding")
        if encoding == BOOLEAN:
            return ScalarType(BOOL, False, name)
        return ScalarType(INTEGER if encoding in SIGNED + UNSIGNED else OTHER, encoding in SIGNED, name)

    def _known(self, made: ScalarType) -> ScalarType:
        return self._same.setdefault(made, made)


def stripped(die: DIE | None) -> DIE | None:
    """A type without its other names and qualifiers; None is void."""
    while die is not None and die.tag in ALIASES:
        die = referred(die, TYPE)
    return die


def enumerators(die: DIE) -> tuple[tuple[int, str], ...]:
    """The values of an enum and their names, by value."""
    found = ((int(value(child, "DW_AT_const_value")), name_of(child)) for child in die.iter_children() if child.tag == "DW_TAG_enumerator")
    return tuple(sorted(found))


def type_name(die: DIE | None) -> str:
    """What C calls a type."""
    if die is None:
        return "void"
    if die.tag == "DW_TAG_pointer_type":
        return _pointer_name(referred(die, TYPE))
    if die.tag in QUALIFIERS:
        return _qualified(QUALIFIERS[die.tag], referred(die, TYPE))
    if die.tag == "DW_TAG_array_type":
        return type_name(referred(die, TYPE)) + "".join(f"[{bound}]" for bound in _bounds(die))
    if die.tag == "DW_TAG_subroutine_type":
        return f"{type_name(referred(die, TYPE))} ({_parameters(die)})"
    if die.tag == "DW_TAG_base_type":
        return base_name(name_of(die))
    return " ".join(word for word in (KEYWORDS.get(str(die.tag), ""), name_of(die)) if word) or "unknown type"


def base_name(name: str) -> str:
    """The name of an integer type, in the same words for all compilers: "unsigned long"."""
    words = name.split()
    if "int" in words and {"long", "short"} & set(words):
        words.remove("int")
    return " ".join(sorted(words, key=lambda word: word not in ("signed", "unsigned")))


def _qualified(qualifier: str, target: DIE | None) -> str:
    name = type_name(target)
    return f"{name}{qualifier}" if name.endswith("*") else f"{qualifier} {name}"


def _pointer_name(target: DIE | None) -> str:
    if target is not None and target.tag == "DW_TAG_subroutine_type":
        return f"{type_name(referred(target, TYPE))} (*)({_parameters(target)})"
    name = type_name(target)
    return name + ("*" if name.endswith("*") else " *")


def _parameters(die: DIE) -> str:
    names = [type_name(referred(child, TYPE)) for child in die.iter_children() if child.tag == "DW_TAG_formal_parameter"]
    names += ["..." for child in die.iter_children() if child.tag == "DW_TAG_unspecified_parameters"]
    return ", ".join(names) or "void"


def _bounds(die: DIE) -> list[int]:
    """How many elements there are in each dimension; 0 where nobody knows."""
    return [_bound(child) for child in die.iter_children() if child.tag == "DW_TAG_subrange_type"]


def _bound(die: DIE) -> int:
    count, last = value(die, "DW_AT_count"), value(die, "DW_AT_upper_bound")
    found: Any = count if count is not None else None if last is None else last + 1 if isinstance(last, int) else None
    # No bound is -1 to some compilers, and a variable one is an expression.
    return found if isinstance(found, int) and 0 <= found < 1 << 40 else 0


def _product(bounds: list[int]) -> int:
    product = 1 if bounds else 0
    for bound in bounds:
        product *= bound
    return product


def _subscripts(index: int, bounds: list[int]) -> str:
    """The subscripts of an element of an array that is stored row by row."""
    suffix = ""
    for bound in reversed(bounds):
        index, rest = divmod(index, bound)
        suffix = f"[{rest}]{suffix}"
    return suffix
