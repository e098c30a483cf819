"""How stages in C are compiled: the same keys in `harness.toml` and `series.toml`, and nothing that a repository names is executed."""

from __future__ import annotations

from dataclasses import fields

import pytest

from harness.machine.named_bits import WordNames
from harness.native.compiler import NoCompiler
from harness.native.native_options import NativeOptions
from harness.sources import native_settings
from harness.sources.native_settings import NativeSettings, dialects, headers_of
from harness.sources.project_file import parsed_project
from harness.sources.safe_git import NoSource

WHOLE = """
files = ["common/stage.c"]
headers = ["include/xen/stage.h"]
dialect = "xen"
cc = "x86_64-linux-gnu-gcc-12"
cflags = ["-O2", "-DNDEBUG"]
intended-races = ["t.state", "done"]

[[word]]
name = "*.state"
masks = ["RUN"]
"""
WORDS = (WordNames(r".*\.state", ("RUN",)),)


def test_everything_that_it_may_say() -> None:
    """What is left out is empty, and the usual thing is made of that only when a stage is."""
    found = parsed_project(WHOLE.encode()).native
    assert found == NativeSettings(
        ("include/xen/stage.h",), "xen", "x86_64-linux-gnu-gcc-12", ("-O2", "-DNDEBUG"), ("t.state", "done"), WORDS
    )
    assert parsed_project(b"").native == NativeSettings()
    options = NativeSettings(cc="no-such-gcc").options
    assert options == NativeOptions(cc="no-such-gcc", toolchain="")


def test_the_toolchain_is_that_of_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has another compiler, or another runtime, has another one; without a compiler nothing is wrong yet."""
    monkeypatch.setattr(native_settings, "surroundings", lambda cc: f"made by {cc}")
    assert [NativeSettings(cc=cc).options.toolchain for cc in ("", "clang")] == ["made by cc", "made by clang"]

    def missing(cc: str) -> str:
        raise NoCompiler(cc)

    monkeypatch.setattr(native_settings, "surroundings", missing)
    assert NativeSettings().options.toolchain == ""


def test_what_comes_first() -> None:
    """Each setting by itself: what one says, and else what the other does."""
    one, other = NativeSettings(("a.h",), cc="clang"), NativeSettings(("b.h",), "xen", "gcc", ("-O2",), ("x",), WORDS)
    assert one.or_else(other) == NativeSettings(("a.h",), "xen", "clang", ("-O2",), ("x",), WORDS)
    assert len(fields(NativeSettings)) == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("headers = 'a.h'", "harness.toml: headers is 'a.h', and has to be a list of texts"),
        ("headers = ['../a.h']", "'../a.h' is no path of a header in the repository"),
        ("dialect = 'klingon'", "harness.toml: unknown dialect 'klingon': choose from "),
        ("dialect = '..'", "harness.toml: unknown dialect '..': choose from "),
        ("cc = './evil'", "harness.toml: cc is './evil', and has to be the name of a C compiler, such as gcc, clang or gcc-12"),
        ("cc = 'rm'", "harness.toml: cc is 'rm', and has to be the name of a C compiler"),
        ("cc = 'gcc -wrapper ./evil'", "and has to be the name of a C compiler"),
        ("cflags = '-O2'", "harness.toml: cflags is '-O2', and has to be a list of texts"),
        ("cflags = ['-fplugin=evil.so']", "harness.toml: the flag '-fplugin=evil.so' is not for stages: choose from -D, -U, -O, -std"),
        ("cflags = ['-O2', '-I/usr/include']", "headers are found by includes and headers"),
        ("cflags = ['@file']", "the flag '@file' is not for stages"),
        ("intended-races = [' ']", "harness.toml: intended-races is [' '], and has to be a list of variables and members of structures"),
        ("intended_races = []", "harness.toml: unknown key 'intended_races'"),
    ],
)
def test_what_is_wrong_with_it(text: str, said: str) -> None:
    """The message names the file and the key, and says what would be right."""
    with pytest.raises(NoSource) as raised:
        parsed_project(text.encode())
    assert said in str(raised.value)


def test_what_the_dialect_has() -> None:
    """Its headers, and those on which it is written, as code names them."""
    assert "xen" in dialects()
    assert {"xen/list.h", "list.h", "machine.h"} <= headers_of("xen")
