"""One execution of the HTML report in Chromium: its rows, the source beside them, what is folded, and what is copied."""

from __future__ import annotations

import re
from typing import Any

import pytest

from harness.cli.arguments import parse
from harness.cli.exit_codes import BAD
from tests.browser.visitor import Visitor

FAILURE = "#failure-2-kill-independent-softirq"
SELECTED = f"{FAILURE} .r[aria-current]"
PLACE = re.compile(r"([^/\s]+):(\d+) \(")


@pytest.fixture
def page(visitor: Visitor) -> Any:
    """An execution, opened by somebody who lets the page copy."""
    opened = visitor.open(FAILURE, permissions=["clipboard-read", "clipboard-write"])
    opened.wait_for_selector(SELECTED)
    return opened


def place_of(page: Any) -> str:
    """Where the selected row is in the code."""
    found = PLACE.search(page.locator(f"{SELECTED} .p").text_content())
    assert found
    return f"{found[1]}:{found[2]}"


def line_marked(page: Any) -> str:
    """The file, and the line of it that is marked, by counting."""
    file = page.inner_text(f"{FAILURE} .source .at").partition(":")[0]
    lines = page.locator(f"{FAILURE} .source .code > *")
    (at,) = lines.evaluate_all("all => all.flatMap((each, at) => each.matches('.here') ? [at + 1] : [])")
    return f"{file}:{at}"


def number(page: Any) -> str:
    """Of the selected row."""
    return str(page.inner_text(f"{SELECTED} b"))


def test_the_source_of_the_selected_row_stands_beside_it(page: Any) -> None:
    """At first that of one that matters; then of the one that is clicked, and of those that arrow keys come to."""
    assert line_marked(page) == place_of(page)
    row = page.locator(f"{FAILURE} .steps > .r", has_text="tasklet_schedule_on_cpu").first
    row.locator("code").click()
    assert line_marked(page) == place_of(page)
    before = number(page)
    page.keyboard.press("ArrowDown")
    assert int(number(page).strip("*")) == int(before.strip("*")) + 1
    assert line_marked(page) == place_of(page)
    page.keyboard.press("ArrowUp")
    assert number(page) == before
    assert page.locator(SELECTED).count() == 1


def test_the_marked_line_can_be_seen(page: Any) -> None:
    """The source is scrolled to it, whichever row of the stage's own is selected."""
    own = page.locator(f"{FAILURE} .steps > .r:has(.p i)")
    for row in (own.first, own.last):
        row.focus()
        code, line = (page.locator(f"{FAILURE} .source {part}").bounding_box() for part in (".code", ".here"))
        assert code["y"] <= line["y"] <= code["y"] + code["height"]


def test_a_row_that_is_not_the_stages_says_so(page: Any) -> None:
    """No line is marked then: the one of the row before would be a wrong one."""
    page.locator(f"{FAILURE} .steps > .r:has-text('kill_independent.py')").first.focus()
    assert page.inner_text(f"{FAILURE} .source .at").endswith("is not the stage's")
    assert page.locator(f"{FAILURE} .source .here").count() == 0


def test_links_between_rows(page: Any) -> None:
    """A row that is named in running text is shown, with the focus; a value leads to the row that has written it."""
    link = page.locator(f"{FAILURE} .told a").first
    name = link.text_content().removeprefix("row ")
    link.click()
    page.wait_for_function("name => document.activeElement.querySelector('b')?.textContent.replace('*', '') === name", arg=name)
    assert page.evaluate("document.activeElement.checkVisibility()")
    origin = page.locator(f"{FAILURE} .steps > .r a").first
    origin.click()
    page.wait_for_function("hash => '#' + document.activeElement.id === hash", arg=origin.evaluate("link => link.hash"))


def test_folded_rows_are_shown_to_who_asks(visitor: Visitor) -> None:
    """A click on what stands in their place."""
    fold = visitor.open("#failure-2-kill-cancels-softirq").locator(".shown .fold details").first
    assert fold.locator(".r:visible").count() == 0
    fold.locator("summary").click()
    assert fold.locator(".r:visible").count() == fold.locator(".r").count() > 1


def test_what_is_copied(page: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The command, which can be executed; and the text, in the very bytes that the command prints at 80 columns."""
    page.click(f"{FAILURE} .command button.copy")
    page.wait_for_selector(f"{FAILURE} .command .copied:has-text('Copied')")
    harness, *words = page.evaluate("navigator.clipboard.readText()").split()
    assert harness == "harness"
    capsys.readouterr()
    assert parse([*words, "--width", "80"]).run() == BAD
    page.click(f"{FAILURE} .as-text summary")
    page.click(f"{FAILURE} .as-text button.copy")
    page.wait_for_selector(f"{FAILURE} .as-text .copied:has-text('Copied')")
    assert page.evaluate("navigator.clipboard.readText()") == capsys.readouterr().out


def test_a_browser_that_does_not_copy(visitor: Visitor) -> None:
    """It is said, and the text is selected instead."""
    page = visitor.open(FAILURE)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    page.click(f"{FAILURE} .command button.copy")
    page.wait_for_selector(f"{FAILURE} .copied:has-text('by hand')")
    assert page.evaluate("getSelection().toString()").startswith("harness replay h2/posted/2/")
