"""The command `findings`: what a series violates, as a document that is kept next to it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from harness.cli.exit_codes import BAD, GOOD, UsageError
from harness.cli.progress_line import Counter
from harness.cli.replay import decoded, executed_again
from harness.cli.selection import file_errors, series_named
from harness.cli.shown_looks import terminal_width
from harness.explored.models import ARM, SC, TSO
from harness.jobs.executor import OK
from harness.report import by_model_document
from harness.report.files import require_writable, write_atomically
from harness.report.findings_document import examples, mismatches, shown, to_markdown
from harness.report.narrow_markdown import narrowed
from harness.sources.shipped import targets_of_series
from harness.suite.registry import suite_named
from harness.verify.checking import Budget
from harness.verify.conclusions import count_of
from harness.verify.deepening import Effort
from harness.verify.explore_programs import SAME_SOURCE
from harness.verify.find_violations import STAGES, Progress, Unfit, explanations, find, remarks
from harness.verify.headed import headed_as_replayed
from harness.verify.weakest_models import by_model
from stages.api import Series

# What is wrong with a series shows early; the rest of the usual budget goes into what holds.
BUDGET = Budget(effort=Effort(executions=2_000, preemptions=2))

# What `--by-model` writes about a series stands beside the series under this name.
BY_MODEL = "ARM.md"
# From the strongest on.
MODELS = (SC, TSO, ARM)
# Of each program, under each of these: most have fewer.
USUAL_EXECUTIONS = 300


@dataclass(frozen=True)
class FindingsRequest:
    """What `harness findings` was asked for: where to write them, or the file to compare them with, whole or only its counterexamples."""

    series: str
    output: str | None
    check_against: str | None
    replay: str | None
    by_model: bool
    executions: int | None
    model: str
    jobs: int
    width: int | None


def findings(request: FindingsRequest) -> int:
    """Find what a series violates, and write it down with the simplest counterexamples; or compare with what is written."""
    series = series_named(request.series)
    if request.by_model and request.model != SC:
        raise UsageError(f"--by-model tries {', '.join(MODELS)}: leave --model out")
    if request.executions is not None and not request.by_model:
        raise UsageError("--executions goes with --by-model")
    if request.replay is not None:
        return _replay_all(request.replay, _command(request))
    recorded = _recorded(request.check_against)
    if request.output is not None:
        with file_errors():
            require_writable(request.output)
    counter = Counter("harness")
    make = _by_model if request.by_model else _findings
    try:
        document, wrong = make(series, request, lambda what, standing: counter.of(f"harness: {what}", standing))
    except Unfit as error:
        raise UsageError(str(error)) from None
    finally:
        counter.clear()
    for problem in wrong:
        print(f"harness: findings.toml of {series.name} has {problem}", file=sys.stderr)
    if recorded is not None:
        return _compare(document, recorded, request, bool(wrong))
    if request.output is None:
        room = request.width or (terminal_width() if sys.stdout.isatty() else None)
        print(document if room is None else narrowed(document, room), end="")
    else:
        with file_errors():
            write_atomically(request.output, document)
    return BAD if wrong else GOOD


def _findings(series: Series, request: FindingsRequest, progress: Progress) -> tuple[str, list[str]]:
    """What is found, as a document; and where the texts about it do not fit."""
    texts = explanations(series)
    found = find(series, replace(BUDGET, effort=replace(BUDGET.effort, model=request.model)), request.jobs, progress)
    if found.interrupted:
        raise KeyboardInterrupt
    by_model = BY_MODEL if (STAGES / series.name / BY_MODEL).exists() else ""
    return to_markdown(found, texts, by_model), mismatches(found, texts)


def _by_model(series: Series, request: FindingsRequest, progress: Progress) -> tuple[str, list[str]]:
    """As `_findings`, about the memory models that it takes."""
    texts, targets, suite = remarks(series), targets_of_series(series), suite_named(series.suite)
    found = by_model(targets, suite, MODELS, request.executions or USUAL_EXECUTIONS, request.jobs, progress)
    return by_model_document.to_markdown(series.name, suite, found, targets, texts), by_model_document.mismatches(found, texts)


def _replay_all(path: str, command: str) -> int:
    """Execute the counterexamples of a document again; that is soon done, and does not tell whether there are others."""
    recorded = examples(_recorded(path) or "")
    if not recorded:
        raise UsageError(f"{path} has no counterexamples with replay strings: name a file that `harness findings` has written")
    wrong = [string for text, string in recorded if _shown_again(string) != text]
    for string in wrong:
        print(f"harness: {path} has another counterexample than this shows: harness replay {string}", file=sys.stderr)
    if wrong:
        print(f"harness: write it anew with: {command} --output {path}", file=sys.stderr)
        return BAD
    print(
        f"{path}: {count_of(len(recorded), 'counterexample')}, executed again, show the same; "
        f"whether a fresh run finds the same ones: {command} --check-against {path}"
    )
    return GOOD


def _shown_again(string: str) -> str:
    """The counterexample that a replay string shows now; nothing if it cannot be executed to its end."""
    found = decoded(string)
    target, again = executed_again(found)
    if again.outcome.status != OK or again.source != SAME_SOURCE or again.outcome.value.counterexample is None:
        return ""
    return shown(headed_as_replayed(again.outcome.value.counterexample, target, found))


def _recorded(path: str | None) -> str | None:
    """What is written already."""
    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None


def _command(request: FindingsRequest) -> str:
    return f"harness findings --series {request.series}{' --by-model' * request.by_model}"


def _compare(document: str, recorded: str, request: FindingsRequest, wrong: bool) -> int:
    path = request.check_against
    if document == recorded:
        print(f"{path}: a fresh run finds the same")
        return BAD if wrong else GOOD
    print(f"harness: {path} differs from what a fresh run finds; write it anew with: {_command(request)} --output {path}", file=sys.stderr)
    return BAD
