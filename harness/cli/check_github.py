"""What GitHub shows of `check`: one stage, which is a series by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from harness.cli.carry_out import Run, effort
from harness.cli.executing_again import executed_again
from harness.cli.exit_codes import BAD, GOOD
from harness.cli.github import report_to_github
from harness.cli.selection import every_clause
from harness.report.interrupted_words import EXECUTIONS_LACKING
from harness.report.review import Reviewed
from harness.report.run_markdown import Reported, executions_shown
from harness.suite.suite import Suite
from harness.verify.conclusions import Selection, bisectable
from stages.api import AcceptedChange

WORDS = {GOOD: "good", BAD: "bad"}
NO_VERDICT = "no verdict"


def report_file_to_github(
    done: Run,
    suite: Suite,
    accepted: Mapping[str, Mapping[str, AcceptedChange]],
    jobs: int,
    code: int,
    words: tuple[str, ...],
) -> None:
    """Report the only stage of a run; `accepted`: by clause and kind, what is accepted of what it violates; `code`: what the command says.

    `words`: what names the file and the suite again. Raises `UsageError`, and `KeyboardInterrupt` when all is written.
    """
    (target,), (stage,), plan = done.targets, done.stages, done.plan
    only = (stage.index,)
    selection = Selection(target.path, suite.name, plan.clauses, only, every_clause(suite), only, plan.models)
    conclusion = bisectable(done.stages, selection, accepted=tuple(_from(stage.index, accepted)))
    again = executed_again(done.targets, executions_shown(done.stages, conclusion), jobs)
    reviewed = Reviewed(done.stages, conclusion, suite, effort(plan), words, {}, executions=again.found)
    lacking = EXECUTIONS_LACKING * again.interrupted
    reported = Reported(reviewed, f"Stage {target.path}", WORDS.get(code, NO_VERDICT), done.problems_by_stage, lacking=lacking)
    report_to_github(reported, done.targets)
    if again.interrupted:
        raise KeyboardInterrupt


def _from(patch: int, accepted: Mapping[str, Mapping[str, AcceptedChange]]) -> Iterator[AcceptedChange]:
    """The accepted changes that are there, as changes of `patch`."""
    for kinds in accepted.values():
        yield from (replace(change, kinds=(kind,), patch=patch) for kind, change in kinds.items())
