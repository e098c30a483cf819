"""The page itself, read as a browser does."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest

from harness.report.html import html_report as html_report_module
from harness.report.html.html_report import RunOnPage, html_report
from harness.report.html.rendering import to_html
from harness.report.html.report_plots import UNDRAWN, PlotOnPage
from harness.sources.sourced_series import SourcedSeries
from harness.verify.verdicts import Failure, StageResult
from tests.measure.made import performance
from tests.report.html.page_read import RAW, Element, read
from tests.report.html.runs_on_page import page, run_on_page, shown, target
from tests.report.made import MakeStage, concluded

HOSTILE = (
    "</script><script>alert(1)</script></style></title></textarea><img src=x onerror=alert(2)> \" ' & <!-- ]]> "
    "{{ 7 * 7 }} {% raw %} \u2028 \u202e \u2066 \udcff \x00 \x1b[31m javascript:alert(3)"
)
SEEN = HOSTILE.translate({ord(each): f"⟨U+{ord(each):04X}⟩" for each in "\u2028\u202e\u2066\udcff\0\x1b"})
# Attributes that lead somewhere.
LEADING = ("src", "href", "action", "data", "formaction", "poster", "srcset", "background", "xlink:href")


@pytest.fixture
def run(stage: MakeStage) -> RunOnPage:
    """Two patches: one breaks a clause for one kind, the next one repairs it."""
    stages = [
        stage(0, {"a": "pass pass", "b": "fail"}),
        stage(1, {"a": "fail pass", "b": "pass"}),
        stage(2, {"a": "pass pass", "b": "pass"}),
    ]
    conclusion = concluded(stages, of_stages=3, kinds=("softirq", "vcpu"))
    return run_on_page(stages, conclusion, executions={(1, "h1/softirq"): shown("s.py", 1)})


def test_links_lead_somewhere_on_the_page(run: RunOnPage) -> None:
    """Each to a place that there is, and no place is there twice; nothing comes from elsewhere."""
    made = page(run)
    anchors = [each.attributes["id"] for each in made.every if "id" in each.attributes]
    assert len(set(anchors)) == len(anchors)
    links = [value for each in made.every for name, value in each.attributes.items() if name in LEADING]
    assert links
    assert {link.partition("?")[0] for link in links} <= {f"#{anchor}" for anchor in anchors}
    labels = [each.attributes["aria-labelledby"] for each in made.every if "aria-labelledby" in each.attributes]
    assert set(labels) <= set(anchors)


def executable(made: Element) -> list[Element]:
    """The scripts that a browser executes: all but those that are data."""
    return [each for each in made.all("script") if each.attributes.get("type") != "application/json"]


def test_nothing_is_executed_but_the_script_of_the_page(run: RunOnPage) -> None:
    """There is one, its hash is in the policy, and no attribute handles events."""
    text = to_html(html_report(run))
    made = read(text)
    (script,) = executable(made)
    (policy,) = [each.attributes["content"] for each in made.all("meta") if "http-equiv" in each.attributes]
    assert "default-src 'none'" in policy
    (content,) = re.findall("<script>(.*?)</script>", text, re.DOTALL)
    assert f"script-src 'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'" in policy
    assert script.attributes == {}
    assert not [name for each in made.every for name in each.attributes if name.startswith("on")]
    # Before it says that, nothing may be there that it is to forbid.
    assert text.index("Content-Security-Policy") < min(text.index(f"<{tag}") for tag in ("script", "style", "title"))


def test_headings_come_in_order(run: RunOnPage) -> None:
    """One of the first level, and none that skips a level."""
    levels = [int(each.tag[1]) for each in page(run).every if re.fullmatch("h[1-6]", each.tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False))


def test_tables_can_be_read_aloud(run: RunOnPage) -> None:
    """Each has a caption, each header says what it is the header of, and what may be too wide scrolls with the keyboard too."""
    made = page(run)
    assert made.all("html")[0].attributes["lang"] == "en"
    for table in made.all("table"):
        assert table.all("caption")[0].text
        assert all(header.attributes["scope"] in ("col", "colgroup", "row") for header in table.all("th"))
    for box in [each for each in made.every if "wide" in each.attributes.get("class", "").split()]:
        assert (box.attributes["role"], box.attributes["tabindex"]) == ("region", "0")
        assert box.attributes["aria-label"]


def test_the_matrix(run: RunOnPage) -> None:
    """Words, and links to the violations; its rows say what they can be filtered by."""
    (matrix,) = page(run).all("table", "matrix")
    assert [matrix.rows[number][1:] for number in (1, 2)] == [
        ["kept", "broken 1/2breaks it", "keptrepairs it"],
        ["kept", "brokenbreaks it", "keptrepairs it"],
    ]
    assert matrix.rows[2][0] == "a, softirq"
    assert ["a holds."] in matrix.rows
    kind = matrix.all("tr", "kind")[0]
    assert {name: kind.attributes[f"data-{name}"] for name in ("kind", "verdict", "patch")} == {
        "kind": "softirq",
        "verdict": "kept,broken",
        "patch": "1",
    }
    assert [link.attributes["href"] for link in kind.all("a")] == ["#failure-1-a-softirq"]


def test_a_patch(run: RunOnPage) -> None:
    """Its message, its lines with links to what goes through them, what it breaks and repairs, its figures."""
    made = page(run).by_id("patch-1")
    assert "Message 1\n\nWhy." in made.text
    (diff,) = made.all("table", "diff")
    assert diff.rows[1:] == [["1", "", "", "−x = 0"], ["", "1", "a (softirq)", "+x = 1"]]
    assert [link.attributes["href"] for link in diff.all("a")] == ["#failure-1-a-softirq"]
    assert "a (softirq): BUG: a is violated" in made.text
    headings = [each.text for each in made.all("h3")]
    assert headings == ["Breaks", "Repairs", "Message", "Changes", "Behaviour", "Figures"]


def test_many_counterexamples_at_lines(stage: MakeStage) -> None:
    """They stand at the first of neighbouring lines, and a button opens the list of them, which leads to each."""
    stages = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "fail fail", "b": "pass"})]
    executions = {(1, f"h1/{kind}"): shown("s.py", 1, 2) for kind in ("softirq", "vcpu")}
    targets = [target(0, "x\n"), target(1, "y\nz\n")]
    made = page(run_on_page(stages, concluded(stages), targets, executions)).by_id("patch-1")
    (diff,) = made.all("table", "diff")
    assert [row[2] for row in diff.rows[1:]] == ["", "a (softirq, vcpu)", ""]
    (button,) = diff.all("button")
    opened = made.by_id(button.attributes["popovertarget"])
    assert "through s.py:1–2" in opened.text
    assert [link.attributes["href"] for link in opened.all("a")] == ["#failure-1-a-softirq", "#failure-1-a-vcpu"]


def test_plots(stage: MakeStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawings are markup, with their numbers below; where there is nothing to draw with, that is said, and how to have it."""
    drawn = PlotOnPage("name", "Title", "Caption.", "<svg><title>x</title></svg>", ("stage", "y"), (("0", "1 µs"),))
    monkeypatch.setattr(html_report_module, "report_plots", lambda *_: [drawn])
    stages = [stage(0, {"a": "pass"}, performance())]
    run = run_on_page(stages, concluded(stages))
    run = replace(run, reported=replace(run.reported, performance=True))
    figure = page(run).by_id("plot-name")
    assert (len(figure.all("svg")), figure.all("figcaption")[0].text) == (1, "Caption.")
    assert figure.all("table")[0].rows == [["stage", "y"], ["0", "1 µs"]]
    monkeypatch.setattr(html_report_module, "find_spec", lambda name: None)
    assert UNDRAWN[1:] in page(run).text


def test_a_violation(run: RunOnPage) -> None:
    """Whose it is, the command, the execution; and where it is not shown, that."""
    made = page(run)
    found = made.by_id("failure-1-a-softirq")
    assert "patch 1 has broken it" in found.text
    assert "harness replay h1/softirq --series 'my dir'" in found.text
    assert "s.py:1 (f)" in found.text
    assert "not shown here: the command shows it" in made.by_id("failure-0-b-softirq").text


def hostile(stages: list[StageResult]) -> RunOnPage:
    """Everything that comes from somebody else is `HOSTILE`."""
    for stage in stages:
        stage.title = HOSTILE
        stage.commit = HOSTILE
        for clause in stage.clauses.values():
            for kind, result in clause.kinds.items():
                if result.failure is not None:
                    failure = Failure(HOSTILE, HOSTILE, HOSTILE, replay=f"h1/{kind}")
                    clause.kinds[kind] = replace(result, failure=failure)
    targets = [replace(target(index, f"# {HOSTILE}\nx = {index}\n".replace("\0", "")), module=f"{HOSTILE}.py") for index in (0, 1)]
    series = SourcedSeries(HOSTILE, "tasklets", tuple(targets), (HOSTILE, HOSTILE), authors=(HOSTILE, HOSTILE), notes=(HOSTILE,))
    execution = replace(shown(HOSTILE, 1), reason=HOSTILE)
    run = run_on_page(stages, concluded(stages), targets, {(1, "h1/softirq"): execution}, series)
    run = replace(run, command=("harness", HOSTILE), settings=((HOSTILE, HOSTILE),))
    return replace(run, reported=replace(run.reported, heading=HOSTILE, answer=HOSTILE, problems={0: HOSTILE}))


def shape(element: Element) -> list[str]:
    """The tags of all elements, in order."""
    return [each.tag for each in element.every]


def test_text_of_strangers_stays_text(stage: MakeStage) -> None:
    """Nothing in titles, messages, names, lines, executions and reasons becomes an element, an attribute or a template; all is seen."""
    stages = [stage(0, {"a": "pass", "b": "undecided"}), stage(1, {"a": "fail", "b": "error"})]
    text = to_html(html_report(hostile(stages)))
    text.encode("utf-8")
    made = read(text)
    assert len(executable(made)) == 1
    assert len(made.all("script")) == text.count("<script") == text.count("</script")
    assert not made.all("img")
    assert not re.search("[\0-\x08\x0b-\x1f\u2028\u202e\u2066\ud800-\udfff]", text)
    assert not [name for each in made.every for name in each.attributes if name.startswith("on")]
    section = made.by_id("patch-1")
    assert section.all("h2")[0].text == f"Patch 1: {SEEN}"
    assert section.all("pre", "message")[0].text.strip() == SEEN
    assert SEEN in made.by_id("failure-1-a-softirq").text
    assert made.all("h1")[0].text == SEEN


def test_the_same_bytes(run: RunOnPage) -> None:
    """Of the same results."""
    assert to_html(html_report(run)) == to_html(html_report(run))


def test_a_run_that_was_interrupted(stage: MakeStage) -> None:
    """Of a stage there may be no result at all: then it is not tested, and what was done by then is there."""
    stages = [stage(0, {"a": "pass", "b": "fail"}), stage(1, {})]
    made = page(run_on_page(stages, concluded(stages, interrupted=True)))
    (matrix,) = made.all("table", "matrix")
    assert ["a, softirq", "kept", "not tested"] in matrix.rows
    assert "the run was interrupted: the tests that it lacks were not run" in made.by_id("overview").text


def test_own_files_end_no_element(run: RunOnPage) -> None:
    """Neither script nor style has what would end it."""
    for each in page(run).every:
        if each.tag in RAW:
            assert "</" not in "".join(part for part in each.inner if isinstance(part, str))
