"""Which changes of C are none of its code."""

from __future__ import annotations

import pytest

from harness.jobs.c_mark import c_text
from harness.jobs.code_mark import LONGEST, NO_MARK, code_mark

SOURCE = b"""/* What it is. */
#include <xen/lib.h>
#define TWICE(x) \\
    do { x; x; } while ( 0 )

int f(int x)
{
    return x + 1; /* One more. */
}

const char *text = "a /* b */  c // d";
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"What it is", b"What\n * it was"),
        (b"/* What it is. */\n", b""),
        (b" /* One more. */", b"   // One more."),
        (b"    return", b"\treturn"),
        (b"\n\nint", b"\n\n\n/* About it. */\nint"),
        (b"int x)", b"int/* what */x)"),
        (b"\\\n    do", b"do"),
        (b"\n", b"\r\n"),
    ],
)
def test_comments_and_layout_are_no_code(old: bytes, new: bytes) -> None:
    """The mark is the same."""
    assert SOURCE.replace(old, new) != SOURCE
    assert c_text(SOURCE.replace(old, new)) == c_text(SOURCE)
    assert code_mark(SOURCE.replace(old, new), in_c=True) == code_mark(SOURCE, in_c=True) != NO_MARK


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"x + 1", b"x + 2"),
        (b"a /* b */", b"a /* c */"),
        (b"*/  c", b"*/ c"),
        (b"// d", b"// e"),
        (b"int x)", b"intx)"),
        # What ends a directive.
        (b"#include <xen/lib.h>\n", b"#include <xen/lib.h> "),
        (b"#include <xen/lib.h>\n", b"#include <xen/lib.h> /*\n*/ "),
        (b"#include <xen/lib.h>\n", b"#include <xen/lib.h> // \\\n /*\n */"),
        (b"\\\n", b"\n"),
    ],
)
def test_everything_else_is(old: bytes, new: bytes) -> None:
    """Texts, what separates words, and the ends of directives."""
    assert SOURCE.replace(old, new) != SOURCE
    assert c_text(SOURCE.replace(old, new)) != c_text(SOURCE)


def test_a_comment_in_a_comment_ends_no_line_less() -> None:
    """What looks like the beginning of a comment behind `//` is none."""
    assert c_text(b"#define A // /*\nx /* */ y") == b"#define A\nx y"


def test_headers_count() -> None:
    """A comment in one does not; what is too long has no mark."""
    marks = [code_mark(SOURCE, [("x.h", text)], in_c=True) for text in (b"int x;", b"int x; /* x */", b"int y;")]
    assert marks[0] == marks[1] != marks[2]
    assert code_mark(b"x" * (LONGEST + 1), in_c=True) == NO_MARK
