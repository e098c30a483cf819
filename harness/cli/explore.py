"""The command `explore`, which searches the interleavings of the programs of one clause."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.cli.carry_out import pass_on
from harness.cli.exit_codes import BAD, GOOD, INTERRUPTED, HarnessFault, UsageError
from harness.cli.named_stages import NamedStages, is_number
from harness.cli.perfetto_option import require_perfetto, write_execution
from harness.cli.progress_line import ProgressLine
from harness.cli.selection import clause_called, ships, suite_called, with_suite
from harness.cli.series_source import SourceRequest
from harness.cli.shown_looks import LooksRequest
from harness.cli.stage_bars import duration
from harness.explored.models import MODEL_WORDS, with_core
from harness.jobs.executor import INTERRUPTED as OUTCOME_INTERRUPTED
from harness.jobs.executor import OK, RAISED
from harness.report.counterexample_text import counterexample_text
from harness.report.fitted_text import fitted
from harness.report.looks import AT_ONCE, Looks
from harness.report.suggested_barriers import suggestion_text
from harness.report.tables import table
from harness.report.violated_text import violated_text
from harness.search.replay_string import Replay, decode
from harness.sources.target import Target
from harness.stopping import stopping
from harness.suite.clause import Clause
from harness.suite.suite import Suite
from harness.verify.barrier_points import KINDS
from harness.verify.conclusions import what
from harness.verify.deepening import Effort
from harness.verify.explore_programs import Explored, explore_programs, simplest_row, with_mended_core
from harness.verify.search_progress import Level
from harness.verify.suggest_barriers import suggest_barriers, with_hint
from harness.verify.verify_in_worker import Request

COLUMNS = ("program", "kind", "verdict", "executions", "blocked")
MENDED_COLUMNS = ("program", "kind", "with the mended core", "so what fails with the core of 2014 is")
# By whether it passes with the mended core, and whether it fails there.
WHOSE = {(True, False): "a finding about the core", (False, True): "the stage's as well", (False, False): "nobody knows whose"}


@dataclass(frozen=True)
class ExploreRequest:
    """What `harness explore` was asked for; `stage` is a number or a file, None is no choice or no limit."""

    clause: str
    stage: str
    suite: str | None
    source: SourceRequest
    kind: str | None
    program: str | None
    strategy: str
    preemptions: int
    depth: int
    executions: int | None
    seconds: int | None
    model: tuple[str, ...]
    core: str
    seed: int
    suggest_barriers: bool
    jobs: int
    tablefmt: str
    perfetto: str | None
    looks: LooksRequest


def explore(request: ExploreRequest) -> int:
    """Search the interleavings of a clause's programs on one stage; Ctrl-C ends it and shows what was found by then.

    Several memory models are searched one after the other. Exit code 0: all programs pass under all of them. 1: some do not.
    2: wrong usage.
    """
    _require_words(request.clause, request.stage)
    stages = NamedStages(request.source, request.suite)
    stages.require([request.stage])
    target = with_suite(stages.stage_or_file(request.stage), request.suite)
    request.source.native.require_c([target], "--include")
    if request.suggest_barriers:
        _require_barriers(request, target)
    if request.perfetto is not None and len(request.model) > 1:
        raise UsageError("--perfetto writes one execution: name one memory model")
    require_perfetto(request.perfetto)
    code, words = GOOD, stages.words(target, request.stage)
    for model in request.model:
        found = _under(request, target, model, words)
        if found == INTERRUPTED:
            return found
        code = max(code, found)
    if remarks := stages.remarks([target]):
        print(fitted(f"\n{remarks}", request.tablefmt))
    return code


def _require_words(clause: str, stage: str) -> None:
    """See that the words are not in the wrong order, and that no series stands where a stage does; files of such names are stages."""
    if os.path.exists(stage):
        return
    if ships(stage):
        raise UsageError(f"explore searches one stage, and {stage} is a series: name a number, and --series {stage}")
    is_stage = is_number(clause) or os.path.isfile(clause)
    if is_stage and stage.replace("-", "").isalpha():
        raise UsageError(f"explore takes the clause first, then the stage: `harness explore {stage} {clause}`")


def _require_barriers(request: ExploreRequest, target: Target) -> None:
    """See that barriers may be what the stage lacks under one of the models, and can be tried in it."""
    if not set(request.model) & set(KINDS):
        raise UsageError(f"under {request.model[0]} no barrier is missing: --suggest-barriers goes with --model {', '.join(KINDS)}")
    for model in request.model:
        if with_core(model, request.core) != model:
            raise UsageError(f"--suggest-barriers looks in the stage's lines, and not in the core's: leave --core {request.core} out")
    if target.is_c:
        raise UsageError("--suggest-barriers tries barriers in the lines of a stage in Python: it goes with none in C")


def _under(request: ExploreRequest, target: Target, model: str, words: Sequence[str]) -> int:
    """Search under one memory model; `words` name the stage to `harness replay`."""
    requests = _requests(request, suite_called(target.suite), model)
    progress = _ExploreProgress(len(requests))
    try:
        explored = explore_programs(target, requests, request.jobs, progress)
        mended = with_mended_core(target, explored, request.jobs)
    finally:
        progress.end()
    if explored.faults:
        raise HarnessFault(explored.faults[0])
    if explored.problem:
        raise UsageError(f"{target.label} cannot be tested: it {explored.problem}")
    if len(request.model) > 1:
        print("" if model == request.model[0] else "\n", f"under {model} ({MODEL_WORDS[model]}):", sep="")
    _print_explored(target, explored, request.looks.looks(request.tablefmt, AT_ONCE), words)
    if mended:
        rows = [[row.request.program, row.request.kind, row.verdict, WHOSE[row.found.passed, bool(row.found.failure)]] for row in mended]
        print(f"\n{table(rows, MENDED_COLUMNS, request.tablefmt)}")
    pass_on(target, explored.printed)
    progress.conclude(explored)
    if request.perfetto is not None and not explored.interrupted:
        write_execution(request.perfetto, target, _to_show(target, explored))
    if request.suggest_barriers and not explored.interrupted:
        _suggest(request, target, explored, model)
    if explored.interrupted:
        return stopping.tell("interrupted; what was found by then is in the table")
    return GOOD if all(row.found.passed for row in explored.rows) else BAD


def _requests(asked: ExploreRequest, suite: Suite, model: str) -> list[Request]:
    """One for each program and kind that was asked for."""
    clause, kinds = clause_called(suite, asked.clause, asked.kind)
    programs = [program for program in suite.clauses[clause].programs if asked.program in (None, program.name)]
    if not programs:
        raise UsageError(f"clause {clause} has no program {asked.program!r}: choose from {_names(suite.clauses[clause])}")
    pairs = [(program, kind) for program in programs for kind in kinds if kind in program.kinds]
    if not pairs:
        raise UsageError(f"program {asked.program} makes no sense for kind {asked.kind!r}: choose from {', '.join(programs[0].kinds)}")
    how = Request(
        clause,
        "",
        "",
        asked.strategy,
        preemptions=asked.preemptions,
        depth=asked.depth,
        executions=asked.executions,
        seconds=asked.seconds,
        seed=asked.seed,
        model=with_core(model, asked.core),
    )
    return [replace(how, kind=kind, program=program.name) for program, kind in pairs]


def _names(clause: Clause) -> str:
    return ", ".join(program.name for program in clause.programs)


def _print_explored(target: Target, explored: Explored, looks: Looks, words: Sequence[str]) -> None:
    rows = [[row.request.program, row.request.kind, row.verdict, row.found.executions, row.found.blocked] for row in explored.rows]
    print(table(rows, COLUMNS, looks.tablefmt, ["executions", "blocked"]))
    failing = [row for row in explored.rows if row.found.failure]
    shown = simplest_row(explored.rows)
    if shown is None:
        return
    request, found = shown.request, shown.found
    if found.counterexample and found.failure:
        hinted = found.counterexample if explored.interrupted else with_hint(target, found.counterexample, request, found.failure)
        print(f"\n{counterexample_text(hinted, looks)}")
    else:
        print(f"\n{target.label}, {request.clause}: {request.program}, {request.kind}\n")
    lines = [[row.request.program, row.request.kind, what(row.found.failure), row.replay] for row in failing if row.found.failure]
    print(violated_text(lines, looks, words))


def _to_show(target: Target, explored: Explored) -> Replay:
    """The execution that is shown; where nothing fails, the first program in the natural order."""
    if shown := simplest_row(explored.rows):
        return decode(shown.replay)
    first = explored.rows[0].request
    return Replay(target.series, target.index, first.clause, first.kind, first.program, max_steps=Effort.steps, model=first.model)


def _suggest(request: ExploreRequest, target: Target, explored: Explored, model: str) -> None:
    """Print which barriers in the stage's own lines would make all of these programs pass."""
    if model not in KINDS:
        print(f"\nno barrier is suggested: under {model} none is missing")
        return
    if all(row.found.failure is None for row in explored.rows):
        print("\nno barrier is suggested: nothing failed")
        return
    line = ProgressLine()
    try:
        outcome = suggest_barriers(
            target,
            explored.rows,
            Effort.executions,
            lambda sets, executions: line.show(f"harness: {sets} sets of barriers tried, {executions} executions"),
        )
    finally:
        line.clear()
    if outcome.status == OUTCOME_INTERRUPTED:
        raise KeyboardInterrupt
    if outcome.status == RAISED:
        raise HarnessFault(outcome.problem)
    pass_on(target, outcome.printed)
    if outcome.status != OK:
        print(f"\nno barrier is suggested: {outcome.sentence}")
        return
    what = ", ".join(filter(None, (request.clause, request.program, request.kind)))
    print(f"\n{suggestion_text(outcome.value, what, os.path.basename(target.path), model)}", end="")


class _ExploreProgress:
    """Executions, rate, an estimate of the total and of the time left, if there is one; one line about the rate at the end."""

    def __init__(self, programs: int) -> None:
        self.line = ProgressLine()
        self.programs = programs
        self.started = self.ended = time.monotonic()

    def end(self) -> None:
        """The searches are over."""
        self.line.clear()
        self.ended = time.monotonic()

    def __call__(self, done: int, levels: Sequence[Level]) -> None:
        """Show how far all searches have got."""
        runs = sum(level.executions + level.blocked for level in levels)
        known = [level for level in levels if level.total]
        rate = runs / max(time.monotonic() - self.started, 0.001)
        total = sum(level.total for level in known)
        told = [f"{done}/{self.programs} programs", f"{runs} executions", f"{rate:.0f}/s"]
        if known:
            every = len(known) == self.programs
            told.append(f"about {total:.0f} in all{'' if every else f' for {len(known)} programs'}")
            # Of a program that has not begun, nobody knows how large it is.
            told += [f"about {duration(max(total - runs, 0) / rate)} left"] * (every and rate > 0)
        self.line.show(f"harness: {', '.join(told)}")

    def conclude(self, explored: Explored) -> None:
        """Say what it took."""
        seconds = self.ended - self.started
        runs = sum(row.found.executions + row.found.blocked for row in explored.rows)
        print(f"harness: {runs} executions in {seconds:.1f} s, {runs / max(seconds, 0.001):.0f}/s", file=sys.stderr)
