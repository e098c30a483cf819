"""Clears away what a `harness` that was killed has left: files and directories that have the number of its process in their names.

Nobody can clean up after a SIGKILL at once; who comes to the same place next does.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from pathlib import Path


def clear_left_behind(directory: Path, name: re.Pattern[str]) -> None:
    """Remove what matches `name` in `directory` and is of a process that has gone; the first group of `name` is the process's number."""
    with contextlib.suppress(OSError):
        for path in list(directory.iterdir()):
            found = name.fullmatch(path.name)
            if found is not None and _is_ours(path) and not _runs(int(found[1])):
                _remove(path)


def _is_ours(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return path.lstat().st_uid == os.getuid()
    return False


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        path.unlink()
