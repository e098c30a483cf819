"""The grammar of the command line: commands, options, and what is wrong with a word as soon as it is read."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import NoReturn

from tabulate import tabulate_formats

from harness.cli.catalogue import export, list_all
from harness.cli.errors import UsageError
from harness.cli.measuring import diff, perf
from harness.cli.running import check, run
from harness.conformance.check import Budget
from harness.series.pool import available_cpus

DESCRIPTION = "Tells whether every stage of a patch series keeps its contract, how fast it is, and what changed from stage to stage."


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse a command line; `command` of the result is the function to call with it."""
    return _parser().parse_args(arguments)


def number(least: int) -> Callable[[str], int]:
    """A whole number of at least `least`."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return value

    return convert


def table_format(text: str) -> str:
    """The name of a table format of tabulate."""
    if text not in tabulate_formats:
        raise argparse.ArgumentTypeError(f"unknown table format {text!r}: choose one of {', '.join(sorted(tabulate_formats))}")
    return text


def _parser() -> Parser:
    parser = Parser(prog="harness", description=DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"harness {version('series-harness')}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)

    def command(name: str, function: Callable[[argparse.Namespace], int], *parts: Callable[[Parser], None]) -> Parser:
        summary = (function.__doc__ or "").splitlines()[0].rstrip(".")
        added = subparsers.add_parser(name, help=summary, description=function.__doc__, allow_abbrev=False)
        added.set_defaults(command=function)
        for part in parts:
            part(added)
        return added

    command("list", list_all, _table)
    running = command("run", run, _stages, _series, _budget, _seed, _jobs, _table)
    running.add_argument("--json", metavar="FILE", help="write the results as JSON, see docs/json.md")
    running.add_argument("--junit", metavar="FILE", help="write the verdicts as JUnit XML")
    running.add_argument("--no-perf", action="store_true", help="leave out the performance scenario")
    checking = command("check", check, _budget, _seed, _jobs, _table)
    checking.add_argument("file", metavar="FILE", help="a Python module that is a stage")
    checking.add_argument("--kind", metavar="KIND", help="test this kind of tasklet only")
    comparing = command("diff", diff, _series, _jobs, _table)
    comparing.add_argument("pair", nargs="*", metavar="STAGE", help="two stages: their numbers, or files")
    comparing.add_argument("--all", action="store_true", help="every stage against the one before")
    command("perf", perf, _stages, _series, _seed, _jobs, _table)
    _series_parser(subparsers)
    return parser


def _series_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    series = subparsers.add_parser("series", help="work with a series as a whole", allow_abbrev=False)
    actions = series.add_subparsers(metavar="ACTION", required=True, parser_class=Parser)
    exporting = actions.add_parser("export", help="make a git repository of a series", description=export.__doc__, allow_abbrev=False)
    exporting.add_argument("directory", metavar="DIR", help="must not exist, or be empty")
    _series(exporting)
    exporting.set_defaults(command=export)


def _stages(parser: Parser) -> None:
    parser.add_argument("stages", nargs="*", type=number(0), metavar="STAGE", help="stage numbers (default: all)")


def _series(parser: Parser) -> None:
    parser.add_argument("--series", default="fixed", metavar="NAME", help="the series (default: %(default)s; see `harness list`)")


def _budget(parser: Parser) -> None:
    usual = Budget()
    seeds, executions = "seeds of the timed engine", "sampled interleavings of each kind"
    parser.add_argument("--check", nargs="+", action="extend", default=[], metavar="ID", help="test these clauses only")
    parser.add_argument("--seeds", type=number(1), default=usual.timed_seeds, metavar="N", help=f"{seeds} (default: %(default)s)")
    parser.add_argument("--executions", type=number(1), default=usual.executions, metavar="N", help=f"{executions} (default: %(default)s)")


def _seed(parser: Parser) -> None:
    parser.add_argument(
        "--seed", type=number(0), default=0, metavar="N", help="the same seed gives the same results (default: %(default)s)"
    )


def _jobs(parser: Parser) -> None:
    parser.add_argument(
        "--jobs", type=number(1), default=available_cpus(), metavar="N", help="worker processes (default: one per CPU, here %(default)s)"
    )


def _table(parser: Parser) -> None:
    parser.add_argument(
        "--tablefmt", type=table_format, default="simple", metavar="F", help="table format of tabulate (default: %(default)s)"
    )
