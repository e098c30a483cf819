"""`--html`: from a command to the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import html_page
from harness.cli.carry_out import Plan, Run
from harness.cli.main import main
from harness.report.review import Reviewed
from harness.report.run_markdown import Reported
from harness.sources.sourced_series import SourcedSeries
from tests.cli.invocation import QUICK, Harness
from tests.report.html.page_read import read
from tests.report.html.runs_on_page import SUITE, target
from tests.report.made import MakeStage, concluded

ONE = ("run", "0", "1", "--series", "posted", "--check", "kill-cancels", *QUICK, "--no-perf")


def test_the_page_of_a_run(harness: Harness, tmp_path: Path) -> None:
    """On stdout, with the tables on stderr; every violation is executed and shown; nothing of where that was."""
    result = harness(*ONE, "--html", "-")
    assert result.returncode == 1
    assert "kill-cancels" in result.stderr
    made = read(result.stdout)
    (answer,) = made.all("p", "answer")
    assert answer.text.startswith("partial: 1 of 28 clauses, 2 of 6 stages, under tsopatch 1 breaks kill-cancels")
    violated = made.by_id("failure-1-kill-cancels-irq-client")
    command, execution = (each.text.strip() for each in violated.all("pre")[:2])
    assert command.startswith("harness replay h2/posted/1/")
    assert execution.startswith("series posted, stage 1, patch 1: ")
    assert made.by_id("patch-1").all("table", "diff")[0].all("a"), "no line of the patch leads to the execution"
    assert " ".join(ONE).replace("run 0 1", "harness run 0 1") in made.by_id("overview").text
    assert str(tmp_path) not in result.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "run --html /none/page.html",
            "cannot write /none/page.html: No such file or directory; name a file in a writable directory",
        ),
        ("run --html - --json -", "--json and --html name the same file, -; name two"),
        ("run --html x --search linear", "--html tell of every stage: that goes with --search all"),
        ("run --html x --suite litmus", "--html is about patches, and suite litmus has no stages"),
    ],
)
def test_a_page_that_cannot_be(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, before anything is executed."""
    assert main(words.split()) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"harness: {said}")


def test_what_it_takes_to_make_it_again(stage: MakeStage) -> None:
    """Versions, models, budgets, seeds, and what each stage contains; of one without a source, why."""
    stages = [stage(0, {"a": "pass"}), stage(1, {"a": "pass"})]
    conclusion = concluded(stages)
    targets = [target(0), replace(target(1), source=b"", problem="is missing")]
    series = SourcedSeries("mine", "tasklets", tuple(targets), ("", ""))
    reported = Reported(Reviewed(stages, conclusion, SUITE, "", (), {}), "Series mine", conclusion.sentence)
    plan = Plan((("a", ("softirq",)),), models=("sc", "tso"), seed=0)
    made = read(html_page.page_of(reported, series, Run(targets, plan, stages), ["run"]))
    (settings,) = [each for each in made.by_id("overview").all("dl") if "class" not in each.attributes]
    names = [each.text for each in settings.all("dt")]
    values = dict(zip(names, [each.text for each in settings.all("dd")], strict=True))
    assert values["Memory models"] == "sc (sequential consistency), tso (x86's store buffers)"
    assert values["Stage 0"] == f"SHA-256 {targets[0].content_hash}"
    assert values["Stage 1"] == "no source: it is missing"
    assert values["Virtual time"] == "4 seeds a program, from 0 on"
    assert values["Harness"].startswith("version ")
