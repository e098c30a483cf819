"""A directory of stage files: their order, what series.toml says, and that no stage sees another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.sources.directory import directory_series
from harness.sources.safe_git import NoSource
from stages.api import AcceptedChange


def write(directory: Path, **files: str) -> Path:
    """Write files, by their names with `__` for each slash, without `.py`."""
    for name, text in files.items():
        path = directory / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


def test_files_in_order(tmp_path: Path) -> None:
    """Numbers in names count as numbers; each file is a stage, and imports none of the others."""
    series = directory_series(str(write(tmp_path / "mine", s10="import s2", s2="0", s1="import s10")))
    assert [target.title for target in series.targets] == ["s1", "s2", "s10"]
    assert [target.beside for target in series.targets] == [()] * 3
    assert (series.name, series.suite, series.every_stage) == ("mine", "tasklets", (0, 1, 2))
    assert all(target.alone for target in series.targets)


def test_what_series_toml_says(tmp_path: Path) -> None:
    """Titles, order, files that belong to a stage, and changes that are accepted."""
    write(tmp_path, a__stage="import helper", a__helper="x", b__stage="import helper", shared="y")
    (tmp_path / "series.toml").write_text(
        """
        name = "three"
        [[stage]]
        title = "before"
        files = ["b/stage.py"]
        [[stage]]
        title = "after"
        message = "Why."
        files = ["a/stage.py", "a/helper.py", "shared.py"]
        [[accepted]]
        clause = "fifo"
        kinds = ["vcpu"]
        patch = 1
        why = "So be it."
        """
    )
    series = directory_series(str(tmp_path))
    assert [(target.title, dict(target.beside)) for target in series.targets] == [
        ("before", {}),
        ("after", {"helper.py": b"x", "shared.py": b"y"}),
    ]
    assert (series.name, series.file, series.messages[1]) == ("three", "stage.py", "after\n\nWhy.\n")
    assert series.accepted == (AcceptedChange("fifo", ("vcpu",), 1, "So be it."),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "has no stages: put a file a stage into it, in Python or C"),
        ("stage = 1", "series.toml: stage is 1, and has to be a list of tables"),
        ("stages = []", "series.toml: unknown key 'stages': choose from name, suite, file, stage, accepted, includes, headers"),
        ("[[stage]]\nfile = 'a.py'", "series.toml: unknown key 'stage.file': choose from title, message, files"),
        ("[[stage]]\ntitle = 'a'", "series.toml: stage 0 has no files"),
        ("[[stage]]\nfiles = ['../a.py']", "'../a.py' is no path of a stage's file"),
        ("[[stage]]\nfiles = ['a.py']\n[[accepted]]\nclause = 'nonsense'", "series.toml: an accepted change needs kinds"),
        ("[[stage]\n", "series.toml is no TOML"),
    ],
)
def test_what_is_no_series(tmp_path: Path, text: str | None, said: str) -> None:
    """The message names the file and the key."""
    if text is not None:
        (tmp_path / "series.toml").write_text(text)
    with pytest.raises(NoSource) as raised:
        directory_series(str(tmp_path))
    assert said in str(raised.value)


def test_a_missing_file_is_a_problem_of_its_stage(tmp_path: Path) -> None:
    """The other stages can be tested."""
    write(tmp_path, a="0")
    (tmp_path / "series.toml").write_text("[[stage]]\nfiles = ['a.py']\n[[stage]]\nfiles = ['b.py']\n")
    assert [target.problem for target in directory_series(str(tmp_path)).targets] == ["", "is missing"]
