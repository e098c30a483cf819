"""The command `litmus`, which counts the executions of litmus programs, and runs litmus files of the Linux kernel."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from harness.cli.exit_codes import BAD, GOOD, UNDECIDED, UsageError
from harness.cli.progress_line import Counter
from harness.cli.selection import file_errors
from harness.jobs.standing import Standing
from harness.litmus.count_programs import ExecutionCount, count_program
from harness.litmus.files.litmus_error import LitmusError
from harness.litmus.files.litmus_file import CannotRead, LitmusFile, read_litmus
from harness.litmus.files.outcomes import FileOutcome, judge_file
from harness.litmus.table_programs import TableProgram, named, table_programs
from harness.report.files import STDOUT, require_writable, write_atomically
from harness.report.fitted_text import fitted
from harness.report.litmus_counts import CountsByModel, litmus_counts, litmus_counts_lines
from harness.report.litmus_json import litmus_json
from harness.report.litmus_verdicts import LKMM, FileOutcomes, litmus_summary, litmus_verdict
from harness.suite.whole_numbers import shortened

SUFFIX = ".litmus"
# More than any program of the table has.
USUAL_EXECUTIONS = 100_000


@dataclass(frozen=True)
class LitmusRequest:
    """What `harness litmus` was asked for: names of programs and files, which models, how much to search."""

    words: tuple[str, ...]
    model: tuple[str, ...]
    executions: int
    large: bool
    json: str | None
    tablefmt: str


def litmus(request: LitmusRequest) -> int:
    """Count the executions of litmus programs and compare with published counts, or run litmus files of the Linux kernel.

    Without a name or a file, every small program is counted. Exit code 1: a count differs, or the condition of a file is not validated
    (`exists` in no execution, `~exists` in one, `forall` not in all) under one of the models. 3: none of these, but a search was cut
    off, or a model does not cover what a file is about. 2: wrong usage, a file that is wrong, or has something that is not supported.
    """
    programs, files = _asked(request)
    with file_errors():
        if request.json is not None:
            require_writable(request.json)
    tallies, outcomes = _carried_out(request, programs, files)
    with file_errors():
        if request.json is not None:
            write_atomically(request.json, litmus_json(tallies, outcomes))
    parts = [*_about_programs(request, tallies), *_about_files(request, outcomes)]
    print(fitted("\n\n".join(parts), request.tablefmt), file=sys.stderr if request.json == STDOUT else sys.stdout)
    return _exit_code(tallies, outcomes)


def _asked(request: LitmusRequest) -> tuple[dict[str, TableProgram], dict[str, LitmusFile]]:
    """The programs and the files that are named; if nothing is, or `--large` is on, all programs that come in question."""
    every = table_programs()
    programs = {name: program for name, program in every.items() if request.large or not (request.words or program.is_large)}
    files = {}
    for word in request.words:
        if program := named(every, word):
            programs[program.name] = program
        elif word.endswith(SUFFIX) or os.sep in word or os.path.lexists(word):
            shown = printable(word)
            with litmus_errors(shown):
                files[shown] = read_litmus(word)
        else:
            raise UsageError(f"unknown program {shortened(word)!r}, and no such file: choose one of {'; '.join(every)}")
    return programs, files


def printable(path: str) -> str:
    """A path as one line of text."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in path)


@contextmanager
def litmus_errors(path: str) -> Iterator[None]:
    """What is wrong with a litmus file in this block is a usage error."""
    try:
        yield
    except LitmusError as error:
        raise UsageError(f"{path}:{error.line}: {error}") from None
    except CannotRead as error:
        raise UsageError(f"{path}: {error}") from None


def _carried_out(
    request: LitmusRequest, programs: dict[str, TableProgram], files: dict[str, LitmusFile]
) -> tuple[CountsByModel, FileOutcomes]:
    """Search every program and every file under every model."""
    progress = Counter("harness", at_once=True)
    total = len(programs) + len(files)
    tallies: dict[str, dict[str, ExecutionCount]] = {}
    outcomes: dict[str, dict[str, FileOutcome]] = {}
    try:
        for name, program in programs.items():
            progress(Standing(len(tallies), total))
            tallies[name] = {model: count_program(program, model, request.executions) for model in request.model}
        for path, file in files.items():
            progress(Standing(len(tallies) + len(outcomes), total))
            with litmus_errors(path):
                outcomes[path] = {model: judge_file(file, model, request.executions) for model in request.model}
    finally:
        progress.clear()
    return tallies, outcomes


def _about_programs(request: LitmusRequest, tallies: CountsByModel) -> Iterator[str]:
    if not tallies:
        return
    yield litmus_counts(tallies, request.model, request.tablefmt)
    left_out = [] if request.large or request.words else [name for name, program in table_programs().items() if program.is_large]
    lines = [f"left out, as they are large: {', '.join(left_out)}; name them, or --large"] if left_out else []
    yield "\n".join([*lines, *litmus_counts_lines(tallies)])


def _about_files(request: LitmusRequest, outcomes: FileOutcomes) -> Iterator[str]:
    for path, of in outcomes.items():
        yield from (litmus_verdict(path, found, request.tablefmt) for found in of.values())
    if len(outcomes) * len(request.model) > 1:
        yield litmus_summary(outcomes, request.model, request.tablefmt)
    if outcomes:
        yield LKMM


def _exit_code(tallies: CountsByModel, outcomes: FileOutcomes) -> int:
    every = [tally for of in tallies.values() for tally in of.values()]
    answers = [found.validated for of in outcomes.values() for found in of.values()]
    if any(tally.differs for tally in every) or False in answers:
        return BAD
    return UNDECIDED if None in answers or any(tally.reached for tally in every) else GOOD
