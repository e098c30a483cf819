"""Compiled libraries, kept by the hash of all that they are made of.

A library is a file that ends with its own checksum, which the loader of libraries does not mind: it is there whole or not at all, whoever
puts it there at the same time, and a damaged one is none. Why there is no library is kept in the same way, as a text. Without a cache there
is a directory for this process and its children.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from harness.cache_place import CacheBroken, cache_directory
from harness.scratch import ScratchDirectory
from harness.stopping import uninterrupted

FOLDER = "native"
SUFFIX = ".so"
# Of the text that says why there is none.
REASON = ".why"
# So many are kept: those that were wanted last.
LIMIT = 500


def kept(digest: str, make: Callable[[Path], None]) -> Path:
    """The library with this digest; `make` writes it to a path if it is not there. The cache has no say in whether there is a library."""
    try:
        directory = _kept_directory()
        return _kept_in(directory, digest, make)
    except (OSError, CacheBroken):
        return _kept_in(_own_directory(), digest, make)


def kept_reason(digest: str) -> str | None:
    """Why there is no library with this digest, if that is known."""
    try:
        directory = _kept_directory()
    except (OSError, CacheBroken):
        directory = _own_directory()
    path = directory / f"{digest}{REASON}"
    seal = seal_of(path)
    if seal is None:
        return None
    _used(path)
    return path.read_bytes()[: -len(seal)].decode(errors="surrogatepass")


def keep_reason(digest: str, reason: str) -> None:
    """Keep why there is no library with this digest; what cannot be kept is found out again."""

    def make(path: Path) -> None:
        path.write_bytes(reason.encode(errors="surrogatepass"))

    try:
        _kept_in(_kept_directory(), digest, make, REASON)
    except (OSError, CacheBroken):
        _kept_in(_own_directory(), digest, make, REASON)


def seal_of(path: Path) -> bytes | None:
    """The checksum at the end of what is kept; None if it is not that of what comes before."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    size = hashlib.sha256().digest_size
    seal = content[-size:]
    return seal if len(content) > size and _seal(path.stem, content[:-size]) == seal else None


def libraries(place: Path) -> tuple[int, int]:
    """How many libraries there are in a cache, and the bytes that they and what lies beside them take."""
    files = [(entry.name, entry.stat().st_size) for entry in _entries(place / FOLDER) if entry.is_file()]
    return sum(name.endswith(SUFFIX) for name, _ in files), sum(size for _, size in files)


def drop_libraries(place: Path, *, also_whole: bool) -> int:
    """Remove the libraries of a cache that are damaged, or all, and the reasons why there are none; how many that were."""
    paths = [path for path in (Path(entry) for entry in _entries(place / FOLDER)) if path.suffix in (SUFFIX, REASON)]
    dropped = [path for path in paths if also_whole or seal_of(path) is None]
    for path in dropped:
        _drop(path)
    return len(dropped)


def _entries(directory: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            return list(entries)
    except FileNotFoundError:
        return []


def _kept_in(directory: Path, digest: str, make: Callable[[Path], None], suffix: str = SUFFIX) -> Path:
    path = directory / f"{digest}{suffix}"
    if seal_of(path) is not None:
        _used(path)
        return path
    with ScratchDirectory(".making-", directory) as making:
        made = Path(making, path.name)
        make(made)
        with made.open("ab") as file:
            file.write(_seal(path.stem, made.read_bytes()))
        os.replace(made, path)
    _drop_oldest(directory)
    return path


def _seal(digest: str, content: bytes) -> bytes:
    # What it belongs to is part of its checksum.
    return hashlib.sha256(digest.encode() + content).digest()


def _kept_directory() -> Path:
    place = cache_directory()
    if place is None:
        return _own_directory()
    directory = place / FOLDER
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


@lru_cache
def _own_directory() -> Path:
    """A directory for this process and its children, which goes with this process."""
    with uninterrupted():
        directory = Path(tempfile.mkdtemp(prefix="harness-native-"))
        atexit.register(_remove, directory, os.getpid())
    return directory


def _remove(directory: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(directory, ignore_errors=True)


def _used(path: Path) -> None:
    """Note that it was wanted; where nobody may write, nothing is ever dropped either."""
    try:
        os.utime(path)
    except OSError:
        return


def _drop_oldest(directory: Path) -> None:
    there = [(entry.stat().st_mtime_ns, entry.path) for entry in _entries(directory) if entry.name.endswith((SUFFIX, REASON))]
    for _, path in sorted(there, reverse=True)[LIMIT:]:
        _drop(Path(path))


def _drop(library: Path) -> None:
    for path in library.parent.glob(f"{library.stem}.*"):
        path.unlink(missing_ok=True)
