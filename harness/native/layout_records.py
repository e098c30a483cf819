"""What a compiled stage consists of: variables, types and functions. Addresses are relative to the library, sizes in bytes."""

from __future__ import annotations

from dataclasses import dataclass

# What a scalar is. Both links of a `struct list_head` are one; a lock is one, whatever is in it.
INTEGER, BOOL, POINTER, FUNCTION, ENUM, LIST, LOCK, OTHER = "integer", "bool", "pointer", "function", "enum", "list", "lock", "other"


@dataclass(frozen=True)
class ScalarType:
    """The type of what is read and written as a whole."""

    # One of the kinds above: "function" is a pointer to one, "other" what has no better kind (a float, a union of several kinds).
    kind: str
    signed: bool
    # As C writes it: "struct queue *".
    name: str
    # Of an enum, by value.
    names: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Leaf:
    """A scalar, a list node or a lock inside a type."""

    offset: int
    size: int
    # What is written after the name of the whole: ".list", ".a[3].b", "".
    suffix: str
    type: ScalarType


@dataclass(frozen=True)
class StructLayout:
    """A struct or union."""

    size: int
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True)
class Variable:
    """A variable that exists once, or once for each CPU: then size and leaves are those of one CPU's."""

    # Without the prefix of per-CPU data; "function.variable" or "file.c:variable" where several have the same.
    name: str
    address: int
    size: int
    leaves: tuple[Leaf, ...]
    per_cpu: bool
    # How many bytes further the next CPU's is; 0 if there is one for all.
    stride: int


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function."""

    name: str
    type: ScalarType


@dataclass(frozen=True)
class Function:
    """A function with code of its own, from `low` up to `high`."""

    name: str
    low: int
    high: int
    parameters: tuple[Parameter, ...]
    # None: void.
    returns: ScalarType | None
    # The base name of the file that defines it.
    file: str
    # How many bytes what it returns has.
    returned: int = 0
