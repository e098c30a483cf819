"""What a library has, wants, and would do by itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from harness.native.linked_symbols import LinkedSymbols
from tests.native.in_c import needs_cc


def linked(directory: Path, text: str, *flags: str) -> LinkedSymbols:
    """The symbols of a library that is made as any other library."""
    (directory / "x.c").write_text(text)
    subprocess.run(["cc", "-shared", "-fPIC", "-w", "-O1", *flags, "x.c", "-o", "x.so"], cwd=directory, check=True)
    return LinkedSymbols.of(directory / "x.so")


@needs_cc
def test_names(tmp_path: Path) -> None:
    """Static ones are nobody's business."""
    found = linked(tmp_path, "int a; static int b; int f(void) { b++; return g(&b); }", "-nostdlib")
    assert (found.defined, found.undefined) == ({"a", "f"}, {"g"})
    assert (found.by_itself, found.constructors) == ((), 0)


@needs_cc
@pytest.mark.parametrize(
    ("text", "flags", "said"),
    [
        (
            'int g(void) { return 0; } int (*h(void))(void) { return g; } int f(void) __attribute__((ifunc("h")));',
            ["-nostdlib"],
            "chooses .*: f",
        ),
        ('void f(void) {} __attribute__((section(".fini_array"))) void *p = f;', ["-nostdlib"], r"\.fini_array"),
        ("int f(void) { return puts(0); }", [], "wants another library"),
    ],
)
def test_what_runs_by_itself(tmp_path: Path, text: str, flags: list[str], said: str) -> None:
    """It is told in words that complete what is said of a stage."""
    assert any(re.search(said, problem) for problem in linked(tmp_path, text, *flags).by_itself)


@needs_cc
def test_constructors_are_counted(tmp_path: Path) -> None:
    """Compilers have one for each file, for their hooks."""
    text = "__attribute__((constructor)) void f(void) {} __attribute__((constructor)) void g(void) {}"
    assert linked(tmp_path, text, "-nostdlib").constructors == 2
