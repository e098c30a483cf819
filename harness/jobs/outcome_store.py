"""Keeps outcomes in a file, whatever they are: a table of SQLite, which several runs may use at once, and leave at any time.

An entry is there whole or not at all. The size is bounded: what was kept first goes first.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.cache_place import CacheBroken
from harness.jobs.outcome_cache import Damaged, opened

# Another table gets another number.
NAME = "outcomes-1.sqlite3"
# SQLite's own files beside it.
BESIDE = ("", "-wal", "-shm", "-journal")
LIMIT_BYTES = 64 << 20
# How long another run may be writing.
BUSY_SECONDS = 30.0
# This share of all entries goes when there is no more room.
SHARE = 10

TABLE = "CREATE TABLE IF NOT EXISTS outcomes (key BLOB PRIMARY KEY, value BLOB NOT NULL)"


@dataclass(frozen=True)
class Extent:
    """How much is kept."""

    entries: int
    used_bytes: int


class OutcomeStore:
    """The table in a directory, which is made if it is not there; raises `CacheBroken`, as every call may."""

    def __init__(self, directory: Path, limit: int = LIMIT_BYTES) -> None:
        self.path = directory / NAME
        self.limit = limit
        with _broken(self.path):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._table = _connected(self.path)

    def get(self, key: bytes) -> bytes | None:
        with _broken(self.path):
            row = self._table.execute("SELECT value FROM outcomes WHERE key = ?", (key,)).fetchone()
        # What is no bytes is damaged, and whoever looks at it will see that.
        return None if row is None else row[0] if isinstance(row[0], bytes) else b""

    def put(self, key: bytes, value: bytes) -> None:
        with _broken(self.path):
            # What is replaced counts as new.
            self._table.execute("INSERT OR REPLACE INTO outcomes VALUES (?, ?)", (key, value))
            while self._used() > self.limit and self._dropped_oldest():
                continue

    def extent(self) -> Extent:
        with _broken(self.path):
            return Extent(self._entries(), self._used())

    def drop_damaged(self) -> int:
        """Look at every entry, and drop what is not what was put there; how many that are."""
        with _broken(self.path):
            rows = self._table.execute("SELECT rowid, key, value FROM outcomes")
            damaged = [(row,) for row, key, value in rows if not _is_whole(key, value)]
            self._table.executemany("DELETE FROM outcomes WHERE rowid = ?", damaged)
        return len(damaged)

    def clear(self) -> None:
        """Drop everything, and give the room back."""
        with _broken(self.path):
            self._table.execute("DELETE FROM outcomes")
            self._table.execute("VACUUM")

    def close(self) -> None:
        self._table.close()

    def _entries(self) -> int:
        return int(self._number("SELECT count(*) FROM outcomes"))

    def _used(self) -> int:
        pages = self._number("PRAGMA page_count") - self._number("PRAGMA freelist_count")
        return pages * self._number("PRAGMA page_size")

    def _number(self, question: str) -> int:
        return int(self._table.execute(question).fetchone()[0])

    def _dropped_oldest(self) -> int:
        oldest = "SELECT rowid FROM outcomes ORDER BY rowid LIMIT ?"
        return self._table.execute(f"DELETE FROM outcomes WHERE rowid IN ({oldest})", (self._entries() // SHARE + 1,)).rowcount


def remove(directory: Path) -> None:
    """Remove the files of a table that is broken; raises `CacheBroken`."""
    with _broken(directory / NAME):
        for end in BESIDE:
            (directory / f"{NAME}{end}").unlink(missing_ok=True)


def _connected(path: Path) -> sqlite3.Connection:
    """Open the table; every statement is a transaction by itself."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        table = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            # A log beside the file: who is killed leaves the file as it was, and to write takes no waiting for a disk.
            table.execute("PRAGMA journal_mode = WAL")
            table.execute("PRAGMA synchronous = NORMAL")
            table.execute(TABLE)
            # Whether it can be written, too.
            table.execute("BEGIN IMMEDIATE")
            table.execute("ROLLBACK")
            return table
        except sqlite3.OperationalError as error:
            table.close()
            # Two that open a new file at once do not wait for each other by themselves.
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
        except sqlite3.Error:
            table.close()
            raise


def _is_whole(key: object, value: object) -> bool:
    try:
        opened(key if isinstance(key, bytes) else b"", value)
    except Damaged:
        return False
    return True


@contextmanager
def _broken(path: Path) -> Iterator[None]:
    """What goes wrong with the file in this block."""
    try:
        yield
    except sqlite3.Error as error:
        raise CacheBroken(f"in {os.fspath(path)} cannot be used: {error}") from None
    except (OSError, ValueError) as error:
        raise CacheBroken(f"in {os.fspath(path)} cannot be used: {getattr(error, 'strerror', None) or error}") from None
