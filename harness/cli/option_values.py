"""What the words of options stand for: numbers, table formats, memory models. What is wrong with a word is said as argparse wants it."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from tabulate import tabulate_formats

from harness.explored.models import ENGINES
from harness.suite.whole_numbers import NoSuchNumber, TooLarge, shortened, whole_number

# Nobody waits for the end of more executions.
MOST = 10**9
ALL_MODELS = "all"


def number(least: int, most: int = MOST) -> Callable[[str], int]:
    """A whole number of at least `least` and at most `most`."""

    def convert(text: str) -> int:
        try:
            return whole_number(text, least, most)
        except TooLarge:
            raise argparse.ArgumentTypeError(f"{shortened(text)!r} is more than {most}") from None
        except NoSuchNumber:
            raise argparse.ArgumentTypeError(f"{shortened(text)!r} is not a whole number of at least {least}") from None

    return convert


def numbered_stage(text: str) -> int:
    """The number of a stage; a word that is none may be meant for the series."""
    try:
        return number(0)(text)
    except argparse.ArgumentTypeError as error:
        said = f"{error}; a series or a directory is named by --series" if not text.lstrip("-").isdigit() else str(error)
        raise argparse.ArgumentTypeError(said) from None


def table_format(text: str) -> str:
    """The name of a table format of tabulate."""
    if text not in tabulate_formats:
        raise argparse.ArgumentTypeError(f"unknown table format {shortened(text)!r}: choose one of {', '.join(sorted(tabulate_formats))}")
    return text


def memory_models(text: str) -> tuple[str, ...]:
    """The names of memory models, with commas; each once, in the order of their strength."""
    named = text.split(",")
    for name in named:
        if name not in (*ENGINES, ALL_MODELS):
            raise argparse.ArgumentTypeError(f"unknown memory model {shortened(name)!r}: choose from {', '.join(ENGINES)}, {ALL_MODELS}")
    return tuple(name for name in ENGINES if name in named or ALL_MODELS in named)


def memory_model(text: str) -> str:
    """The name of one memory model."""
    if text not in ENGINES:
        raise argparse.ArgumentTypeError(f"{shortened(text)!r} is not one memory model: choose one of {', '.join(ENGINES)}")
    return text
