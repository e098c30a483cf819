"""The dialect of kernel-style C compiles as kernel people compile: each header alone, and every name of it in use."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

INCLUDE = Path(__file__).resolve().parents[2] / "harness" / "native" / "include"
HEADERS = sorted(path.relative_to(INCLUDE).as_posix() for path in INCLUDE.glob("xen/*.h"))
FORWARDED = sorted(path.relative_to(INCLUDE / "xen").as_posix() for path in INCLUDE.glob("xen/asm/*.h"))
USES = Path(__file__).parent / "every_name.c"
CC = shutil.which("cc")
FLAGS = ("-std=gnu11", "-ffreestanding", "-fno-builtin", "-Wall", "-Wextra", "-Werror", "-I", str(INCLUDE / "xen"), "-I", str(INCLUDE))

# What a header defines: macros and functions.
DEFINED = re.compile(r"^#define (\w+)|^(?:static always_inline|MACHINE_UNSEEN static)[^;{=]*?(?<![#\w])(\w+)\(", re.MULTILINE)
# What is the headers' own, or has no use of its own in code.
INTERNAL = re.compile(r"(_*machine_|MACHINE_|__(XEN|ASM)_).*", re.IGNORECASE)

needs_compiler = pytest.mark.skipif(CC is None, reason="there is no C compiler (cc): install gcc or clang")


def compiled(*arguments: str, text: str = "") -> str:
    """What the compiler has to say."""
    assert CC is not None
    return subprocess.run([CC, *FLAGS, *arguments], input=text, capture_output=True, text=True, check=False).stderr


@needs_compiler
def test_a_header_needs_no_other_one(tmp_path: Path) -> None:
    """Each compiles alone, and a second time, without a warning."""
    files = [tmp_path / f"{header.replace('/', '-')}.c" for header in HEADERS]
    for file, header in zip(files, HEADERS, strict=True):
        file.write_text(f"#include <{header}>\n" * 2, encoding="utf-8")
    assert compiled("-fsyntax-only", *map(str, files)) == ""


@needs_compiler
def test_names_below_asm_lead_to_the_same_headers() -> None:
    """What includes the headers of an architecture finds the machine's."""
    assert compiled("-fsyntax-only", "-x", "c", "-", text="".join(f"#include <{header}>\n" * 2 for header in FORWARDED)) == ""


@needs_compiler
@pytest.mark.parametrize("level", ["-O0", "-O1", "-O2"])
def test_every_name_can_be_used(level: str, tmp_path: Path) -> None:
    """A file in which all of them occur compiles without a warning, however it is optimised."""
    assert compiled(level, "-c", "-o", str(tmp_path / "uses.o"), str(USES)) == ""


def test_no_name_is_left_out() -> None:
    """Every macro and every function that code under test may use is used in that file."""
    used = set(re.findall(r"\w+", USES.read_text(encoding="utf-8")))
    found = [match[1] or match[2] for header in HEADERS for match in DEFINED.finditer((INCLUDE / header).read_text(encoding="utf-8"))]
    assert len(found) > 300
    assert sorted({name for name in found if not INTERNAL.fullmatch(name)} - used) == []
