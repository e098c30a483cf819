"""What tests of stages in C share: a source of a few lines, compiled, by each compiler that is there."""

from __future__ import annotations

import shutil
from functools import lru_cache

import pytest

from harness.native.c_source import CSource
from harness.native.compiling import compiled
from harness.native.layout import Layout

COMPILERS = [pytest.param(cc, marks=pytest.mark.skipif(shutil.which(cc) is None, reason=f"there is no {cc}")) for cc in ("cc", "clang")]
needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")


def source(text: str, *headers: tuple[str, str], cc: str = "cc", cflags: tuple[str, ...] = (), glue: str = "") -> CSource:
    """A stage whose file is called stage.c."""
    return CSource("stage.c", text.encode(), tuple((path, content.encode()) for path, content in headers), glue, cc=cc, cflags=cflags)


@lru_cache
def layout(text: str, *headers: tuple[str, str], cc: str = "cc", cflags: tuple[str, ...] = (), glue: str = "") -> Layout:
    """The layout of such a stage, compiled once."""
    return Layout.of(compiled(source(text, *headers, cc=cc, cflags=cflags, glue=glue)))
