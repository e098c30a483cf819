"""How the command line wants tables and executions shown: width, everything or not, colours."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from dataclasses import dataclass

from harness.cli.option_values import number
from harness.report.looks import Looks
from harness.report.table_format import TableFormat

AUTO, ALWAYS, NEVER = "auto", "always", "never"
# Words of that length there are everywhere, and more than a screen is wide makes no difference.
NARROWEST, WIDEST = 40, 10_000


@dataclass(frozen=True)
class LooksRequest:
    """The options; without a width, the terminal's counts."""

    width: int | None = None
    everything: bool = False
    color: str = AUTO

    def looks(self, tablefmt: str, most: int | None = None) -> Looks:
        """What they come to, where stdout is now."""
        return Looks(self.width or terminal_width(), self.everything, self._in_colours(), most, tablefmt)

    def _in_colours(self) -> bool:
        """As asked for; else on a terminal that understands it, unless the environment says that nobody wants any."""
        if self.color != AUTO:
            return self.color == ALWAYS
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width() -> int | None:
    """Of the terminal, or what `COLUMNS` says; a file and a pipe have none."""
    if not (sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal()):
        return None
    columns = shutil.get_terminal_size().columns
    return min(max(columns, NARROWEST), WIDEST)


def fit_tables(options: argparse.Namespace) -> None:
    """Have the tables of a command know how wide they may be, if it has any."""
    if "tablefmt" in options:
        options.tablefmt = TableFormat(options.tablefmt, options.width or terminal_width())


def width_option(parser: argparse.ArgumentParser) -> None:
    """Add the option."""
    width = "columns that tables and executions are shown in (default: the terminal's, or COLUMNS)"
    parser.add_argument("--width", type=number(NARROWEST, WIDEST), metavar="N", help=width)


def looks_options(parser: argparse.ArgumentParser) -> None:
    """Add the options, but for `width_option`."""
    parser.add_argument(
        "--all", dest="everything", action="store_true", help="show the common set-up and the machine's own work as well, row by row"
    )
    parser.add_argument("--color", choices=(AUTO, ALWAYS, NEVER), default=AUTO, help="colours (default: on a terminal, without NO_COLOR)")
