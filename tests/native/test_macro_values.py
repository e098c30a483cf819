"""Macros that are numbers: as the preprocessor replaces them, and as C would compute that."""

from __future__ import annotations

import pytest

from harness.native.macro_values import answered, asking, defined_in, macro_values
from tests.native.in_c import COMPILERS, layout

TEXT = """
#include <xen/bitops.h>
#include "own.h"
enum { FIRST = 3, SECOND };
#define RUN BIT(0)
#define SCHED (1ul << SECOND)
#define SHIFTED (RUN | SCHED) << OWN
#define TEXT "7"
#define CALL(x) 5
#define CALLED CALL(1)
#define NOTHING
#define STRUCTURE struct x
#ifdef NEVER
#define LEFT_OUT 1
#endif
#define TWICE 1
#undef TWICE
#define TWICE 2
int used(int at) { return at == FIRST ? SECOND : 0; }
"""


@pytest.mark.parametrize("cc", COMPILERS)
def test_macros_of_a_stage(cc: str) -> None:
    """Those of its own files that are numbers in the end, and its enumerators."""
    found = layout(TEXT, ("own.h", "#define OWN 0x10u\n"), cc=cc).constants
    wanted = {"RUN": 1, "SCHED": 16, "SHIFTED": 17 << 16, "CALLED": 5, "TWICE": 2, "FIRST": 3, "SECOND": 4, "OWN": 16}
    assert {name: found.get(name) for name in wanted} == wanted
    assert not found.keys() & {"TEXT", "CALL", "NOTHING", "STRUCTURE", "LEFT_OUT", "BIT"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010", 8),
        ("0", 0),
        ("(unsigned long)1 << 3", 8),
        ("~0ul & 0xFFu", 255),
        ("-1", -1),
        ("A + 2 * B", 7),
        ("1 << 63", 1 << 63),
        ("1 << 64", None),
        ("1 << 9999999", None),
        ("9 ** 9", None),
        ("f(1)", None),
        ("x", None),
        ("'a'", None),
        ("1.5", None),
        ("1 ? 2 : 3", None),
        ("(" * 400 + "1" + ")" * 400, None),
    ],
)
def test_values(text: str, value: int | None) -> None:
    """Only what C and Python compute alike is computed."""
    assert macro_values(f"NAME {text}\n", {"A": 1, "B": 3}).get("NAME") == value


def test_asking_the_preprocessor() -> None:
    """Names that no stage would write are not asked for, and those that stay what they are were not defined."""
    assert defined_in([b"#define A 1\n# define B\n #define __C 2\n", b"#define D(x) x\n#define A 3\n"]) == ("A", "B")
    said = asking(["A", "B"]).replace(" A", " (1 + 2)")
    assert answered(f"int x;\n{said}") == "A (1 + 2)\n"
