"""A run as Markdown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.report.review import Reviewed
from harness.report.run_markdown import LEFT_OUT, Reported, code, executions_shown, plain, to_markdown
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.suite.clause import Clause
from harness.suite.suite import Suite
from tests.report.made import MakeStage, concluded

SUITE = Suite("tasklets", "", ("softirq",), {name: Clause(name, f"`{name}` holds.", (), ("softirq",)) for name in ("a", "b")})
ROWS = tuple(CounterexampleRow(0, f"read x = ```{number}", deviation=False) for number in range(5))
SHOWN = Counterexample(((0, "CPU0"),), ROWS, "BUG: a is violated")


@pytest.fixture
def reported(stage: MakeStage) -> Reported:
    """A patch that breaks one clause, and mends another one."""
    stages = [stage(0, {"a": "pass", "b": "fail"}), stage(1, {"a": "fail", "b": "pass"})]
    stages[1].title = "Use <list> | *fast*"
    conclusion = concluded(stages)
    reviewed = Reviewed(stages, conclusion, SUITE, "quickly", ("--series", "my dir"), {}, executions={(1, "h1/softirq"): SHOWN})
    return Reported(reviewed, "Series mine", conclusion.sentence)


def test_the_document(reported: Reported) -> None:
    """The answer, a table that renders, what the patch breaks with its command and its execution, what it repairs."""
    text = to_markdown(reported)
    assert text.startswith("## Series mine\n\n**bisectable: no under sc: patch 1 breaks a; ")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert "Use &lt;list> \\| *fast*" in rows[3]
    assert len({line.replace("\\|", "").count("|") for line in rows}) == 1
    assert (
        "### Patch 1: Use \\<list\\> \\| \\*fast\\*\n\nBreaks **a (softirq)**: `a` holds.\n`BUG: a is violated`; memory model: sc." in text
    )
    assert "```sh\nharness replay h1/softirq --series 'my dir'\n```" in text
    assert "<summary>One execution of a (softirq), program p</summary>" in text
    assert "````text\n  CPU0:\n    read x = ```0\n" in text
    assert "- Patch 1 repairs b" in text
    assert text.count("<details>") == text.count("\n\n</details>\n") == 1
    assert to_markdown(reported) == text


def test_only_what_patches_break_is_executed(reported: Reported) -> None:
    """One execution of each clause."""
    assert executions_shown(reported.reviewed.stages, reported.reviewed.conclusion) == [(1, "h1/softirq")]


def test_no_larger_than_it_may_be(reported: Reported) -> None:
    """Executions are left out, and that is said; everything else stays."""
    whole = to_markdown(reported)
    short = to_markdown(reported, len(whole.encode()) - 1)
    assert "<details>" not in short
    assert LEFT_OUT in short
    assert to_markdown(reported, len(whole.encode())) == whole
    assert LEFT_OUT not in to_markdown(replace(reported, reviewed=replace(reported.reviewed, executions={})), 10)


@pytest.mark.parametrize(("text", "shown"), [("a", "`a`"), ("a ` b", "``a ` b``"), ("`a", "`` `a ``"), ("a\n``b`` c", "```a ``b`` c```")])
def test_code(text: str, shown: str) -> None:
    """Backticks in it are no end."""
    assert code(text) == shown


def test_plain() -> None:
    """Nothing of it means anything."""
    assert plain("a_b *c*\n[d](e) <f> \\ &amp;") == r"a\_b \*c\* \[d\](e) \<f\> \\ \&amp;"
