"""Where code is from: real places, not names."""

from __future__ import annotations

from pathlib import Path

from harness.machine.code_places import CodePlaces


def test_a_directory_has_what_is_below_it(tmp_path: Path) -> None:
    """Files at any depth are from there; a neighbour whose name begins alike is not."""
    places = CodePlaces(str(tmp_path / "machine"))
    assert str(tmp_path / "machine" / "a.py") in places
    assert str(tmp_path / "machine" / "b" / "c.py") in places
    assert str(tmp_path / "machine2" / "a.py") not in places
    assert str(tmp_path / "elsewhere" / "machine" / "a.py") not in places


def test_a_package_is_named_by_its_init(tmp_path: Path) -> None:
    """`__init__.py` stands for the whole package, any other file for itself."""
    places = CodePlaces(str(tmp_path / "package" / "__init__.py"), str(tmp_path / "one.py"))
    assert str(tmp_path / "package" / "module.py") in places
    assert str(tmp_path / "one.py") in places
    assert str(tmp_path / "two.py") not in places


def test_a_place_that_is_added_later_counts(tmp_path: Path) -> None:
    """Also for files that have been asked for before."""
    places = CodePlaces()
    file = str(tmp_path / "late.py")
    assert file not in places
    places.add(file)
    assert file in places


def test_links_are_followed(tmp_path: Path) -> None:
    """A file is where it really is, whatever the way to it."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert str(tmp_path / "link" / "a.py") in CodePlaces(str(tmp_path / "real"))


def test_code_without_a_file_is_from_nowhere() -> None:
    """What was compiled from a string belongs to no place, not even to the working directory."""
    assert "<string>" not in CodePlaces(str(Path.cwd()))
