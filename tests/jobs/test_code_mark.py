"""Which changes of a source are none of its code."""

from __future__ import annotations

import pytest

from harness.jobs.code_mark import LONGEST, NO_MARK, code_mark

SOURCE = b'''"""What it is."""

class A:
    """A class."""

    def f(self, x: int) -> int:
        """A function."""
        return x + 1
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"What it is", b"What it was"),
        (b'    """A class."""\n', b""),
        (b'"""A function."""\n', b"# A comment.\n"),
        (b"return x + 1", b"return (x +\n     1)  # more"),
        (b"\n\nclass", b"\n\n\n# About it.\nclass"),
    ],
)
def test_comments_docstrings_and_layout_are_no_code(old: bytes, new: bytes) -> None:
    """The mark is the same, though lines move."""
    assert SOURCE.replace(old, new) != SOURCE
    assert code_mark(SOURCE.replace(old, new)) == code_mark(SOURCE) != NO_MARK


@pytest.mark.parametrize(("old", "new"), [(b"x + 1", b"x + 2"), (b"int)", b"str)"), (b'"""A function."""', b'y = """A function."""')])
def test_everything_else_is(old: bytes, new: bytes) -> None:
    """Values, annotations, strings that are used."""
    assert code_mark(SOURCE.replace(old, new)) not in (code_mark(SOURCE), NO_MARK)


@pytest.mark.parametrize("source", [b"x =", b"\xff", b"x" * (LONGEST + 1), b"(" * 1000, b"-" * 100_000 + b"1", b"\0"])
def test_what_has_no_mark(source: bytes) -> None:
    """What is no Python, or too long or too deep: nothing is said about it."""
    assert code_mark(source) == NO_MARK


def test_files_beside_it_count() -> None:
    """A file beside a stage that does something else is another code; a comment in it is none."""
    marks = [code_mark(SOURCE, [("helper.py", content)]) for content in (b"x = 1\n", b"x = 1  # one\n", b"x = 2\n", b"x =\n")]
    assert marks[0] == marks[1] != marks[2]
    assert marks[3] == NO_MARK
    assert code_mark(SOURCE) not in marks
