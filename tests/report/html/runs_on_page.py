"""Runs to make pages of."""

from __future__ import annotations

from collections.abc import Mapping

from harness.report.html.html_report import RunOnPage, html_report
from harness.report.html.rendering import to_html
from harness.report.review import Reviewed
from harness.report.run_markdown import Reported
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.sources.sourced_series import SourcedSeries
from harness.sources.target import Target
from harness.suite.clause import Clause
from harness.suite.probe import Probe
from harness.suite.suite import Suite
from harness.verify.conclusions import Conclusion
from harness.verify.verdicts import StageResult
from tests.report.html.page_read import Element, read


def no_number(*_: object) -> int:
    """What is never measured here."""
    raise AssertionError


SUITE = Suite(
    "tasklets",
    "",
    ("softirq", "vcpu"),
    {name: Clause(name, f"{name} holds.", (), ("softirq", "vcpu")) for name in ("a", "b")},
    (Probe("interrupts off", "How long.", (), no_number, "cycles"),),
)


def shown(file: str = "s.py", *lines: int) -> Counterexample:
    """An execution that goes through these lines."""
    rows = tuple(
        CounterexampleRow(0, f"read x, {file}:{line} (f)", deviation=False, kind="read", what="x", where=f"{file}:{line} (f)")
        for line in lines or (1,)
    )
    return Counterexample(((0, "CPU0"),), rows, "BUG: it is violated")


def target(index: int, source: str = "x = 1\n", path: str = "/git/s.py") -> Target:
    """A stage of the series `mine`."""
    return Target(index, f"Patch {index}", "s.py", path, "mine", source=source.encode("utf-8", "surrogateescape"))


def run_on_page(
    stages: list[StageResult],
    conclusion: Conclusion,
    targets: list[Target] | None = None,
    executions: Mapping[tuple[int, str], Counterexample] | None = None,
    series: SourcedSeries | None = None,
) -> RunOnPage:
    """A run on stages, which has taken these executions."""
    made = [target(stage.index, f"x = {stage.index}\n") for stage in stages] if targets is None else targets
    of = series or SourcedSeries("mine", "tasklets", tuple(made), tuple(f"Message {each.index}\n\nWhy.\n" for each in made))
    reviewed = Reviewed(stages, conclusion, SUITE, "quickly", ("--series", "my dir"), {}, executions=executions or {})
    return RunOnPage(Reported(reviewed, "Series mine", conclusion.sentence), of, made, ("harness", "run", "--series", "my dir"))


def page(run: RunOnPage) -> Element:
    """The page about it, read."""
    return read(to_html(html_report(run)))
