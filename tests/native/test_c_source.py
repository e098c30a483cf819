"""All that decides what a library is, is in its digest."""

from __future__ import annotations

from dataclasses import replace

from harness.native.c_source import CSource, surroundings
from tests.native.in_c import needs_cc

SOURCE = CSource("stage.c", b"int x;", (("a.h", b"b"), ("c.h", b"d")), "glue", cflags=("-DX", "-DY"))
OTHERS = [
    replace(SOURCE, name="other.c"),
    replace(SOURCE, source=b"int y;"),
    replace(SOURCE, headers=SOURCE.headers[:1]),
    replace(SOURCE, headers=SOURCE.headers[::-1]),
    replace(SOURCE, headers=(("a.h", b"bc.h"), ("", b"d"))),
    replace(SOURCE, glue="", cflags=("glue", *SOURCE.cflags)),
    replace(SOURCE, dialect="another"),
    replace(SOURCE, cflags=("-DX-DY",)),
]


@needs_cc
def test_every_part_counts() -> None:
    """No two of these have the same, and the same has the same."""
    digests = {other.digest for other in [SOURCE, *OTHERS]}
    assert len(digests) == 1 + len(OTHERS)
    assert replace(SOURCE).digest == SOURCE.digest


@needs_cc
def test_surroundings_are_looked_at_once() -> None:
    """Compiler and headers are read once for each compiler."""
    surroundings("cc")
    before = surroundings.cache_info().misses
    assert SOURCE.digest
    assert surroundings.cache_info().misses == before
