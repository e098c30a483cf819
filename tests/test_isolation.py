"""Which modules may be found by whom."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.isolation import ROOT, OwnPackages, without_here


def test_the_current_directory_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Unless PYTHONPATH says with its full name that it is wanted."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), "/elsewhere"])
    monkeypatch.setenv("PYTHONPATH", ".")
    assert without_here() == ["/elsewhere"]
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert without_here() == [str(tmp_path), "/elsewhere"]


def test_the_packages_of_the_harness_are_its_own() -> None:
    """They are found where it is, and nothing else is found there."""
    spec = OwnPackages.find_spec("stages")
    assert spec is not None
    assert spec.origin == str(Path(ROOT, "stages", "__init__.py"))
    assert OwnPackages.find_spec("tests") is None
