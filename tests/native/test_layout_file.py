"""A layout is read once, and what is kept of it is what was read."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cache_place import VARIABLE
from harness.native.compiling import compiled
from harness.native.layout import Layout, read_layout
from harness.native.layout_file import kept_layout
from harness.native.library_cache import seal_of
from tests.native.in_c import needs_cc, source
from tests.native.test_layout import HEADER, TEXT


def never(path: Path) -> Layout:
    """What must not be asked."""
    raise AssertionError(path)


@needs_cc
def test_what_is_kept_is_what_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one is equal, in the same order, and not read from the library; a damaged file is as good as none."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    library = compiled(source(TEXT, HEADER))
    read = read_layout(library)
    assert Layout.of(library) == read
    again = kept_layout(library, seal_of(library), Layout, never)
    assert again == read
    assert list(again.symbols) == list(read.symbols)
    with pytest.raises(AssertionError):
        kept_layout(library, bytes(32), Layout, never)
    file = library.with_suffix(".layout")
    content = file.read_bytes()
    for damaged in (b"", content[:-1], content[:50] + b"x" + content[51:]):
        file.write_bytes(damaged)
        assert Layout.of(library) == read
        assert file.read_bytes() == content
    assert sorted(path.suffix for path in library.parent.iterdir()) == [".layout", ".so", ".so"]


@needs_cc
def test_a_library_that_is_not_sealed(tmp_path: Path) -> None:
    """Its layout is read each time, and nothing is written beside it."""
    library = tmp_path / "x.so"
    library.write_bytes(compiled(source("int x;\n")).read_bytes()[:-32])
    assert [variable.name for variable in Layout.of(library).variables] == ["x"]
    assert list(tmp_path.iterdir()) == [library]
