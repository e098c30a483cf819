"""What is beside a stage's file goes with it by value: what its words name, what those name, and no more."""

from __future__ import annotations

from pathlib import Path

from harness.jobs.job import Job
from harness.sources.single_file import target_of_file


def write(directory: Path, **files: str) -> Path:
    """Write files by their names without `.py`, with `__` for each slash; return the stage's."""
    for name, text in files.items():
        path = directory / (f"{name}.py" if name.startswith("_") else f"{name.replace('__', '/')}.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory / "stage.py"


def test_words_decide(tmp_path: Path) -> None:
    """Also of names in strings, and of what is imported only late; not of what Python has itself, nor of the stage."""
    stage = write(
        tmp_path, stage="import a, json\nimport_module('b')", a="from stage import c", b="", c="def f(): import d", d="", json="", other=""
    )
    assert [name for name, _ in target_of_file(str(stage)).beside] == ["a.py", "b.py", "c.py", "d.py"]


def test_packages_come_whole(tmp_path: Path) -> None:
    """With all their parts, before a module of the same name; a directory without `__init__.py` is none."""
    stage = write(tmp_path, stage="import pack, bare", pack="shadowed", bare="module")
    write(tmp_path / "pack", __init__="", inner="x", deep__part="y")
    write(tmp_path / "bare", inner="")
    assert dict(target_of_file(str(stage)).beside) == {
        "pack/__init__.py": b"", "pack/inner.py": b"x", "pack/deep/part.py": b"y", "bare.py": b"module",
    }  # fmt: skip


def test_the_hash_covers_it(tmp_path: Path) -> None:
    """Another content beside it makes another job; a file that is not imported does not."""
    stage = write(tmp_path, stage="import helper", helper="x = 1")
    digests = []
    for changed in ({}, {"other": "x"}, {"helper": "x = 2"}):
        write(tmp_path, **changed)
        digests.append(Job(target_of_file(str(stage)), "fifo").digest)
    assert digests[0] == digests[1] != digests[2]


def test_too_much(tmp_path: Path) -> None:
    """More than a stage has a use for makes it untestable, with the reason."""
    stage = write(tmp_path, stage="import pack")
    (tmp_path / "pack").mkdir()
    for number in range(1001):
        (tmp_path / "pack" / f"p{number}.py").touch()
    (tmp_path / "pack" / "__init__.py").touch()
    assert target_of_file(str(stage)).problem == "imports more than 1000 files, or 16 MiB, from beside it"
