"""Result files are whole or not there."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from harness.report.files import CannotWrite, append, require_distinct, require_writable, write_atomically
from tests.hearing import hearing


def test_write_and_replace(tmp_path: Path) -> None:
    """A new file, then another in its place; nothing else in the directory, and the usual permissions."""
    path = tmp_path / "out"
    for text in ("one µs\n", "two\n"):
        write_atomically(str(path), text)
        assert path.read_bytes() == text.encode()
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
    (tmp_path / "usual").touch()
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_trial_changes_nothing(tmp_path: Path) -> None:
    """An existing file keeps its content, a new one is not made."""
    (tmp_path / "old").write_text("old", encoding="utf-8")
    require_writable(str(tmp_path / "old"))
    require_writable(str(tmp_path / "new"))
    assert [(entry.name, entry.read_text(encoding="utf-8")) for entry in tmp_path.iterdir()] == [("old", "old")]


def test_what_a_killed_process_has_left_is_cleared(tmp_path: Path) -> None:
    """The next one that is to write there does that."""
    (tmp_path / f".out.{1 << 40}.tmp").write_text("half", encoding="utf-8")
    require_writable(str(tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_text_is_escaped(tmp_path: Path) -> None:
    """A file name, for instance."""
    write_atomically(str(tmp_path / "out"), '"\udcff"')
    assert (tmp_path / "out").read_bytes() == b'"\\udcff"'


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it points to is replaced."""
    link = tmp_path / "link"
    link.symlink_to("target")
    write_atomically(str(link), "text")
    assert link.is_symlink()
    assert (tmp_path / "target").read_text(encoding="utf-8") == "text"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """It is not replaced by a file."""
    read, write = os.pipe()
    write_atomically(f"/dev/fd/{write}", "text")
    os.close(write)
    with open(read, encoding="utf-8") as reader:
        assert reader.read() == "text"


@pytest.mark.parametrize("path", ["missing/out", "a_file/out", "a_directory", "", "nul\0byte", "/proc/out", "x" * 300])
def test_what_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Both functions say so, in one line, and leave nothing behind."""
    monkeypatch.chdir(tmp_path)
    Path("a_file").touch()
    Path("a_directory").mkdir()
    with pytest.raises(CannotWrite, match=r"\Acannot write .*\Z"):
        require_writable(path)
    assert sorted(entry.name for entry in tmp_path.rglob("*")) == ["a_directory", "a_file"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no temporary one."""
    path = tmp_path / "out"
    path.write_text("old", encoding="utf-8")

    def fail(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(CannotWrite, match="No space left on device"):
        write_atomically(str(path), "new")
    assert [(entry.name, entry.read_text(encoding="utf-8")) for entry in tmp_path.iterdir()] == [("out", "old")]


def test_an_interrupt_leaves_a_whole_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that comes while it is written waits for that: nothing stays beside it."""
    replace = os.replace

    def interrupted(*names: Path) -> None:
        signal.raise_signal(signal.SIGTERM)
        replace(*names)

    monkeypatch.setattr(os, "replace", interrupted)
    with hearing(), pytest.raises(KeyboardInterrupt):
        write_atomically(str(tmp_path / "out"), b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"out": b"new"}


def test_a_dash_is_stdout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The text goes there as UTF-8, and no file is made."""
    monkeypatch.chdir(tmp_path)
    require_writable("-")
    write_atomically("-", "1 µs\n")
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == "1 µs\n".encode()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("pair", [("out", "out"), ("out", "./out"), ("-", "-"), ("link", "out")])
def test_two_options_need_two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pair: tuple[str, str]) -> None:
    """However their names are written."""
    monkeypatch.chdir(tmp_path)
    Path("link").symlink_to("out")
    with pytest.raises(CannotWrite, match=r"\A--json and --junit name the same file, .*\Z"):
        require_distinct({"--json": pair[0], "--junit": pair[1]})


@pytest.mark.parametrize("pair", [("out", "other"), ("out", None), (None, None), ("-", "./-"), ("/dev/null", "/dev/null")])
def test_files_that_are_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pair: tuple[str | None, str | None]) -> None:
    """Or one that may be written to twice, or none."""
    monkeypatch.chdir(tmp_path)
    require_distinct({"--json": pair[0], "--junit": pair[1]})


def test_append(tmp_path: Path) -> None:
    """Behind what is there; no text changes nothing, but tells whether that is possible."""
    path = tmp_path / "out"
    for text in ("", "1 µs\n", "", "two\n"):
        append(str(path), text)
    assert path.read_text(encoding="utf-8") == "1 µs\ntwo\n"
    with pytest.raises(CannotWrite, match="Is a directory; name a file"):
        append(str(tmp_path), "")
