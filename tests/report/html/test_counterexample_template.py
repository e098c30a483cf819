"""What the template makes of an execution: lists, links that lead somewhere, and text that stays text."""

from __future__ import annotations

import json
from dataclasses import replace

from harness.cli.selection import stages_numbered
from harness.report.counterexample_text import counterexample_text
from harness.report.html.execution_on_page import shown_execution
from harness.report.html.rendering import templates
from harness.search.counterexample import Counterexample, CounterexampleRow
from stages import POSTED
from tests.report.executions import FINDINGS, INTERRUPTED, replayed
from tests.report.html.page_read import Element, read
from tests.report.html.runs_on_page import target

HOSTILE = "</code></pre></script><script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}\N{LINE SEPARATOR}\"'&"


def on_page(found: Counterexample, index: int = 1) -> Element:
    """The execution of a stage of the series as posted, as a browser reads it."""
    (stage,) = stages_numbered(POSTED, [index])
    return read(templates().get_template("counterexample.html.j2").module.counterexample(shown_execution(found, stage), "here"))


def test_every_step_is_said() -> None:
    """Who, what and where, in the order of the rows; what is folded is a list of its own; and the text of it all."""
    found = replayed(FINDINGS["hotplug"])
    page = on_page(found)
    steps = page.all("li", "r")
    assert [step.all("b")[0].text.removesuffix("*") for step in steps] == [str(at) for at in range(len(found.rows))]
    for step, row in zip(steps, found.rows, strict=True):
        assert step.all("span", "who")[0].text.strip() == dict(found.columns)[row.pid]
        assert step.all("code")[0].text == f"{row.operation}{row.printed}"
        assert step.all("span", "p")[0].text == row.where
    assert len(page.all("li", "fold")) == 5
    # (A browser drops the first newline.)
    assert page.by_id("here-text").text == f"\n{counterexample_text(found)}"


def test_links_lead_to_rows() -> None:
    """Each has its target on the page, once."""
    page = on_page(replayed(FINDINGS["hotplug"]))
    links = [link.attributes["href"].removeprefix("#") for link in page.all("a")]
    assert len(links) > 10
    assert [page.by_id(link).tag for link in links] == ["li"] * len(links)


def test_stars_and_nesting() -> None:
    """The cause has a star; what a handler does is deeper than what it has interrupted, below a line that says so."""
    page = on_page(replayed(INTERRUPTED), 4)
    (star,) = page.all("li", "star")
    assert star.all("code")[0].text == "raise irq CPU0"
    assert "interrupt handler:" in [each.text.strip() for each in page.all("li", "begins")]
    depths = {step.all("b")[0].text: step.attributes["style"].rpartition("--d:")[2] for step in page.all("li", "r")}
    assert (depths["34"], depths["35"], depths["45"]) == ("0", "1", "0")


def test_text_of_strangers_stays_text() -> None:
    """In what a row says and prints, where it is, what its process is called, and in the names of files."""
    row = CounterexampleRow(0, HOSTILE, False, kind=HOSTILE, what=HOSTILE, value=HOSTILE, where=f"{HOSTILE}:1 (f)", said=(HOSTILE,))
    found = Counterexample(((0, HOSTILE),), (replace(row, contexts=(HOSTILE,)), row), HOSTILE, (f"{HOSTILE} row 0",))
    stage = target(1, path=f"/git/{HOSTILE}")
    page = read(templates().get_template("counterexample.html.j2").module.counterexample(shown_execution(found, stage), "here"))
    assert page.all("script") == []
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page.text
    assert page.text.count("alert(1)") > 8
    assert all(isinstance(key, str) for key in json.loads(page.all("div", "example")[0].attributes["data-sources"]).values())
