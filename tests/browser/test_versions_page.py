"""The page of two versions of a series as a reader has it, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.cli.arguments import parse
from harness.cli.exit_codes import BAD
from tests.browser.visitor import NARROW, Visitor, pages, shown, turn_to, visiting

WORDS = ("compare", "fixed", "posted", "--check", "before-init", "--seeds", "1")


@pytest.fixture(scope="module")
def versions(browser: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a small comparison, in which one patch does worse. (Nobody needs it who has no browser.)"""
    path = tmp_path_factory.mktemp("versions") / "versions.html"
    assert parse([*WORDS, "--html", str(path)]).run() == BAD
    return path


@pytest.fixture
def reader(browser: Any, versions: Path) -> Iterator[Visitor]:
    """Somebody who opens it; a test fails if that has the page complain, or ask the network for anything."""
    yield from visiting(browser, versions)


def test_every_page_can_be_read(reader: Visitor) -> None:
    """Each is shown alone, and at 400 pixels none scrolls sideways as a whole."""
    page = reader.open(width=NARROW)
    names = pages(page)
    assert len(names) > 7
    for name in names:
        turn_to(page, name)
        assert page.locator(".page:visible").count() == 1
        assert page.evaluate("document.scrollingElement.scrollWidth") <= NARROW, name


def test_from_a_cell_to_an_execution(reader: Visitor) -> None:
    """The table can be filtered by what became of a clause, and a cell leads to what shows it."""
    page = reader.open("#contract?verdict=worse")
    assert shown(page, ".matrix .expand") == ["before-init"]
    page.locator(".kind:visible .worse a").first.click()
    page.wait_for_selector(".failure.shown")
    assert page.locator(".shown .star:visible").count() > 0
    assert page.inner_text(".pages [aria-current]") == "Counterexamples"
