"""Where on this machine what can be found out anew is kept from one run to the next."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

# Names another place; if it is there and empty, there is no cache.
VARIABLE = "HARNESS_CACHE_DIR"


class CacheBroken(Exception):
    """There is no working with the cache; the message completes "the cache"."""


def cache_directory() -> Path | None:
    """Where outcomes are kept; None if they are not to be. Raises `CacheBroken` if nobody knows."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named).absolute() if named else None
    place = user_cache_path("series-harness", appauthor=False) / "outcomes"
    if not place.is_absolute():
        raise CacheBroken(f"has no place: there is no home directory, and {VARIABLE} names no other one")
    return place
