"""The command `cache`, which shows what is kept of earlier runs, and drops it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.cache_place import VARIABLE, CacheBroken, cache_directory
from harness.cli.exit_codes import BAD, GOOD, UsageError
from harness.native.library_cache import drop_libraries, libraries

CLEAR, VERIFY = "clear", "verify"


@dataclass(frozen=True)
class CacheRequest:
    """What `harness cache` was asked for: an action, or to show what there is."""

    action: str | None


def cache(request: CacheRequest) -> int:
    """Show how much is kept of earlier runs, and where.

    `clear` drops everything, `verify` what is damaged: then the exit code is 1.
    """
    try:
        directory = cache_directory()
        if directory is None:
            raise UsageError(f"there is no cache: {VARIABLE} is empty")
        return _clear(directory) if request.action == CLEAR else _show(directory, request.action == VERIFY)
    except (CacheBroken, ImportError) as error:
        problem = f"the cache {error}" if isinstance(error, CacheBroken) else str(error)
        raise UsageError(f"{problem}; `harness cache clear` removes what is there") from None


def _show(directory: Path, verify: bool) -> int:
    from harness.jobs.outcome_store import LIMIT_BYTES, NAME, Extent, OutcomeStore

    extent, damaged = Extent(0, 0), 0
    damaged_libraries = drop_libraries(directory, also_whole=False) if verify else 0
    if (directory / NAME).exists():
        store = OutcomeStore(directory)
        damaged = store.drop_damaged() if verify else 0
        extent = store.extent()
        store.close()
    print(f"{directory}: {_outcomes(extent.entries)}, {_size(extent.used_bytes)} of at most {_size(LIMIT_BYTES)}")
    count, used = libraries(directory)
    if count:
        print(f"{_compiled(count)}, {_size(used)}")
    if verify:
        dropped = [_outcomes(damaged)] * (damaged > 0) + [_compiled(damaged_libraries)] * (damaged_libraries > 0)
        print(f"{' and '.join(dropped)} dropped, damaged" if dropped else "none is damaged")
    return BAD if damaged or damaged_libraries else GOOD


def _clear(directory: Path) -> int:
    from harness.jobs.outcome_store import NAME, OutcomeStore, remove

    dropped = ""
    if (directory / NAME).exists():
        try:
            store = OutcomeStore(directory)
            dropped = f": {_outcomes(store.extent().entries)} dropped"
            store.clear()
            store.close()
        except CacheBroken:
            remove(directory)
            dropped = ": what was there was broken, and is removed"
    if count := drop_libraries(directory, also_whole=True):
        dropped = f"{dropped + ',' if dropped else ':'} {_compiled(count)} dropped"
    print(f"{directory}{dropped or ': nothing is kept there'}")
    return GOOD


def _size(size: int) -> str:
    return f"{size >> 20} MiB" if size >> 20 else f"{size >> 10} KiB"


def _outcomes(number: int) -> str:
    return f"{number} outcome{'s' * (number != 1)}"


def _compiled(number: int) -> str:
    return f"{number} compiled stage{'s' * (number != 1)}"
