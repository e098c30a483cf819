"""The HTML report as a reader has it: in Chromium, with mouse, keyboard, telephone and printer, in light and in dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.browser.visitor import DARK, LIGHT, NARROW, SERIOUS, WIDE, Visitor, at_rest, pages, shown, turn_to

# A reader who presses Tab more often than that has given up.
PATIENCE = 60
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
ROWS = ".matrix tbody tr[data-kind]"


def test_opens_and_turns_pages(visitor: Visitor) -> None:
    """Every page can be shown, alone, and nothing is complained of."""
    page = visitor.open()
    names = pages(page)
    assert len(names) > 8
    for name in names:
        turn_to(page, name)
        assert page.locator(".page:visible").count() == 1


# For each field of the filter, a value of it, and the rows that fit.
CHOICES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "verdict": ("broken", lambda row: "broken" in row["verdict"].split(",")),
    "kind": ("vcpu", lambda row: row["kind"] == "vcpu"),
    "patch": ("2", lambda row: "2" in row["patch"].split(",")),
}


@pytest.mark.parametrize("field", CHOICES)
def test_filters_by_a_choice(visitor: Visitor, field: str) -> None:
    """Just the rows that fit are left, the page counts them, and the address that it shows then has the same rows in another window."""
    value, left = CHOICES[field]
    page = visitor.open("#contract")
    every = page.eval_on_selector_all(ROWS, "rows => rows.map(row => ({...row.dataset}))")
    expected = [row for row in every if left(row)]
    assert 0 < len(expected) < len(every)
    page.select_option(f".filter [name={field}]", value)
    assert parse_qs(page.evaluate("location.hash").partition("?")[2]) == {field: [value]}
    assert f"{len(expected)} of {len(every)}" in page.inner_text(".count")
    for window in (page, visitor.open(page.evaluate("location.hash"))):
        assert window.eval_on_selector_all(f"{ROWS}", SEEN) == [left(row) for row in every]
        assert window.input_value(f".filter [name={field}]") == value
    page.click(".filter [type=reset]")
    page.wait_for_url(lambda address: address.endswith("#contract"))
    assert f"{len(every)} of {len(every)}" in page.inner_text(".count")


# Which of some rows can be seen.
SEEN = "rows => rows.map(row => row.checkVisibility())"


def test_a_column_that_is_asked_for_can_be_seen(visitor: Visitor) -> None:
    """In a narrow window, the one of the patch, and that of the stage before; what is said in sentences is where it was."""
    page = visitor.open("#contract?patch=2", width=NARROW)
    place = "each => { const { left, right } = each.getBoundingClientRect(); return [left, right] }"
    heads = page.locator(".matrix thead th")
    (_, clause), (before, _), (_, wanted) = (heads.nth(number).evaluate(place) for number in (0, 2, 3))
    assert clause - 1 <= before
    assert wanted <= NARROW
    assert page.inner_text(".matrix .wanted").startswith("2")
    for said in (".matrix caption .stays", ".matrix .open .sentence .stays"):
        left, right = page.locator(said).first.evaluate(place)
        assert 0 <= left < right <= NARROW


def test_no_heading_of_a_column_breaks_within_a_word(visitor: Visitor) -> None:
    """However narrow the window is."""
    page = visitor.open("#contract", width=NARROW)
    assert page.eval_on_selector_all(".matrix .title", BROKEN_WORDS) == []


# The words of some elements that are on more than one line.
BROKEN_WORDS = """all => all.flatMap(each => [...each.textContent.matchAll(/[^\\s-]+/g)].filter(word => {
  const range = document.createRange();
  range.setStart(each.firstChild, word.index);
  range.setEnd(each.firstChild, word.index + word[0].length);
  return range.getClientRects().length > 1;
}).map(String))"""

# What is not there, and what is said then.
LOST = {
    "#patch-9": "This report has no place “patch-9”.",
    "#contract?patch=9": "This report has no patch “9”: the table is not filtered by it.",
    "#contract?patch=0": "This report says of no clause that patch 0 breaks it: the table is not filtered by it.",
    "#contract?verdict=<b>": "This report has no verdict “<b>”: the table is not filtered by it.",
    "#contract?clause=a": "The table cannot be filtered by “clause”.",
}


def test_an_address_that_leads_nowhere_says_so(visitor: Visitor) -> None:
    """At the top, in one sentence, with a link to the start; be the page opened there, or open already."""
    page = visitor.open("#patch-9")
    for place, sentence in LOST.items():
        page.evaluate("place => { location.hash = place }", place)
        page.wait_for_selector(".lost:visible")
        assert page.inner_text(".lost") == f"{sentence} To the start"
        assert page.locator(".lost").bounding_box()["y"] < page.locator("#answer").bounding_box()["y"]
        page.click(".lost a")
        page.wait_for_selector(".lost", state="hidden")
        assert page.evaluate("location.hash") == "#overview"


def test_the_pages_stay_in_sight(visitor: Visitor) -> None:
    """Their line covers nothing that a link leads to, and has the current one in sight, in a narrow window too."""
    page = visitor.open("#configuration", width=NARROW)
    line = page.locator(".pages").bounding_box()
    assert at_rest(page).evaluate("scrollY") > 100
    assert (line["y"], line["height"] < 60) == (0, True)
    assert page.locator("#configuration").bounding_box()["y"] >= line["height"]
    current = page.locator(".pages [aria-current]").bounding_box()
    assert page.inner_text(".pages [aria-current]") == "Configuration"
    assert 0 <= current["x"] < current["x"] + current["width"] <= NARROW


def test_counterexamples_through_a_line(visitor: Visitor) -> None:
    """With the keyboard: a button lists them by clause, Escape closes that, and a link of it leads to one."""
    page = visitor.open("#patch-1")
    button = page.locator(".shown .diff button").first
    opened = page.locator(f"#{button.get_attribute('popovertarget')}")
    button.press("Enter")
    assert opened.is_visible()
    page.keyboard.press("Escape")
    assert not opened.is_visible()
    button.press("Enter")
    page.keyboard.press("Tab")
    name = page.evaluate("document.activeElement.hash")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{name}.shown")
    page.go_back()
    page.wait_for_selector("#patch-1.shown")
    assert not opened.is_visible()


def test_filters_by_text(visitor: Visitor) -> None:
    """A word that one clause has leaves that one, also in a window that is opened with the address; one that none has leaves none."""
    page = visitor.open("#contract")
    page.fill(".filter [name=text]", "CANCELS")
    for window in (page, visitor.open(page.evaluate("location.hash"))):
        assert shown(window, ".matrix .expand") == ["kill-cancels"]
        assert window.inner_text(".count").startswith("1 of 2 clauses")
    page.fill(".filter [name=text]", "no such word")
    assert shown(page, ".matrix .expand") == []


def test_keyboard_alone_reaches_a_counterexample(visitor: Visitor) -> None:
    """With Tab and Enter: a clause is expanded, and a cell of one of its kinds leads to the execution, where the focus is then."""
    page = visitor.open()
    _tab_to(page, "document.activeElement.matches('.skip')")
    _tab_to(page, "document.activeElement.matches('.matrix .expand')")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
    _tab_to(page, "document.activeElement.matches('.kind .broken a')")
    name = page.evaluate("document.activeElement.hash")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{name}.shown")
    assert page.evaluate("name => document.querySelector(name).contains(document.activeElement)", name)
    _tab_to(page, f"document.querySelector('{name} pre').contains(document.activeElement)")


def _tab_to(page: Any, there: str) -> None:
    """Press Tab until an expression holds; what has the focus can be seen meanwhile."""
    for _ in range(PATIENCE):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.checkVisibility() || document.activeElement === document.body")
        if page.evaluate(there):
            return
    pytest.fail(f"{PATIENCE} times Tab, and never: {there}")


def test_every_link_leads_somewhere(visitor: Visitor) -> None:
    """What a link names is there, once, and no link leads out of the file."""
    page = visitor.open()
    names = page.eval_on_selector_all("[id]", "all => all.map(each => each.id)")
    assert len(names) == len(set(names))
    targets = page.eval_on_selector_all("a", "all => all.map(each => each.getAttribute('href'))")
    assert len(targets) > 20
    assert {target for target in targets if target.partition("?")[0].removeprefix("#") not in names} == set()
    referred = page.eval_on_selector_all("[aria-labelledby]", "all => all.map(each => each.getAttribute('aria-labelledby'))")
    assert set(" ".join(referred).split()) <= set(names)


def test_everything_is_there_without_scripts(visitor: Visitor) -> None:
    """Every page is shown below the one before, each row of the table too; what needs the script is not."""
    page = visitor.open(java_script_enabled=False)
    _shows_everything(page, ".page pre")
    assert page.locator(".filter:visible, button:not([popovertarget]):visible").count() == 0
    boxes = [each.bounding_box() for each in page.locator(".page").all()]
    assert all(above["y"] + above["height"] <= below["y"] + 1 for above, below in pairwise(boxes))


def test_prints(visitor: Visitor) -> None:
    """The paper has every page, also what the filter hides, but no execution twice; its controls it has not."""
    page = visitor.open("#contract?kind=vcpu")
    page.emulate_media(media="print")
    _shows_everything(page, ".page .lanes", ".page .listing", ".through")
    assert page.locator(".as-text:visible, .filter:visible, nav:visible, .copy:visible").count() == 0
    printed = page.pdf()
    assert printed.startswith(b"%PDF-")
    assert printed.count(b"/Type /Page\n") >= page.locator(".page").count()


def _shows_everything(page: Any, *others: str) -> None:
    for selector in (".page", ".matrix tbody", ROWS, "svg.plot", *others):
        every = page.locator(selector)
        assert every.count() > 0, selector
        assert [each.is_visible() for each in every.all()] == [True] * every.count(), selector


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_narrow_windows_scroll_no_page_sideways(visitor: Visitor, scheme: str) -> None:
    """At 400 pixels, whatever is wider scrolls in a box of its own, and the page has the colours that the reader wants."""
    page = visitor.open(width=NARROW, color_scheme=scheme)
    for name in pages(page):
        turn_to(page, name)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= NARROW, name
    ground, ink = (_lightness(page, name) for name in ("backgroundColor", "color"))
    assert (ground > ink) == (scheme == LIGHT)


def test_a_patch_in_a_narrow_window(visitor: Visitor) -> None:
    """At 400 pixels it is read without scrolling sideways: a number, the line, as wide as the rest, and above it what goes through it."""
    page = visitor.open("#patch-1", width=NARROW)
    boxes = page.locator(".shown .wide:has(.diff, .compared), .shown pre.message")
    assert boxes.count() > 2
    assert boxes.evaluate_all("all => all.filter(each => each.scrollWidth > each.clientWidth).length") == 0
    visited = page.locator(".shown .visited:has(td:nth-child(3) > *)").first
    _, number, through, line = visited.locator("td").all()
    above, beside, code = (cell.bounding_box() for cell in (through, number, line))
    assert above["y"] + above["height"] <= code["y"] + 1
    assert beside["y"] == code["y"]
    assert code["width"] > NARROW * 0.8


def _lightness(page: Any, name: str) -> int:
    colour = page.evaluate("name => getComputedStyle(document.body)[name]", name)
    return sum(map(int, re.findall(r"\d+", colour)[:3]))


@pytest.mark.parametrize(
    ("scheme", "width", "which"), [(LIGHT, WIDE, ".page"), (LIGHT, NARROW, "#overview, #patch-1"), (DARK, NARROW, ".page")]
)
def test_accessibility(visitor: Visitor, scheme: str, width: int, which: str) -> None:
    """The checks of axe for WCAG 2 A and AA find nothing serious, with pages of every sort shown, and all that can be opened."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe here: install the extra `browser`")
    page = visitor.open("#contract?kind=none", width=width, color_scheme=scheme)
    page.wait_for_selector(".lost:visible")
    page.evaluate("which => document.querySelectorAll(which).forEach(each => each.classList.add('shown'))", which)
    page.evaluate("document.querySelector('.through').showPopover()")
    # Of what is dark, only the colours differ.
    rules = WCAG if scheme == LIGHT else ["color-contrast"]
    found = axe.Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]}).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found if each["impact"] in SERIOUS] == []
