"""Sources in the page: the right lines, once, and never markup."""

from __future__ import annotations

import json

from harness.report.html.source_texts import source_texts, sources_data
from harness.sources.target import Target


def target(source: bytes, path: str = "/git/xen/s.c", beside: tuple[tuple[str, bytes], ...] = ()) -> Target:
    """A stage."""
    return Target(1, "A patch", "s", path, source=source, beside=beside)


def test_lines_are_those_that_a_compiler_counts() -> None:
    """Whatever ends them; a form feed and a Unicode separator end none."""
    (found,) = source_texts(target(b"a\r\nb\rc\nd\x0ce\xe2\x80\xa8f"))
    assert found.lines == ("a", "b", "c", "d⟨U+000C⟩e⟨U+2028⟩f")


def test_bytes_that_are_no_text() -> None:
    """They are replaced: the page is UTF-8."""
    (found,) = source_texts(target(b"\xff\xed\xa0\x80"))
    found.lines[0].encode("utf-8")


def test_data_ends_no_element() -> None:
    """Nothing of it means anything to HTML, and it is the same text when it is read as JSON."""
    line = "</script><!--<script> & 'x' \"y\" \\u003c é"
    (found,) = source_texts(target(line.encode()))
    data = sources_data([found])
    assert not set(data) & set("<>&\u2028")
    assert json.loads(data) == {found.key: [line]}


def test_the_same_file_is_there_once() -> None:
    """Of two stages that have it in common; files that differ in content or name are others."""
    stages = (target(b"x", beside=(("h/a.h", b"same"),)), target(b"y", beside=(("h/a.h", b"same"), ("b.h", b"same"))))
    used = [source for stage in stages for source in source_texts(stage)]
    assert len(used) == 5
    assert len(json.loads(sources_data(used))) == 4
    assert sources_data(used) == sources_data(used[::-1])


def test_nobody_guesses_which_file_is_meant() -> None:
    """Rows name no directory: of two files with one name neither is shown; nor is a stage that could not be read."""
    found = source_texts(target(b"x", beside=(("a/x.h", b"1"), ("b/x.h", b"2"), ("s.h", b"3"))))
    assert [source.name for source in found] == ["s.c", "s.h"]
    assert source_texts(Target(1, "", "s", "s.c", problem="is missing")) == ()
