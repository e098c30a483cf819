"""A layout beside its library: reading debugging information takes some hundredths of a second, reading this one or two thousandths.

It is plain data, after its own checksum, which covers the library's. Whatever is wrong with it, the layout is read anew.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

# Other records get another number.
VERSION = b"2"
SUFFIX = ".layout"
CHECKSUM_BYTES = hashlib.sha256().digest_size
Record = TypeVar("Record")


def kept_layout(library: Path, seal: bytes | None, kind: type[Record], read: Callable[[Path], Record]) -> Record:
    """What `read` makes of a library, from the file beside it if that is there. Nothing is kept of a library without a seal."""
    if seal is None:
        return read(library)
    path = library.with_suffix(SUFFIX)
    known = _read(path, seal, kind)
    if known is not None:
        return known
    found = read(library)
    _write(path, seal, msgspec.json.encode(found))
    return found


def _read(path: Path, seal: bytes, kind: type[Record]) -> Record | None:
    try:
        content = path.read_bytes()
        checksum, record = content[:CHECKSUM_BYTES], content[CHECKSUM_BYTES:]
        return msgspec.json.decode(record, type=kind) if _checksum(seal, record) == checksum else None
    except (OSError, msgspec.MsgspecError, RecursionError):
        return None


def _write(path: Path, seal: bytes, record: bytes) -> None:
    """Write it for others; where that cannot be, they read the library themselves."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".making-", delete=False) as file:
            file.write(_checksum(seal, record) + record)
        os.replace(file.name, path)
    except OSError:
        return


def _checksum(seal: bytes, record: bytes) -> bytes:
    return hashlib.sha256(VERSION + seal + record).digest()
