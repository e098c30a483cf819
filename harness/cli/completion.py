"""The commands `completion` and `man`, which tell shells and readers what words there are; and what `--version` says."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from importlib.metadata import version
from platform import python_version
from typing import Any, NoReturn

from tabulate import tabulate_formats

from harness.cli.completion_scripts import SCRIPTS, Values
from harness.cli.exit_codes import GOOD
from harness.cli.grammar import grammar_of
from harness.cli.man_page import man_page
from harness.cli.option_values import ALL_MODELS
from harness.explored.models import ENGINES
from harness.jobs.deciding_code import DecidingCode, UnknownCode
from harness.measure.costs import PROFILES
from harness.measure.loads_of_suite import loads_named
from harness.measure.settings import LOCKS
from harness.suite.registry import suite_named, suites
from stages import SERIES
from stages.api import DEFAULT_SUITE

DIGITS = 10
VERSIONS = (
    "show the versions of the harness and of the suites, and the cache key: a hash of the code that decides verdicts, and of the Python "
    "and the libraries that execute it (on a page of `run --html`, the hash of the deciding code is without these)"
)


@dataclass(frozen=True)
class GrammarRequest:
    """The parser of the whole command line, and the shell, if one was named."""

    parser: argparse.ArgumentParser
    shell: str = ""


def completion(request: GrammarRequest) -> int:
    """Print a script that completes the words of `harness` in a shell."""
    print(SCRIPTS[request.shell](grammar_of(request.parser), _values()), end="")
    return GOOD


def man(request: GrammarRequest) -> int:
    """Print the manual page, for `man -l -`."""
    print(man_page(grammar_of(request.parser)), end="")
    return GOOD


def _values() -> Values:
    """What words may be that no parser knows: what there is depends on suites and series."""
    suite = suite_named(DEFAULT_SUITE)
    clauses = tuple(suite.clauses)
    return {
        "--check": clauses,
        "CLAUSE": clauses,
        "--kind": tuple(suite.kinds),
        "--series": tuple(SERIES),
        "SERIES|RANGE": tuple(SERIES),
        "--suite": tuple(suites()),
        "--model": (*ENGINES, ALL_MODELS),
        "--tablefmt": tuple(tabulate_formats),
        "--scenario": tuple(loads_named(suite.name)),
        "--topology": tuple(PROFILES),
        "--lock": tuple(LOCKS),
    }


class VersionAction(argparse.Action):
    """Print the versions of the harness and of the suites, and the key of what is kept in the cache; then exit."""

    def __init__(self, option_strings: list[str], dest: str, **rest: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=VERSIONS)

    def __call__(self, *_: object) -> NoReturn:
        print(versions())
        sys.exit(GOOD)


def versions() -> str:
    """A line each."""
    covers = f"the code that decides verdicts, Python {python_version()}, greenlet {version('greenlet')}, other libraries"
    return "\n".join([f"harness {version('series-harness')}", f"cache key {_cache_key()}: {covers}", *map(_suite, suites())])


def _cache_key() -> str:
    """The beginning of the hash of all that decides what comes of a job: where it is the same, verdicts are, and kept ones are taken."""
    try:
        return DecidingCode(DEFAULT_SUITE).digest[:DIGITS]
    except UnknownCode:
        return "unknown"


def _suite(name: str) -> str:
    distribution = suites()[name].dist
    return f"suite {name} {'of no distribution' if distribution is None else f'{distribution.version} ({distribution.name})'}"
