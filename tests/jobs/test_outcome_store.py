"""A table that several may use at once, which is bounded, and which says so when there is no working with it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from harness.cache_place import CacheBroken
from harness.jobs.outcome_cache import seal
from harness.jobs.outcome_store import NAME, OutcomeStore, remove


def test_several_use_it_at_once(tmp_path: Path) -> None:
    """What one has put there is there for the other one, also when nobody has closed it: so it is when somebody is killed."""
    one, other = OutcomeStore(tmp_path / "deep" / "down"), OutcomeStore(tmp_path / "deep" / "down")
    assert other.get(b"key") is None
    one.put(b"key", b"value")
    other.put(b"another", b"value")
    other.put(b"key", b"newer")
    assert (one.get(b"key"), one.get(b"another")) == (b"newer", b"value")
    assert other.extent().entries == 2


def test_what_was_kept_first_goes_first(tmp_path: Path) -> None:
    """The file does not grow beyond the limit, and what is newest stays."""
    store = OutcomeStore(tmp_path, limit=200_000)
    for number in range(100):
        store.put(bytes([number]), bytes([number]) * 5000)
        assert store.extent().used_bytes <= 200_000
    there = [number for number in range(100) if store.get(bytes([number]))]
    assert 10 < len(there) < 100
    assert there == list(range(100 - len(there), 100))


def test_damaged_entries_are_dropped(tmp_path: Path) -> None:
    """Those that are whole stay."""
    store = OutcomeStore(tmp_path)
    store.put(b"good", seal(b"good", b"record"))
    store.put(b"moved", seal(b"good", b"record"))
    store.put(b"cut", seal(b"cut", b"record")[:-1])
    with sqlite3.connect(store.path) as table:
        table.execute("INSERT INTO outcomes VALUES ('text', 'text')")
    assert store.drop_damaged() == 3
    assert store.extent().entries == 1
    assert store.drop_damaged() == 0
    store.clear()
    assert store.extent().entries == 0


def test_an_entry_that_is_no_bytes(tmp_path: Path) -> None:
    """Whoever asks for it gets something that is damaged."""
    store = OutcomeStore(tmp_path)
    with sqlite3.connect(store.path) as table:
        table.execute("INSERT INTO outcomes VALUES (?, 'text')", (b"key",))
    assert store.get(b"key") == b""


def test_what_cannot_be_used(tmp_path: Path) -> None:
    """A file that is no table, one that was cut off while it is in use, and a place where nothing can be made."""
    path = tmp_path / NAME
    path.write_bytes(b"no table " * 1000)
    with pytest.raises(CacheBroken, match="cannot be used: file is not a database"):
        OutcomeStore(tmp_path)
    remove(tmp_path)
    store = OutcomeStore(tmp_path)
    for number in range(200):
        store.put(bytes([number]), b"value" * 1000)
    store.close()
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(CacheBroken, match=str(path)):
        OutcomeStore(tmp_path).drop_damaged()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CacheBroken, match="cannot be used: Not a directory"):
        OutcomeStore(tmp_path / "file" / "below")
    with pytest.raises(CacheBroken):
        OutcomeStore(Path("/proc/nowhere"))
    remove(tmp_path)
    assert [found.name for found in tmp_path.iterdir()] == ["file"]
