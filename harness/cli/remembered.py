"""The cache of a command: where it is, whether there is one, and the one line that says what came from it.

Nothing that is wrong with a cache is an error of a command: it goes on without, and says so.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

from harness.jobs.outcome_cache import CacheBroken, Counts, OutcomeCache

# Names another place; if it is there and empty, there is no cache.
VARIABLE = "HARNESS_CACHE_DIR"


def cache_directory() -> Path | None:
    """Where outcomes are kept; None if they are not to be. Raises `CacheBroken` if nobody knows."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named).absolute() if named else None
    place = user_cache_path("series-harness", appauthor=False) / "outcomes"
    if not place.is_absolute():
        raise CacheBroken(f"has no place: there is no home directory, and {VARIABLE} names no other one")
    return place


@contextmanager
def remembered(no_cache: bool) -> Iterator[OutcomeCache | None]:
    """The cache, if there is to be one. At the end, stderr says how much came from it."""
    try:
        directory = None if no_cache else cache_directory()
        # A Python may lack SQLite.
        from harness.jobs.outcome_store import OutcomeStore

        store = None if directory is None else OutcomeStore(directory)
    except (CacheBroken, ImportError) as error:
        _complain(str(error) if isinstance(error, CacheBroken) else f"cannot be used: {error}")
        store = None
    if store is None:
        yield None
        return
    cache = OutcomeCache(store, _complain)
    try:
        yield cache
    finally:
        store.close()
        if said := came(cache.counts):
            print(f"harness: {said}", file=sys.stderr)


def came(counts: Counts) -> str:
    """How much came from the cache; nothing if nothing did."""
    parts = [f"{counts.found} of {counts.wanted} outcomes came from the cache"] if counts.found else []
    if counts.damaged:
        parts.append(f"{counts.damaged} in the cache {'was' if counts.damaged == 1 else 'were'} damaged: found out anew")
    return "; ".join(parts)


def _complain(problem: str) -> None:
    print(f"harness: the cache {problem}; this run goes on without it", file=sys.stderr)
