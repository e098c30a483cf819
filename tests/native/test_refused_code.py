"""What would run unseen, or before anybody calls it, is found in preprocessed text."""

from __future__ import annotations

import pytest

from harness.native.refused_code import refused_code

OURS = "/ours"
ALLOWED = [
    'asm volatile("" ::: "memory");',
    '__asm__ __volatile__("" : "=r"(p) : "0"(q));',
    'asm("" " " :: );',
    "int constructor, asm_volatile, naked;",
    'char *s = "asm(nop) __thread";',
    "char c = '\"'; int x; char d = '\"';",
    "struct s { int a; } __attribute__((aligned(constructor), packed));",
    'R"(asm("nop"))";',
    "[[gnu::unused]] int a[4], b = a[c[naked]];",
]
REFUSED = [
    'asm("nop");',
    '__asm__ goto("jmp %l0" :::: out);',
    'asm volatile("" "nop");',
    'register unsigned long sp asm("rsp");',
    "asm(TEMPLATE);",
    "asm",
    'int x asm("y");',
    "__thread int x;",
    "_Thread_local int x;",
    "void f(void) __attribute__((constructor(101)));",
    "void f(void) __attribute__((used, __destructor__));",
    'int f(void) __attribute__((ifunc("g")));',
    'void f(void) __attribute__((no_sanitize("thread")));',
    "void f(void) __attribute__((__no_sanitize_thread__)) ;",
    "__attribute__((naked)) void f(void) {}",
    "[[gnu::constructor(101)]] void f(void) {}",
    "[[gnu::unused, gnu::no_sanitize_thread]] void f(void) {}",
    '#pragma clang attribute push(__attribute__((no_sanitize("thread"))), apply_to = function)',
    "char c = '\\''; asm(\"nop\");",
]


@pytest.mark.parametrize("text", ALLOWED)
def test_what_is_allowed(text: str) -> None:
    """Barriers without an instruction; and words that only look like it, or are in strings."""
    assert refused_code(f'# 1 "stage.c"\n{text}\n', (OURS,)) is None


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused(text: str) -> None:
    """It is found where it is, after a line that has two of them."""
    found = refused_code(f'# 7 "sub/stage.c"\nint x;\n\n{text}\nint y;\n', (OURS,))
    assert found is not None
    assert (found.file, found.line) == ("sub/stage.c", 9)


def test_lines_are_counted_in_strings() -> None:
    """A string may have line ends in it, as it is or spliced."""
    found = refused_code('# 1 "stage.c"\nchar *s = R"(\n\n)";\nchar *t = "\\\n";\nasm("nop");\n', (OURS,))
    assert found is not None
    assert found.line == 6


def test_our_own_headers_may() -> None:
    """What a header of ours has is fine there, and not fine in the file that comes back after it."""
    ours = '# 1 "stage.c"\n# 1 "/ours/x.h" 1\n__attribute__((no_sanitize("thread"))) int f(void);\n# 2 "stage.c" 2\n'
    assert refused_code(ours, (OURS,)) is None
    found = refused_code(f'{ours}asm("nop");\n', (OURS,))
    assert found is not None
    assert (found.file, found.line) == ("stage.c", 2)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../../../../../secret.h", "x/../../../../../../secret.h", "/ours/../etc/passwd", "/oursnot/x.h"]
)
def test_files_from_elsewhere(path: str) -> None:
    """A file that is entered and is neither the stage's nor ours is refused where it is included."""
    found = refused_code(f'# 1 "stage.c"\nint x;\n# 1 "{path}" 1\nroot:x:0\n# 3 "stage.c" 2\n', (OURS,))
    assert found is not None
    assert (found.file, found.line) == ("stage.c", 2)
    assert path in found.problem


@pytest.mark.parametrize("path", ["./x.h", "../../x.h", "sub/x.h", "/ours/x.h"])
def test_files_from_here(path: str) -> None:
    """What belongs to a stage, and what is ours, may be entered."""
    assert refused_code(f'# 1 "stage.c"\n# 1 "{path}" 1\nint x;\n# 2 "stage.c" 2\n', (OURS,)) is None
