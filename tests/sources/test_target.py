"""Stages by value: their source is read once, and known by its hash."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

from harness.jobs.stage_loading import load
from harness.sources.shipped import targets_of_series
from harness.sources.single_file import target_of_file
from stages import FIXED

STAGE = "from stages.s5_drop_scaffolding import Tasklet, TaskletSubsystem\n"


def test_a_target_is_not_read_again(tmp_path: Path) -> None:
    """What becomes of the file later does not matter, in another process neither."""
    path = tmp_path / "stage.py"
    path.write_text(f"{STAGE}VALUE = 1\n", encoding="utf-8")
    target = pickle.loads(pickle.dumps(target_of_file(str(path))))
    path.unlink()
    assert load(target).VALUE == 1  # type: ignore[attr-defined]


def test_the_content_hash() -> None:
    """It is the SHA-256 of the bytes of the file."""
    target = targets_of_series(FIXED)[2]
    assert target.content_hash == hashlib.sha256(FIXED.stages[2].path.read_bytes()).hexdigest()


def test_what_cannot_be_read_has_a_problem_and_no_hash(tmp_path: Path) -> None:
    """A missing file, a directory, a name that is none."""
    paths = {str(tmp_path / "missing"): "is missing", str(tmp_path): "is a directory", "a\0b": "cannot be read: embedded null byte"}
    for path, problem in paths.items():
        target = target_of_file(path)
        assert (target.source, target.content_hash, target.problem) == (b"", "", problem)


def test_a_file_without_end_is_too_large() -> None:
    """It is read up to the largest size of a source."""
    target = target_of_file("/dev/zero")
    assert (target.source, target.problem) == (b"", "is larger than 16 MiB")
