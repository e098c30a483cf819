"""The cache of a command: where it is, whether there is one, and the one line that says what came from it.

Nothing that is wrong with a cache is an error of a command: it goes on without, and says so.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from harness.cache_place import CacheBroken, cache_directory
from harness.cli.terminal_frame import above_frames
from harness.jobs.outcome_cache import Counts, OutcomeCache


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
    above_frames(f"harness: the cache {problem}; this run goes on without it", sys.stderr)
