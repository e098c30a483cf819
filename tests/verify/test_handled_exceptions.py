"""Where code may go on after an exception is found in functions, and nowhere else."""

from __future__ import annotations

import pytest

from harness.verify.handled_exceptions import handles_exceptions


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("pass", 0),
        ("a = lambda: b()", 0),
        ("\n  try: a()\n  except ValueError: pass", 3),
        ("\n  def inner():\n   try: a()\n   finally: b()", 4),
        ("\n  with a: b()", 3),
        ("\n  try: a()\n  except* ValueError: pass", 3),
    ],
)
def test_in_functions(body: str, line: int) -> None:
    """A `try` of any sort, and a `with`; what is executed before any program does not matter."""
    before = b"try: import a\nexcept ImportError: a = None\n"
    content = f"def f():{body}\n".encode()
    assert handles_exceptions([("a.py", before), ("b.py", b"\n" + content)]) == (f"b.py:{line}" if line else "")


def test_of_what_cannot_be_read_nobody_knows() -> None:
    """Then it may."""
    assert handles_exceptions([("a.py", b""), ("b.py", b"def")]) == "b.py"
