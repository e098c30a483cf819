"""One execution on the page."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.counterexample_text import counterexample_text
from harness.search.counterexample import Counterexample
from harness.sources.target import Target


@dataclass(frozen=True)
class ExecutionOnPage:
    """`text`: what `harness replay --width 80` prints."""

    text: str


def shown_execution(found: Counterexample, target: Target) -> ExecutionOnPage:
    """An execution of `target` as the template `counterexample.html.j2` wants it."""
    del target
    return ExecutionOnPage(counterexample_text(found))
