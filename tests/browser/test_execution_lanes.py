"""One execution of the HTML report in Chromium: its rows, the source beside them, what is folded, and what is copied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.cli.arguments import parse
from harness.cli.exit_codes import BAD
from harness.cli.selection import stages_numbered
from harness.report.html.html_report import html_report
from harness.report.html.rendering import to_html
from harness.report.shown_rows import ShownRow, shown_rows
from harness.search.counterexample import Counterexample
from harness.search.replay_string import decode
from harness.sources.target import Target
from stages import POSTED
from tests.browser.visitor import HEIGHT, NARROW, WIDE, Visitor, at_rest, click
from tests.report.executions import INTERRUPTED, KILLED_TOGETHER, replayed
from tests.report.html.runs_on_page import run_on_page
from tests.report.made import MakeStage, concluded

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
    click(row.locator("code"))
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
        at_rest(page)
        code, line = (page.locator(f"{FAILURE} .source {part}").bounding_box() for part in (".code", ".here"))
        assert code["y"] <= line["y"] <= code["y"] + code["height"]


def test_the_line_can_be_seen_at_once(visitor: Visitor) -> None:
    """Of the first row that matters: the source is no higher than what is left of the window, and grows when that is scrolled."""
    page = visitor.open(FAILURE)
    page.wait_for_selector(f"{FAILURE} .source .here")
    at_rest(page)
    code, line = (page.locator(f"{FAILURE} .source {part}").bounding_box() for part in (".code", ".here"))
    assert code["y"] <= line["y"]
    assert line["y"] + line["height"] <= code["y"] + code["height"] <= HEIGHT
    page.mouse.wheel(0, 200)
    page.wait_for_function("before => document.querySelector('.shown .source .code').clientHeight > before + 100", arg=code["height"])


@pytest.fixture(params=[INTERRUPTED, KILLED_TOGETHER], ids=["interrupted", "killed together"])
def found(request: pytest.FixtureRequest) -> tuple[Counterexample, Target]:
    """An execution of a stage as posted: a device comes in between, or another CPU."""
    (target,) = stages_numbered(POSTED, [decode(request.param).stage])
    return replayed(request.param), target


@pytest.fixture
def starred(browser: Any, found: tuple[Counterexample, Target], stage: MakeStage, tmp_path: Path) -> Iterator[Any]:
    """The page of that execution."""
    execution, target = found
    stages = [stage(target.index, {"a": "fail"})]
    run = run_on_page(stages, concluded(stages), [target], {(target.index, "h1/softirq"): execution})
    path = tmp_path / "report.html"
    path.write_text(to_html(html_report(run)), encoding="utf-8")
    comes = Visitor(browser, path)
    page = comes.open(f"#failure-{target.index}-a-softirq")
    page.wait_for_selector(".shown .r[aria-current]")
    yield page
    comes.close()
    assert comes.wrong == []


def test_the_names_of_lanes_stay_in_sight(starred: Any) -> None:
    """Below the line of pages, however far down the steps are; but where lanes scroll sideways, which is possible with the keyboard."""
    starred.locator(".shown .steps > .r").last.scroll_into_view_if_needed()
    at_rest(starred)
    pages, names, lanes = (starred.locator(part).bounding_box() for part in (".pages", ".shown .heads", ".shown .lanes"))
    assert lanes["y"] < 0
    assert 0 <= names["y"] - (pages["y"] + pages["height"]) < 2
    lines = [line.bounding_box() for line in starred.locator(".shown .lines span").all()]
    heads = [head.bounding_box() for head in starred.locator(".shown .heads span").all()]
    assert [line["x"] for line in lines] == [head["x"] for head in heads]
    assert {line["height"] for line in lines} == {lanes["height"] - 2}


def test_the_cause_is_selected_first(starred: Any, found: tuple[Counterexample, Target]) -> None:
    """The row with a star, if that has a line; if not, where it leads to."""
    execution, target = found
    rows = [shown for shown in shown_rows(execution) if isinstance(shown, ShownRow)]
    star = next(at for at, shown in enumerate(rows) if shown.star)
    file = Path(target.path).name
    expected = next(shown for shown in rows[star:] if shown.row.where.startswith(f"{file}:"))
    assert starred.inner_text(".shown .r[aria-current] b").strip("*") == str(expected.at)
    assert starred.inner_text(".shown .source .at").endswith(f", row {expected.at}")
    starred.click(".shown .source .at button")
    assert starred.evaluate("document.activeElement === document.querySelector('.shown .r[aria-current]')")


def test_a_row_that_is_nobodys_says_so(starred: Any) -> None:
    """No line is marked then: the one of the row before would be a wrong one."""
    starred.eval_on_selector_all(".shown .fold details", "all => all.forEach(each => { each.open = true })")
    starred.locator(".shown .r:has-text('the machine')").first.focus()
    assert starred.inner_text(".shown .source .at") == "The machine's own work"
    assert starred.locator(".shown .source .here").count() == 0


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_no_line_of_the_source_is_cut(visitor: Visitor, width: int) -> None:
    """Whatever is too long goes on below."""
    page = visitor.open(FAILURE, width=width)
    page.locator(f"{FAILURE} .beside").scroll_into_view_if_needed()
    page.wait_for_selector(f"{FAILURE} .source .here")
    lines = page.locator(f"{FAILURE} .source .code")
    assert lines.evaluate("code => code.scrollWidth <= code.clientWidth")
    assert lines.evaluate("code => [...code.children].some(each => each.offsetHeight > 1.5 * code.children[1].offsetHeight)")


def test_a_row_of_the_program_shows_its_source(page: Any) -> None:
    """Which stands below the steps as well."""
    page.locator(f"{FAILURE} .steps > .r:has-text('kill_independent.py')").first.focus()
    assert line_marked(page) == place_of(page)
    click(page.locator(f"{FAILURE} a[href$='-program']"))
    page.wait_for_function("name => document.activeElement.id === name", arg=f"{FAILURE[1:]}-program")
    assert "@program(" in page.inner_text(f"{FAILURE} .listing")


def test_links_between_rows(page: Any) -> None:
    """A row that is named in running text is shown, with the focus; a value leads to the row that has written it."""
    link = page.locator(f"{FAILURE} .told a").first
    name = link.text_content().removeprefix("row ")
    click(link)
    page.wait_for_function("name => document.activeElement.querySelector('b')?.textContent.replace('*', '') === name", arg=name)
    assert page.evaluate("document.activeElement.checkVisibility()")
    origin = page.locator(f"{FAILURE} .steps > .r a").first
    click(origin)
    page.wait_for_function("hash => '#' + document.activeElement.id === hash", arg=origin.evaluate("link => link.hash"))


def test_folded_rows_are_shown_to_who_asks(visitor: Visitor) -> None:
    """A click on what stands in their place."""
    fold = visitor.open("#failure-2-kill-cancels-softirq").locator(".shown .fold details").first
    assert fold.locator(".r:visible").count() == 0
    click(fold.locator("summary"))
    assert fold.locator(".r:visible").count() == fold.locator(".r").count() > 1


def test_what_is_copied(page: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The command, which can be executed; and the text, in the very bytes that the command prints at 80 columns."""
    page.click(f"{FAILURE} .command button.copy")
    page.wait_for_selector(f"{FAILURE} .command .copied:has-text('Copied')")
    harness, *words = page.evaluate("navigator.clipboard.readText()").split()
    assert harness == "harness"
    capsys.readouterr()
    assert parse([*words, "--width", "80"]).run() == BAD
    click(page.locator(f"{FAILURE} .as-text summary"))
    click(page.locator(f"{FAILURE} .as-text button.copy"))
    page.wait_for_selector(f"{FAILURE} .as-text .copied:has-text('Copied')")
    assert page.evaluate("navigator.clipboard.readText()") == capsys.readouterr().out


def test_a_browser_that_does_not_copy(visitor: Visitor) -> None:
    """It is said, and the text is selected instead."""
    page = visitor.open(FAILURE)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    page.click(f"{FAILURE} .command button.copy")
    page.wait_for_selector(f"{FAILURE} .copied:has-text('by hand')")
    assert page.evaluate("getSelection().toString()").startswith("harness replay h2/posted/2/")
