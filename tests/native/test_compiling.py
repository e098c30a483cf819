"""Stages in C are compiled, or one line says why not: nothing that a stage has in it is executed, or read from elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cache_place import VARIABLE
from harness.native import compiling
from harness.native.compiler import CompilerRun
from harness.native.compiling import DoesNotCompile, NoCompiler, compiled, runtime_library
from harness.native.linked_symbols import LinkedSymbols
from tests.native.in_c import COMPILERS, needs_cc, source

ASM = "inline assembler, whose accesses nobody sees"
HEADER = ("sub/one.h", "#define ONE 1\n")
# What is wrong with a stage, and what is said about it.
REFUSED = [
    ("int f(void) {\n    return 1\n}\n", "does not compile: stage.c:2: expected ';'"),
    ("#include <stdio.h>\n", "does not compile: stage.c:1: .*stdio.h"),
    ('\n#include "/etc/passwd"\n', "stage.c:2: #include of /etc/passwd"),
    (f'#include "{"../" * 40}etc/passwd"\n', "stage.c:1: #include of .*etc/passwd"),
    ('int f(void) {\n    asm volatile("nop");\n    return 0; }\n', f"stage.c:2: {ASM}"),
    ('asm(".incbin \\"/etc/passwd\\"");\n', f"stage.c:1: {ASM}"),
    ("__attribute__((constructor)) void f(void) {}\n", "stage.c:1: attribute constructor"),
    ('void f(void) {} void *p __attribute__((section(".init_array"), used)) = f;\n', "has functions that run while the stage is loaded"),
    ('void f(void) {} void *p __attribute__((section(".fini_array"), used)) = f;\n', "has a section .fini_array, which runs"),
    ("void frob(int);\nvoid f(void) {\n    frob(3);\n}\n", r"calls frob, which there is not \(stage.c:3\)"),
    ("void abort(void) __attribute__((weak));\nvoid f(void) { if (abort) abort(); }\n", "calls abort, which there is not"),
    ("void *memcpy(void *, const void *, unsigned long);\nvoid machine_memcpy(void) {}\n", "conflicting types|defines machine_memcpy"),
    ("int machine_cpu(void) { return 0; }\n", "defines machine_cpu, which is the machine's"),
    ('int x;\n # /* */ em\\\nbed "/etc/passwd"\n', "#embed in stage.c"),
    ("#include __FILE__\n", "stage.c:1: #include nested"),
]


@needs_cc
@pytest.mark.parametrize(("text", "said"), REFUSED, ids=range(len(REFUSED)))
def test_a_stage_that_cannot_be_one(text: str, said: str) -> None:
    """The message is one line, with file and line where there is one, and no path of where it was compiled."""
    with pytest.raises(DoesNotCompile, match=said) as raised:
        compiled(source(text))
    message = str(raised.value)
    assert "\n" not in message
    assert ".making-" not in message


@pytest.mark.parametrize("cc", COMPILERS)
def test_what_a_stage_may_have(cc: str) -> None:
    """Freestanding headers, its own ones, ours, empty barriers, 128-bit division, copies of structs, and names of the C library."""
    text = """
        #include <limits.h>
        #include <stdarg.h>
        #include <stdbool.h>
        #include <stddef.h>
        #include <stdint.h>
        #include <machine.h>
        #include "sub/one.h"
        #include "../../beside.h"
        struct wide { int a[99]; } one, other;
        int constructor = INT_MAX, asm_ = ONE + BESIDE;
        unsigned __int128 divide(unsigned __int128 a, unsigned b) { return a / b; }
        void raise(void) { asm volatile("" ::: "memory"); __asm__("" : "+r"(constructor)); one = other; }
        void *memset(void *, int, size_t);
        void call(void) { memset(&other, 0, sizeof(other)); raise(); machine_printk("%d", __builtin_popcountl(constructor)); }
    """
    library = compiled(
        source(text, HEADER, ("../../beside.h", "#define BESIDE 2\n"), cc=cc, glue="void call(void); void more(void) { call(); }")
    )
    symbols = LinkedSymbols.of(library)
    assert {"call", "more", "raise", "one"} <= symbols.defined
    assert {"machine_printk", "machine_memset"} <= symbols.undefined <= LinkedSymbols.of(runtime_library()).defined | {"memcpy"}


@needs_cc
def test_a_header_that_is_wrong_is_named() -> None:
    """An error in a header has its path, as it is included, and one in the suite's text its own name."""
    with pytest.raises(DoesNotCompile, match=r"does not compile: sub/one.h:2: unknown type name 'foo'"):
        compiled(source('#include "sub/one.h"\n', ("sub/one.h", "int x;\nfoo y;\n")))
    with pytest.raises(DoesNotCompile, match=r"does not compile: glue.c:1: unknown type name 'foo'"):
        compiled(source("int x;\n", glue="foo y;"))


@needs_cc
def test_what_is_out_of_reach() -> None:
    """No header is written outside of the directory of the compilation, and no flag names a file."""
    for path in ("/tmp/x.h", f"{'../' * 9}x.h"):
        with pytest.raises(DoesNotCompile, match="out of its reach"):
            compiled(source("int x;", (path, "")))
    with pytest.raises(DoesNotCompile, match="is not compiled with -include"):
        compiled(source("int x;", cflags=("-include", "/etc/passwd")))
    with pytest.raises(DoesNotCompile, match="as a file and as a directory"):
        compiled(source("int x;", ("a", ""), ("a/b", "")))


@needs_cc
def test_odd_names() -> None:
    """A file may be called like an option, or like a list of them."""
    for name in ("-o.c", "@stage.c", "a b.c"):
        made = replace(source("int x"), name=name)
        with pytest.raises(DoesNotCompile, match=f"does not compile: {name}:1: expected"):
            compiled(made)


def test_no_compiler() -> None:
    """One line says what to install."""
    with pytest.raises(NoCompiler, match="there is no cc-of-nobody: install gcc or clang"):
        compiled(source("int x;", cc="cc-of-nobody"))


@needs_cc
def test_the_same_content_is_compiled_once() -> None:
    """The file is the same, and so are its bytes when it is compiled anew: nothing of the directory is in it."""
    made = source("int machine_cpu(void); int f(int *x) { return *x + machine_cpu(); } char *when = __DATE__ __TIME__ __FILE__;\n")
    path = compiled(made)
    content = path.read_bytes()
    assert compiled(made) == path
    path.unlink()
    assert compiled(made).read_bytes() == content
    assert b"00:00:00stage.c" in content
    assert os.fspath(path.parent).encode() not in content


@needs_cc
def test_what_does_not_compile_is_compiled_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever wants it again is told what was found out; another source, another compiler, and other code here find out anew."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    runs: list[object] = []
    real = compiling._compile
    monkeypatch.setattr(compiling, "_compile", lambda *args: (runs.append(args), real(*args)))

    def reason(text: str) -> str:
        with pytest.raises(DoesNotCompile) as raised:
            compiled(source(text))
        return str(raised.value)

    assert reason("int x") == reason("int x")
    assert reason("int x").startswith("does not compile: stage.c:1: expected ")
    assert len(runs) == 1
    assert reason("\n\nint x").startswith("does not compile: stage.c:3: expected ")
    assert len(runs) == 2
    monkeypatch.setattr(compiling, "_our_code", lambda: "other")
    reason("int x")
    assert len(runs) == 3


@needs_cc
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("stage.c:1:2: error: no such thing\n", True),
        ("stage.c:1:2: fatal error: error writing to stage.o: No space left on device\n", False),
        ("cc1: out of memory allocating 65536 bytes\n", False),
    ],
)
def test_what_another_time_may_compile_is_not_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, kept: bool) -> None:
    """The disk was full, or memory was."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    runs: list[object] = []
    monkeypatch.setattr(compiling, "run", lambda *args: (runs.append(args), CompilerRun(1, said))[1])
    for _ in range(2):
        with pytest.raises(DoesNotCompile):
            compiled(source("int x;"))
    assert len(runs) == (1 if kept else 2)


PLAIN = """
struct t { int cpu; _Bool dead, running, soft; struct t *next, *prev; } *others; int y, z;
int twice(struct t *t) { int a = t->cpu; y++; return a + t->cpu; }
void loop(struct t *t) { for (int i = 0; i < 4; i++) t->cpu += y; }
int either(int c, struct t *t) { return c ? t->cpu : t->cpu + 1; }
void init(struct t *t) { t->dead = 0; t->running = 0; t->soft = 0; t->cpu = -1; t->next = t; t->prev = t; }
void wait(struct t *t) { while (*(volatile _Bool *)&t->running); }
void dead(void) { z = 1; z = 2; }
void branches(struct t *t, int c) { if (c) t->cpu = 1; else t->cpu = 2; }
void unlink(struct t *t) { t->next->prev = t->prev; t->prev->next = t->next; t->next = t; t->prev = t; }
void local(void (*f)(int *)) { int l = 3; f(&l); l++; y = l; }
"""


def per_function(cc: str, level: str) -> dict[str, list[str]]:
    """The hooks of accesses in the code of each function, in the order of the code."""
    library = compiled(source(PLAIN, cc=cc, cflags=(level, "-fno-inline")))
    code = subprocess.run(["objdump", "-d", library], capture_output=True, text=True, check=True).stdout
    parts = re.findall(r"^[0-9a-f]+ <(\w+)>:\n(.*?)(?=^\n|\Z)", code, re.MULTILINE | re.DOTALL)
    return {
        name: re.findall(r"<__tsan_((?:volatile_|unaligned_)?(?:read|write)\w+)@plt>", text) for name, text in parts if f"{name}(" in PLAIN
    }


@pytest.mark.skipif(shutil.which("objdump") is None, reason="there is no objdump")
@pytest.mark.parametrize(("cc", "level"), [("cc", "-O1"), ("cc", "-O3"), ("clang", "-O0")])
def test_accesses_are_those_of_the_source(cc: str, level: str) -> None:
    """Each that is written is made, in that order, whatever else an optimiser does."""
    if shutil.which(cc) is None:
        pytest.skip(f"there is no {cc}")
    expected = per_function("cc", "-O0")
    assert sorted(expected) == ["branches", "dead", "either", "init", "local", "loop", "twice", "unlink", "wait"]
    assert expected["twice"] == ["read4", "read4", "write4", "read4"]
    assert per_function(cc, level) == expected
