"""A run as Markdown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.report.counterexample_text import counterexample_text
from harness.report.looks import Looks
from harness.report.review import Reviewed
from harness.report.run_markdown import CUT, LEFT_OUT, Reported, code, executions_shown, plain, to_markdown
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.suite.clause import Clause
from harness.suite.suite import Suite
from tests.report.made import MakeStage, concluded

SUITE = Suite("tasklets", "", ("softirq",), {name: Clause(name, f"`{name}` holds.", (), ("softirq",)) for name in ("a", "b")})
ROWS = tuple(CounterexampleRow(0, f"read x = ```{number}{' y' * 10 * number}", deviation=False) for number in range(5))
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
    assert f"````text\n{counterexample_text(SHOWN, Looks(76))}````\n\n</details>" in text
    assert "- Patch 1 repairs b" in text
    assert text.count("<details>") == text.count("\n\n</details>\n") == 1
    assert to_markdown(reported) == text


def test_only_what_patches_break_is_executed(reported: Reported) -> None:
    """One execution of each clause."""
    assert executions_shown(reported.reviewed.stages, reported.reviewed.conclusion) == [(1, "h1/softirq")]


def test_what_stands_for_a_patch_is_executed_first(stage: MakeStage) -> None:
    """So where there is room for few, each patch has one."""
    stages = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "fail", "b": "fail"}), stage(2, {"a": "pass", "b": "fail"})]
    for clause, deviations in (("a", ((1, 1),)), ("b", ())):
        result = stages[1].clauses[clause].kinds["softirq"]
        assert result.failure is not None
        failure = replace(result.failure, replay=f"h1/{clause}", engine="explored", deviations=deviations)
        stages[1].clauses[clause].kinds["softirq"] = replace(result, failure=failure)
    assert executions_shown(stages, concluded(stages, of_stages=3)) == [(1, "h1/b"), (1, "h1/a")]


def test_as_many_executions_as_fit(reported: Reported, stage: MakeStage) -> None:
    """One less than all, if that is enough."""
    stages = [stage(0, dict.fromkeys("abcd", "pass")), stage(1, dict.fromkeys("abcd", "fail"))]
    executions = {}
    for name in "abcd":
        result = stages[1].clauses[name].kinds["softirq"]
        assert result.failure is not None
        stages[1].clauses[name].kinds["softirq"] = replace(result, failure=replace(result.failure, replay=f"h1/{name}"))
        executions[1, f"h1/{name}"] = SHOWN
    suite = Suite("tasklets", "", ("softirq",), {name: Clause(name, "Holds.", (), ("softirq",)) for name in "abcd"})
    # What another file shows of executions takes no room here.
    every = {(1, "h1/another"): SHOWN, **executions}
    conclusion = concluded(stages, every_clause=tuple("abcd"))
    whole = replace(reported, reviewed=replace(reported.reviewed, stages=stages, conclusion=conclusion, suite=suite, executions=every))
    size = len(to_markdown(whole).encode())
    # An execution is longer than the note that there are more.
    one = (size - len(to_markdown(replace(whole, reviewed=replace(whole.reviewed, executions={}))).encode())) // 4
    assert [to_markdown(whole, limit).count("<details>") for limit in (size, size - 1, size - 3 * one + len(LEFT_OUT) + 2)] == [4, 3, 1]


def test_cut_off_where_nothing_else_helps(reported: Reported) -> None:
    """Between paragraphs, and that is said; it is never longer than it may be."""
    bare = to_markdown(replace(reported, reviewed=replace(reported.reviewed, executions={})))
    for most in range(300, len(bare.encode()), 29):
        short = to_markdown(reported, most)
        assert len(short.encode()) <= most
        assert short.endswith(f"\n\n{CUT}\n")
        assert bare.startswith(short.removesuffix(f"\n\n{CUT}\n").removesuffix(f"\n\n{LEFT_OUT}"))
        assert short.count("```") % 2 == 0


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
