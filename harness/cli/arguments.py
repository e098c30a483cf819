"""The grammar of the command line: commands, options, and what is wrong with a word as soon as it is read."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn, TypeVar

from harness.cli.bisect import BisectRequest, bisect
from harness.cli.cache import CLEAR, VERIFY, CacheRequest, cache
from harness.cli.check import CheckRequest, check
from harness.cli.compare import CompareRequest, compare
from harness.cli.completion import GrammarRequest, VersionAction, completion, man
from harness.cli.completion_scripts import SCRIPTS
from harness.cli.diff import DiffRequest, diff
from harness.cli.exit_codes import UsageError
from harness.cli.explore import ExploreRequest, explore
from harness.cli.export import ExportRequest, export
from harness.cli.findings import MODELS, FindingsRequest, findings
from harness.cli.findings import USUAL_EXECUTIONS as BY_MODEL_EXECUTIONS
from harness.cli.list import ListRequest, list_all
from harness.cli.litmus import USUAL_EXECUTIONS, LitmusRequest, litmus
from harness.cli.native_request import flags_joined, native_options
from harness.cli.new_suite import NewSuiteRequest, new_suite
from harness.cli.option_values import ALL_MODELS, MOST, memory_model, memory_models, number, numbered_stage, table_format
from harness.cli.perf import perf
from harness.cli.perf_arguments import load_options, question_options
from harness.cli.perfetto_option import perfetto_option
from harness.cli.replay import ReplayRequest, replay
from harness.cli.requests import Command, request_of
from harness.cli.run import RunRequest, run
from harness.cli.search_request import ALL
from harness.cli.series_source import DEFAULT_SERIES
from harness.cli.shown_looks import fit_tables, looks_options, width_option
from harness.explored.models import ARM, ENGINES, PSO, SC, TSO, USUAL
from harness.jobs.process_pool import available_cpus
from harness.machine.core import CORES, MENDED
from harness.suite.registry import suites
from harness.verify.barrier_points import KINDS
from harness.verify.checking import Budget
from harness.verify.deepening import DEEP, Effort
from harness.verify.series_search import BINARY, LINEAR
from harness.verify.verify_in_worker import SAMPLES, STRATEGIES, Request

DESCRIPTION = "Tells whether every stage of a patch series keeps its contract, how fast it is, and what changed from stage to stage."


T = TypeVar("T")
# Makes what a command is asked for from the options.
Read = Callable[[argparse.Namespace], T]

# What the name of a clause does not have: a word with it is a file, or a stage's number.
NO_CLAUSE = re.compile(r"[./]|^[0-9]+$")

# How argparse says that there is no FILE.
NO_FILE = "required: FILE"
SWALLOWED = "; `--check` takes the words that follow it for clauses, so write FILE before it"
# How it says that a word, and no option, is one too many; to `list`, somebody has named a series.
NO_NAME = re.compile(r"unrecognized arguments: (?!-)")
LISTED = "; list takes no names: it shows every series, and with --suite NAME the clauses of one suite"

TO_STDOUT = "`-` is stdout, and the tables go to stderr then"
# The largest numbers that options take, but for executions: each is multiplied with something.
MOST_SEEDS = 10**6
MOST_JOBS = 256
MOST_PREEMPTIONS = 100
# Replay strings have room for 18 digits, and further seeds are counted up from the first one.
MOST_SEED = 10**17

_MODEL_TEXTS = {
    SC: "sequentially consistent",
    TSO: "x86's store buffers",
    PSO: "stores overtake each other, too",
    ARM: "older values are read, as on ARM, but for load buffering, dependencies and writes between earlier ones",
}
_MODELS = "; ".join(f"{name}: {text}" for name, text in _MODEL_TEXTS.items())

SEARCHES = (BINARY, LINEAR)
SEARCH = f"{BINARY}, for each clause: a half, the half of that, and so on; {LINEAR}: all stages, if the ends differ"
ACCEPT = "changes of the contract that are accepted, as TOML; see docs/json.md"


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`")


def parse(arguments: Sequence[str]) -> Command[Any]:
    """The command that a command line asks for; raises `UsageError`."""
    try:
        options = _parser().parse_args(_clauses_last(list(flags_joined(arguments))))
    except UsageError as error:
        swallowed = NO_FILE in str(error) and "--check" in arguments
        named = NO_NAME.match(str(error)) is not None and arguments[0] == "list"
        raise UsageError(f"{error}{SWALLOWED * swallowed}{LISTED * named}") from None
    fit_tables(options)
    command: Command[Any] = options.command(options)
    return command


def _clauses_last(arguments: Sequence[str]) -> list[str]:
    """The same words, with a FILE and stage numbers that stand behind `--check` moved before all options, which would swallow them.

    A clause is a word without dots and slashes that is no number; the first word behind `--check` is taken for one in any case.
    """
    kept: list[str] = []
    moved: list[str] = []
    # How many words of `--check` have come; None in front of it, and behind another option.
    clauses: int | None = None
    for word in arguments:
        if word.startswith("-"):
            clauses = 0 if word == "--check" else None
        elif clauses is not None:
            clauses += 1
        swallowed = clauses is not None and clauses > 1 and NO_CLAUSE.search(word)
        (moved if swallowed else kept).append(word)
    return kept[:1] + moved + kept[1:]


def _parser() -> Parser:
    parser = Parser(prog="harness", description=DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--version", action=VersionAction)
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)

    def command(name: str, function: Callable[[T], int], read: Read[T], *parts: Callable[[Parser], None]) -> Parser:
        # `python -OO` leaves docstrings out.
        summary = (function.__doc__ or name).splitlines()[0].rstrip(".")
        added = subparsers.add_parser(name, help=summary, description=function.__doc__, allow_abbrev=False)
        added.set_defaults(command=lambda options: Command(function, read(options)))
        for part in parts:
            part(added)
        return added

    command("list", list_all, _reading(ListRequest), _suite, _table)
    running = command("run", run, _reading(RunRequest), _stages, _source, _suite, _budget, _seed, _jobs, _cache, _table)
    running.add_argument("--search", choices=(ALL, *SEARCHES), default=ALL, help=f"{ALL}: every stage; {SEARCH} (default: %(default)s)")
    running.add_argument("--accept", metavar="FILE", help=ACCEPT)
    running.add_argument("--json", metavar="FILE", help=f"write the results as JSON, see docs/json.md; {TO_STDOUT}")
    running.add_argument("--junit", metavar="FILE", help=f"write the verdicts as JUnit XML; {TO_STDOUT}")
    running.add_argument("--markdown", metavar="FILE", help=f"write the results as Markdown, for a forge or a wiki; {TO_STDOUT}")
    running.add_argument("--html", metavar="FILE", help=f"write the results as a page to click through (docs/html-report.md); {TO_STDOUT}")
    _github(running)
    running.add_argument("--no-perf", action="store_true", help="leave out the performance scenario")
    running.add_argument("--new-only", action="store_true", help="exit code 1 only for clauses that the baseline does not violate itself")
    running.add_argument("--reply", action="store_true", help="print a review to paste below the mails of the patches, no tables")
    versions = command("compare", compare, _reading(CompareRequest), _commits, _suite, _budget, _seed, _jobs, _cache, _table)
    for name in ("v1", "v2"):
        versions.add_argument(name, metavar=name.upper(), help="BASE..TIP, a mailbox, a directory of stages, or the name of a series")
    versions.add_argument("--new-base", metavar="REV", help="what a mailbox V2 is applied to (default: --base)")
    versions.add_argument("--json", metavar="FILE", help=f"write the results as JSON, see docs/json.md; {TO_STDOUT}")
    versions.add_argument("--html", metavar="FILE", help=f"write them as a page to click through (docs/html-report.md); {TO_STDOUT}")
    _github(versions)
    checking = command("check", check, _reading(CheckRequest), native_options, _suite, _budget, _seed, _jobs, _cache, _table)
    checking.add_argument("file", metavar="FILE", help="a stage: a Python module, or a C file")
    checking.add_argument("--accept", metavar="FILE", help=f"{ACCEPT}; their patches do not matter here")
    checking.add_argument("--kind", metavar="KIND", help="test this kind only")
    _github(checking)
    checking.add_argument("-x", dest="stop_at_failure", action="store_true", help="stop at the first failure; the rest is not run")
    bisecting = command("bisect", bisect, _reading(BisectRequest), _source, _suite, _budget, _seed, _jobs, _cache, _table)
    where = "the series: its name, a directory of stages, or BASE..TIP; for --series or --range"
    bisecting.add_argument("where", nargs="?", metavar="SERIES|RANGE", help=where)
    bisecting.add_argument("--kind", metavar="KIND", help="search for this kind only")
    _github(bisecting)
    bisecting.add_argument("--search", choices=SEARCHES, default=BINARY, help=f"{SEARCH} (default: %(default)s)")
    _exploring(command("explore", explore, _reading(ExploreRequest), _source, _suite, looks_options, _seed, _jobs, _table))
    replaying = command("replay", replay, _reading(ReplayRequest), _source, _suite, looks_options, _table)
    replaying.add_argument("string", metavar="STRING", help="a replay string, as tables of failures have them")
    perfetto_option(replaying, "this execution")
    replaying.add_argument("module", nargs="?", metavar="FILE", help="the module to execute it on (default: the stage that it names)")
    finding = command("findings", findings, _reading(FindingsRequest), _shipped, _jobs)
    finding.add_argument("--output", metavar="FILE", help="write them there (default: to the terminal)")
    width_option(finding)
    one = f"the memory model; {_MODELS} (default: %(default)s)"
    finding.add_argument("--model", type=memory_model, choices=tuple(ENGINES), default=SC, metavar="M", help=one)
    by_model = f"say instead which of {', '.join(MODELS)} each violation needs, and which barriers are missing: would it work on ARM?"
    finding.add_argument("--by-model", action="store_true", help=by_model)
    searching = f"with --by-model: executions of each search of a program (default: {BY_MODEL_EXECUTIONS})"
    finding.add_argument("--executions", type=number(1), metavar="N", help=searching)
    only = finding.add_mutually_exclusive_group()
    only.add_argument("--check-against", metavar="FILE", help="say whether this file has the same; exit code 1 if it differs")
    only.add_argument("--replay", metavar="FILE", help="only execute the counterexamples of this file again; exit code 1 if one differs")
    comparing = command("diff", diff, _reading(DiffRequest), _source, _suite, _jobs, _cache, _table)
    comparing.add_argument("pair", nargs="*", metavar="STAGE", help="two stages: their numbers, or files")
    comparing.add_argument("--all", action="store_true", help="every stage against the one before")
    _litmus(command("litmus", litmus, _reading(LitmusRequest), _table))
    choosing = (_stages_or_files, _source, _suite, load_options, question_options)
    command("perf", perf, lambda options: options, *choosing, _seed, _jobs, _cache, _table)
    _series_parser(subparsers)
    making = command("new-suite", new_suite, _reading(NewSuiteRequest))
    called = "must not exist, or be empty; what it is called, the suite and the series in it are called as well"
    making.add_argument("directory", metavar="DIR", help=called)
    caching = command("cache", cache, _reading(CacheRequest))
    caching.add_argument("action", nargs="?", choices=(CLEAR, VERIFY), help="drop all outcomes; look for damaged ones")
    completing = command("completion", completion, lambda options: GrammarRequest(parser, options.shell))
    completing.add_argument("shell", choices=tuple(SCRIPTS), metavar="SHELL", help=f"one of {', '.join(SCRIPTS)}")
    command("man", man, lambda options: GrammarRequest(parser))
    return parser


def _reading(kind: type[T]) -> Read[T]:
    return partial(request_of, kind)


def _series_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    series = subparsers.add_parser("series", help="work with a series as a whole", allow_abbrev=False)
    actions = series.add_subparsers(metavar="ACTION", required=True, parser_class=Parser)
    exporting = actions.add_parser("export", help="make a git repository of a series", description=export.__doc__, allow_abbrev=False)
    exporting.add_argument("directory", metavar="DIR", help="must not exist, or be empty")
    _source(exporting)
    exporting.set_defaults(command=lambda options: Command(export, request_of(ExportRequest, options)))


def _exploring(parser: Parser) -> None:
    usual = Request("", "", "")
    parser.add_argument("clause", metavar="CLAUSE", help="the clause whose programs to search")
    parser.add_argument("stage", metavar="STAGE", help="a stage: its number, or a file")
    parser.add_argument("--kind", metavar="KIND", help="this kind only")
    parser.add_argument("--program", metavar="NAME", help="this program only")
    parser.add_argument("--strategy", choices=tuple(STRATEGIES), default=usual.strategy, help="how to search (default: %(default)s)")
    parser.add_argument(
        "--preemptions",
        type=number(0, MOST_PREEMPTIONS),
        default=usual.preemptions,
        metavar="K",
        help="the bound of `bounded` (default: %(default)s)",
    )
    parser.add_argument(
        "--depth", type=number(1, MOST_PREEMPTIONS), default=usual.depth, metavar="D", help="the depth of `pct` (default: %(default)s)"
    )
    executions = f"executions for each program (default: no limit; {SAMPLES} for a sampling strategy)"
    parser.add_argument("--executions", type=number(1), metavar="N", help=executions)
    models = f"the memory model, or several with commas, or {ALL_MODELS}: one after the other; {_MODELS} (default: {SC})"
    parser.add_argument("--model", type=memory_models, default=(SC,), metavar="M", help=models)
    _core(parser, "; with 2014, what fails is tried with the other one")
    parser.add_argument("--time", dest="seconds", type=number(1), metavar="SECONDS", help="time for each program (default: no limit)")
    perfetto_option(parser, "the execution that is shown (if none fails, the first program in the natural order)")
    suggesting = f"find the fewest barriers in the stage's own lines with which all of this passes, under {', '.join(KINDS)}"
    parser.add_argument("--suggest-barriers", action="store_true", help=suggesting)


def _litmus(parser: Parser) -> None:
    words = "a program of the table, or a litmus file in C (default: all small programs)"
    parser.add_argument("words", nargs="*", metavar="NAME|FILE", help=words)
    models = f"memory models, with commas between them: {', '.join(ENGINES)} (default: all)"
    parser.add_argument("--model", type=memory_models, default=tuple(ENGINES), metavar="M", help=models)
    parser.add_argument(
        "--executions",
        type=number(1),
        default=USUAL_EXECUTIONS,
        metavar="N",
        help="executions of each search, which says so if it has more (default: %(default)s)",
    )
    parser.add_argument("--large", action="store_true", help="count large programs as well")
    parser.add_argument("--json", metavar="FILE", help=f"write the results as JSON, see docs/json.md; {TO_STDOUT}")


def _stages(parser: Parser) -> None:
    parser.add_argument("stages", nargs="*", type=numbered_stage, metavar="STAGE", help="stage numbers (default: all)")


def _stages_or_files(parser: Parser) -> None:
    parser.add_argument("stages", nargs="*", metavar="STAGE", help="stages: their numbers, or files (default: all of the series)")


def _shipped(parser: Parser) -> None:
    parser.add_argument("--series", default=DEFAULT_SERIES, metavar="NAME", help="the series (default: %(default)s; see `harness list`)")


def _source(parser: Parser) -> None:
    series = f"the series: its name, or a directory of stages (default: {DEFAULT_SERIES}; see `harness list` and docs/your-own-series.md)"
    parser.add_argument("--series", metavar="NAME|DIR", help=series)
    ends = "WORKTREE or INDEX as TIP: with what is not committed"
    parser.add_argument(
        "--range", metavar="BASE..TIP", help=f"commits of a git repository instead: each that changes the stage is one; {ends}"
    )
    parser.add_argument("--mbox", metavar="FILE", help="patches in a mailbox instead, to be applied to --base")
    _commits(parser)


def _commits(parser: Parser) -> None:
    parser.add_argument("--base", metavar="REV", help="what a mailbox is applied to (default: that of harness.toml, or HEAD)")
    parser.add_argument("--file", action="append", default=[], metavar="PATH", help="the file that is the stage; more of them belong to it")
    parser.add_argument("--repo", metavar="DIR", help="the git repository of commits and patches (default: the one around here)")
    parser.add_argument("--all-commits", action="store_true", help="also commits that do not change the stage")
    parser.add_argument("--follow", action="store_true", help="in a range: follow the files through renames")
    native_options(parser)


def _suite(parser: Parser) -> None:
    own = "a file or a package of your own (docs/your-own-suite.md)"
    names = f"{', '.join(suites())}, or {own}"
    parser.add_argument("--suite", metavar="NAME|FILE", help=f"what is demanded: {names} (default: the suite of the series)")


def _budget(parser: Parser) -> None:
    usual, effort = Budget(), Effort()
    parser.add_argument("--check", nargs="+", action="extend", default=[], metavar="ID", help="test these clauses only")
    parser.add_argument(
        "--seeds",
        type=number(1, MOST_SEEDS),
        metavar="N",
        help=f"runs of each program in virtual time, a seed each (default: {usual.timed_seeds})",
    )
    limits = (
        ("--executions", "N", (1, MOST), "executions of each search of a program", effort.executions, DEEP.executions),
        ("--preemptions", "K", (0, MOST_PREEMPTIONS), "largest bound to try where those are too few", effort.preemptions, DEEP.preemptions),
    )
    for option, metavar, bounds, text, default, deep in limits:
        parser.add_argument(option, type=number(*bounds), metavar=metavar, help=f"{text} (default: {default}; deep: {deep})")
    parser.add_argument(
        "--accept-bound",
        type=number(0),
        metavar="K",
        help=f"a program that is exhausted within fewer preemptions only is undecided (default: {effort.accept_bound})",
    )
    parser.add_argument(
        "--model",
        dest="models",
        type=memory_models,
        default=(),
        metavar="M",
        help=f"the memory model, or several with commas, or {ALL_MODELS}; {_MODELS} (default: {USUAL}; counts: {SC})",
    )
    _core(parser, "; with 2014, both are tried, and what only that one fails is told apart: it accuses no patch")
    parser.add_argument("--deep", action="store_true", help="search much further, for hours if need be")


def _core(parser: Parser, more: str = "") -> None:
    text = "the machine's own core: with the barriers that ARM needs, or as Xen's was in 2014; the same under all models but arm"
    parser.add_argument("--core", choices=tuple(CORES), default=MENDED.name, help=f"{text}{more} (default: %(default)s)")


def _github(parser: Parser) -> None:
    annotating = "write annotations for GitHub to stderr, and a summary to the file that GITHUB_STEP_SUMMARY names"
    parser.add_argument("--github", action="store_true", help=annotating)


def _seed(parser: Parser) -> None:
    parser.add_argument(
        "--seed", type=number(0, MOST_SEED), default=0, metavar="N", help="the same seed gives the same results (default: %(default)s)"
    )


def _jobs(parser: Parser) -> None:
    parser.add_argument(
        "--jobs",
        type=number(1, MOST_JOBS),
        default=available_cpus(),
        metavar="N",
        help="worker processes (default: one per CPU, here %(default)s)",
    )


def _cache(parser: Parser) -> None:
    parser.add_argument("--no-cache", action="store_true", help="take no outcome from an earlier run, and keep none for a later one")


def _table(parser: Parser) -> None:
    parser.add_argument(
        "--tablefmt", type=table_format, default="simple", metavar="F", help="table format of tabulate (default: %(default)s)"
    )
    width_option(parser)
