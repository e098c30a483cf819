"""Which flags a series may pass on; and a compiler has its limits."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from harness.native.compiler import NoCompiler, compiler, environment, refused_flag, run
from tests.native.in_c import COMPILERS

PASSED_ON = """
    -DX -DX=1+2 -DF(a,b)=a -UX -O -O2 -Os -Wall -Wno-unused -std=gnu99 -fno-inline -funsigned-char -fno-strict-aliasing -mcmodel=small
    -march=x86-64-v2 -falign-functions=16
"""
REFUSED = """
    -fplugin=/x.so -fsanitize=address -fno-sanitize=all -fno-sanitize=thread -wrapper -B/x -specs=/x -o/x x.c @file -I/ -Wl,-T,/x -Wa,-I/x
    -Wp,-MD,/x -mllvm -Xclang -include -fdump-tree-all -fprofile-use=x -flto -fno-pic -l:x.a - -fuse-ld=x -fdebug-prefix-map=a=b
    -fpass-plugin=x -c -E -S -shared -fsyntax-only -fhosted -g0
"""


@pytest.mark.parametrize("flag", PASSED_ON.split())
def test_flags_of_the_language(flag: str) -> None:
    """What decides about the language is passed on."""
    assert refused_flag(("-O1", flag)) is None


@pytest.mark.parametrize("flag", [*REFUSED.split(), "", "-O2 -o x"])
def test_other_flags(flag: str) -> None:
    """What names a file or a program, or touches the hooks, is not."""
    assert refused_flag(("-O1", flag)) == flag


@pytest.mark.parametrize("cc", COMPILERS)
def test_a_compiler_says_who_it_is(cc: str) -> None:
    """Its version and its target decide about what it makes; its own headers are where it says."""
    found = compiler(cc)
    assert found.is_clang == (cc == "clang")
    assert "\n" in found.identity
    assert Path(found.include, "stddef.h").exists()


def test_what_is_no_compiler() -> None:
    """A program that is none is noticed."""
    assert shutil.which("true")
    with pytest.raises(NoCompiler, match=r"true is none that works"):
        compiler("true")


def test_limits(tmp_path: Path) -> None:
    """Whoever takes more memory, or writes more, than there is room for, does not get it."""
    python = sys.executable
    assert run([python, "-c", "print('fine')"], tmp_path).said == "fine\n"
    assert "MemoryError" in run([python, "-c", "bytearray(3 << 30)"], tmp_path).said
    assert "File too large" in run([python, "-c", "open('x', 'wb').truncate(200 << 20)"], tmp_path).said


def test_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the user's decides about what is compiled."""
    monkeypatch.setenv("CPATH", "/x")
    code = "import os; print(sorted(os.environ))"
    assert "CPATH" not in run([sys.executable, "-c", code], tmp_path).said
    assert set(environment(tmp_path)) == {"PATH", "LC_ALL", "TMPDIR"}
