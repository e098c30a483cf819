"""What a killed harness has left is cleared away, and nothing else."""

from __future__ import annotations

import os
import re
from pathlib import Path

from harness.sources.left_behind import clear_left_behind

NAME = re.compile(r"\.made-([0-9]+)-.*")
# No system has a process of that number.
GONE = 1 << 40


def test_only_what_is_of_a_process_that_has_gone(tmp_path: Path) -> None:
    """Files, links and whole directories; what belongs to a process that runs stays, as does everything with another name."""
    (tmp_path / f".made-{GONE}-directory" / "inner").mkdir(parents=True)
    (tmp_path / f".made-{GONE}-file").write_text("x")
    (tmp_path / f".made-{GONE}-link").symlink_to(tmp_path)
    kept = {f".made-{os.getpid()}-file", f".made-{GONE}", f"made-{GONE}-file", ".made-1-file"}
    for name in kept:
        (tmp_path / name).write_text("x")
    clear_left_behind(tmp_path, NAME)
    assert {path.name for path in tmp_path.iterdir()} == kept


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    """There is nothing to clear."""
    clear_left_behind(tmp_path / "none", NAME)
