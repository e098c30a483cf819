"""Libraries are kept whole or not at all, and there is one however bad the cache is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cache_place import VARIABLE
from harness.native import library_cache
from harness.native.library_cache import drop_libraries, keep_reason, kept, kept_reason, seal_of

DIGEST = "5" * 64


def writer(content: bytes, made: list[Path] | None = None) -> Callable[[Path], None]:
    """What makes a library with a content, and notes that it did."""

    def make(path: Path) -> None:
        path.write_bytes(content)
        if made is not None:
            made.append(path)

    return make


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "native"


def test_it_is_made_once(cache: Path) -> None:
    """Who wants it again gets what is there, and nothing is left of the making."""
    made: list[Path] = []
    path = kept(DIGEST, writer(b"library", made))
    assert kept(DIGEST, writer(b"another", made)) == path == cache / f"{DIGEST}.so"
    assert len(made) == 1
    assert path.read_bytes().startswith(b"library")
    assert [entry.name for entry in cache.iterdir()] == [path.name]
    assert cache.stat().st_mode & 0o777 == 0o700


DAMAGES: list[Callable[[bytes], bytes]] = [
    lambda content: content[:-1],
    lambda content: b"",
    lambda content: b"x" + content[1:],
    lambda content: content[40:],
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_one_is_made_anew(cache: Path, damage: Callable[[bytes], bytes]) -> None:
    """Cut, emptied, changed: it is noticed each time."""
    path = kept(DIGEST, writer(b"library" * 9))
    content = path.read_bytes()
    path.write_bytes(damage(content))
    assert seal_of(path) is None
    assert kept(DIGEST, writer(b"library" * 9)).read_bytes() == content


def test_one_of_another_digest_is_none(cache: Path) -> None:
    """A file that has got another's name is not taken for it."""
    path = kept(DIGEST, writer(b"library"))
    os.rename(path, path.with_stem("6" * 64))
    assert kept("6" * 64, writer(b"other")).read_bytes().startswith(b"other")


def test_two_at_once(cache: Path) -> None:
    """Who is late replaces a whole one by a whole one."""

    def late(path: Path) -> None:
        kept(DIGEST, writer(b"library"))
        path.write_bytes(b"library")

    assert seal_of(kept(DIGEST, late)) is not None


def test_what_fails_leaves_nothing(cache: Path) -> None:
    """An error of the making is the caller's."""

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyError("wrong")

    with pytest.raises(KeyError, match="wrong"):
        kept(DIGEST, fail)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("place", ["", "/dev/null/cache"])
def test_without_a_cache(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """There is a directory for this process: it is the same for the next library."""
    monkeypatch.setenv(VARIABLE, place)
    one, other = kept(DIGEST, writer(b"library")), kept("7" * 64, writer(b"library"))
    assert one.parent == other.parent
    assert one.parent.name.startswith("harness-native-")


def test_those_wanted_last_stay(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others go, with what lies beside them."""
    monkeypatch.setattr(library_cache, "LIMIT", 2)
    for number in range(3):
        path = kept(str(number) * 64, writer(b"library"))
        path.with_suffix(".layout").write_bytes(b"")
        os.utime(path, (number, number))
    kept("1" * 64, writer(b"library"))
    kept("9" * 64, writer(b"library"))
    assert sorted(path.name[0] for path in cache.iterdir()) == ["1", "1", "9"]


def test_why_there_is_none(cache: Path) -> None:
    """The text is kept whole or not at all, and goes with the libraries."""
    text = "does not compile: ü.c:1: \udce4"
    assert kept_reason(DIGEST) is None
    keep_reason(DIGEST, text)
    assert kept_reason(DIGEST) == text
    (path,) = cache.iterdir()
    path.write_bytes(path.read_bytes()[1:])
    assert kept_reason(DIGEST) is None
    keep_reason(DIGEST, text)
    assert drop_libraries(cache.parent, also_whole=True) == 1
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("place", ["", "/dev/null/cache"])
def test_why_there_is_none_without_a_cache(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """It is known as long as this process lasts."""
    monkeypatch.setenv(VARIABLE, place)
    keep_reason("8" * 64, "why")
    assert kept_reason("8" * 64) == "why"
