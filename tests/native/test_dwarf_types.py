"""Types consist of scalars, and have the names that C gives them."""

from __future__ import annotations

import pytest

from harness.native.dwarf_types import LARGEST, base_name
from tests.native.in_c import layout, needs_cc

# A declaration of a variable @, and what its leaves are: suffix, size, kind, name of the type.
TYPES = [
    ("unsigned char @", [("", 1, "integer", "unsigned char")]),
    ("unsigned long long @", [("", 8, "integer", "unsigned long long")]),
    ("const char *const *volatile @", [("", 8, "pointer", "const char *const *")]),
    ("void *@", [("", 8, "pointer", "void *")]),
    ("int (*@)(const char *, ...)", [("", 8, "function", "int (*)(const char *, ...)")]),
    ("void (**@)(void)", [("", 8, "pointer", "void (*)(void) *")]),
    ("typedef unsigned int u32; typedef const u32 id; volatile id @", [("", 4, "integer", "id")]),
    ("typedef enum { C, D } color; struct { color a; } @", [(".a", 4, "enum", "color")]),
    ("typedef struct { int a; } wrapped; wrapped @", [(".a", 4, "integer", "int")]),
    ("double @", [("", 8, "other", "double")]),
    ("int @[2][1][2]", [(f"[{i}][0][{j}]", 4, "integer", "int") for i in range(2) for j in range(2)]),
    ("struct { int a[0]; struct { char b; } c[2]; } @", [(f".c[{i}].b", 1, "integer", "char") for i in range(2)]),
    ("struct { struct { int a, b; }; } @", [(".a", 4, "integer", "int"), (".b", 4, "integer", "int")]),
    ("union { void *a; unsigned long b; } @", [(".a", 8, "pointer", "void *")]),
    ("union u { struct { int a, b; } c; long d; } @", [("", 8, "other", "union u")]),
    ("union { char a; long b; } @", [("", 8, "other", "union")]),
    ("struct spinlock { int a; long b; } @", [("", 16, "lock", "struct spinlock")]),
    ("struct list_head { struct list_head *next, *prev; } @[2]", [(f"[{i}]", 16, "list", "struct list_head") for i in range(2)]),
    ("struct hlist_head { struct hlist_head *next; } @", [(".next", 8, "pointer", "struct hlist_head *")]),
    ("enum { A = 1, B = 2 } @", [("", 4, "enum", "enum")]),
    (f"char @[{LARGEST}]", [(f"[{i}]", 1, "integer", "char") for i in range(LARGEST)]),
    (f"char @[{LARGEST + 1}]", [("", LARGEST + 1, "other", f"char[{LARGEST + 1}]")]),
    ("struct { int a; } @[0]", []),
]


@needs_cc
def test_leaves() -> None:
    """One variable of each type: an anonymous union of one kind is its first member."""
    text = "".join(declaration.replace("@", f"x{number}") + ";\n" for number, (declaration, _) in enumerate(TYPES))
    found = {variable.name: variable for variable in layout(text).variables}
    for number, (declaration, leaves) in enumerate(TYPES):
        there = [(leaf.suffix, leaf.size, leaf.type.kind, leaf.type.name) for leaf in found[f"x{number}"].leaves]
        assert there == leaves, declaration


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("long unsigned int", "unsigned long"),
        ("long long int", "long long"),
        ("short int", "short"),
        ("unsigned int", "unsigned int"),
        ("int", "int"),
    ],
)
def test_one_name_for_all_compilers(name: str, plain: str) -> None:
    """Compilers write the words of an integer type in different orders."""
    assert base_name(name) == plain
