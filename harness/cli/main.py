"""Runs one command and turns whatever happens into an exit code and at most one line on stderr."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence

from harness.cli.arguments import parse
from harness.cli.exit_codes import CHECK_USAGE, NO_READER, USAGE, HarnessFault, UsageError
from harness.jobs.server_link import NoWorkers
from harness.stopping import stopping
from harness.suite.program import SuiteMistake
from harness.suite.registry import UnknownSuite
from harness.suite.whole_numbers import shortened

# The longest word of a message: as long as a path may be.
LONGEST = 4096


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (default: this process's) and return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    wrong = CHECK_USAGE if words[:1] == ["check"] else USAGE
    stopping.told = False
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show µ, or a file name that is no text, is no reason to stop.
        sys.stdout.reconfigure(errors="replace")
    try:
        code = parse(words).run()
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return stopping.tell("interrupted")
    except Exception as error:
        # What fails while everything is being closed says nothing.
        return stopping.tell("interrupted") if stopping.caused(error) else _failed(error, wrong)


def _failed(error: Exception, wrong: int) -> int:
    """Say what has gone wrong; return the exit code."""
    match error:
        case UsageError() | SuiteMistake() | UnknownSuite():
            return _complain(str(error), wrong)
        case BrokenPipeError():
            _drop_output()
            return NO_READER
        case OSError():
            _drop_output()
            return _complain(f"the system refuses: {error.strerror or error}", wrong)
        case NoWorkers():
            return _complain(f"nothing can be tested here: {error}", wrong)
        case HarnessFault():
            return _complain(f"internal error, please report it: {error}", wrong)
    traceback.print_exception(error)
    return _complain(f"internal error, please report it: {type(error).__name__}: {error}", wrong)


def _drop_output() -> None:
    """Forget what is not written yet: Python would try, and complain, once more when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str, code: int) -> int:
    # Who interrupts that need not be told more.
    stopping.told = True
    print(f"harness: {' '.join(shortened(word, LONGEST) for word in message.split())}", file=sys.stderr)
    return code
