"""What is kept can be looked at and dropped."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from harness.cache_place import VARIABLE
from harness.cli.main import main
from harness.jobs.outcome_cache import seal
from harness.jobs.outcome_store import NAME, OutcomeStore
from harness.native.library_cache import kept


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of a cache that nobody has made yet."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """What `harness cache` ends with and says."""
    code = main(("cache", *words))
    return (code, *capsys.readouterr())


def test_an_empty_cache(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To look at it does not make it."""
    assert said(capsys) == (0, f"{place}: 0 outcomes, 0 KiB of at most 64 MiB\n", "")
    assert said(capsys, "verify") == (0, f"{place}: 0 outcomes, 0 KiB of at most 64 MiB\nnone is damaged\n", "")
    assert said(capsys, "clear") == (0, f"{place}: nothing is kept there\n", "")
    assert not place.exists()


def test_what_is_kept(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """How much it is; what is damaged is dropped; then everything is."""
    store = OutcomeStore(place)
    for key in (b"one", b"two", b"three"):
        store.put(key, seal(key, b"record"))
    store.close()
    assert said(capsys)[1].startswith(f"{place}: 3 outcomes, ")
    assert said(capsys, "verify")[::2] == (0, "")
    with sqlite3.connect(place / NAME) as table:
        table.execute("UPDATE outcomes SET value = x'00' WHERE key = ?", (b"two",))
    code, out, _ = said(capsys, "verify")
    assert (code, out.splitlines()[1]) == (1, "1 outcome dropped, damaged")
    assert said(capsys, "clear") == (0, f"{place}: 2 outcomes dropped\n", "")
    assert said(capsys)[1].startswith(f"{place}: 0 outcomes, ")


def test_compiled_stages(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are shown, looked at and dropped with the rest."""

    def make(path: Path) -> None:
        path.write_bytes(b"library")

    one, _ = (kept(digit * 64, make) for digit in "12")
    assert said(capsys)[1].splitlines()[1] == "2 compiled stages, 0 KiB"
    one.write_bytes(b"librarian")
    assert said(capsys, "verify")[:2] == (
        1,
        f"{place}: 0 outcomes, 0 KiB of at most 64 MiB\n1 compiled stage, 0 KiB\n1 compiled stage dropped, damaged\n",
    )
    OutcomeStore(place).close()
    assert said(capsys, "clear") == (0, f"{place}: 0 outcomes dropped, 1 compiled stage dropped\n", "")
    assert list((place / "native").iterdir()) == []


def test_a_broken_one(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says so, and can be removed."""
    place.mkdir()
    (place / NAME).write_bytes(b"no table")
    problem = f"harness: the cache in {place / NAME} cannot be used: file is not a database; `harness cache clear` removes what is there\n"
    assert said(capsys) == said(capsys, "verify") == (2, "", problem)
    assert said(capsys, "clear") == (0, f"{place}: what was there was broken, and is removed\n", "")
    assert list(place.iterdir()) == []


def test_no_cache(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to show."""
    monkeypatch.setenv(VARIABLE, "")
    assert said(capsys, "clear") == (2, "", "harness: there is no cache: HARNESS_CACHE_DIR is empty\n")
