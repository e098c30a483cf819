"""Writes result files: whole or not at all, and known to be writable before the work starts."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from harness.sources.left_behind import clear_left_behind
from harness.stopping import uninterrupted

# The path that means stdout.
STDOUT = "-"
# A file name may be no text; escaped so, it can stand in JSON too.
NO_TEXT = "backslashreplace"


class CannotWrite(Exception):
    """The message says which file, and why."""


def require_distinct(paths: Mapping[str, str | None]) -> None:
    """Raise `CannotWrite` if two of `paths`, by the option that names each, are the same file; one that is None does not count."""
    seen: dict[str, str] = {}
    for option, path in paths.items():
        # Both may go into a device, such as /dev/null, but not onto stdout.
        if path is None or (path != STDOUT and _is_special(Path(path))):
            continue
        other = seen.setdefault(path if path == STDOUT else os.path.realpath(path), option)
        if other != option:
            raise CannotWrite(f"{other} and {option} name the same file, {path}; name two")


def require_writable(path: str) -> None:
    """Raise `CannotWrite` unless a file can be made at `path`; leaves nothing behind."""
    if path == STDOUT:
        return
    target = Path(path)
    try:
        if target.is_dir():
            raise CannotWrite(f"cannot write {path}: it is a directory; name a file")
        if _is_special(target):
            os.close(os.open(target, os.O_WRONLY))
            return
        clear_left_behind(target.parent, re.compile(rf"\.{re.escape(target.name)}\.([0-9]+)\.tmp"))
        trial = _beside(target)
        with uninterrupted():
            os.close(_create(trial))
            trial.unlink()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotWrite(f"cannot write {path}: {reason}; name a file in a writable directory that exists") from None


def append(path: str, text: str) -> None:
    """Put `text` behind what the file at `path` has; raises `CannotWrite`. With no text, that is only tried."""
    try:
        with open(path, "a", encoding="utf-8", errors=NO_TEXT, newline="\n") as file:
            file.write(text)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotWrite(f"cannot write {path}: {reason}; name a file in a writable directory that exists") from None


def write_atomically(path: str, content: str | bytes) -> None:
    """Put a text, or bytes, at `path`: a reader sees the old file or the new one, never a part. `STDOUT` is written to.

    Raises `CannotWrite`.
    """
    data = content if isinstance(content, bytes) else content.encode("utf-8", NO_TEXT)
    if path == STDOUT:
        # As a file has it, whatever the terminal's encoding is.
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return
    target = Path(path)
    if _is_special(target):
        target.write_bytes(data)
        return
    # A symbolic link stays one: its target is replaced.
    target = target.resolve()
    beside = _beside(target)
    with uninterrupted():
        try:
            with open(_create(beside), "wb") as file:
                file.write(data)
            os.replace(beside, target)
        except OSError as error:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise CannotWrite(f"cannot write {path}: {error.strerror or error}") from None


def _is_special(target: Path) -> bool:
    """Whether `target` is a device or a pipe, which must not be replaced by a file."""
    return target.exists() and not target.is_file()


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.tmp")


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
