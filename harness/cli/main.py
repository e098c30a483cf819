"""Runs one command and turns whatever happens into an exit code and at most one line on stderr."""

from __future__ import annotations

import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType

from harness.cli.arguments import parse
from harness.cli.exit_codes import CHECK_USAGE, INTERRUPTED, NO_READER, USAGE, HarnessFault, UsageError
from harness.jobs.server_link import NoWorkers
from harness.suite.program import SuiteMistake
from harness.suite.registry import UnknownSuite
from harness.suite.whole_numbers import shortened

# The longest word of a message: as long as a path may be.
LONGEST = 4096
# No cleaning up takes as long.
AGAIN_SECONDS = 0.02


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (default: this process's) and return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    wrong = CHECK_USAGE if words[:1] == ["check"] else USAGE
    _listen()
    if arguments is None:
        sys.unraisablehook = again_if_interrupted
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show µ, or a file name that is no text, is no reason to stop.
        sys.stdout.reconfigure(errors="replace")
    try:
        code = parse(words).run()
        sys.stdout.flush()
        return code
    except (UsageError, SuiteMistake, UnknownSuite) as error:
        return _complain(str(error), wrong)
    except BrokenPipeError:
        _drop_output()
        return NO_READER
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except OSError as error:
        _drop_output()
        return _complain(f"the system refuses: {error.strerror or error}", wrong)
    except NoWorkers as error:
        return _complain(f"nothing can be tested here: {error}", wrong)
    except HarnessFault as error:
        return _complain(f"internal error, please report it: {error}", wrong)
    except Exception as error:
        traceback.print_exc()
        return _complain(f"internal error, please report it: {type(error).__name__}: {error}", wrong)


def _listen() -> None:
    """Be interrupted by other signals than Ctrl-C's, too."""
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, _interrupt)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        # Ignored under `nohup`.
        signal.signal(signal.SIGHUP, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def again_if_interrupted(lost: sys.UnraisableHookArgs) -> None:
    """Have an interrupt that has come while Python was cleaning up, where it goes no further, come again."""
    if lost.exc_type is KeyboardInterrupt:
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
    else:
        sys.__unraisablehook__(lost)


def _drop_output() -> None:
    """Forget what is not written yet: Python would try, and complain, once more when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str, code: int) -> int:
    print(f"harness: {' '.join(shortened(word, LONGEST) for word in message.split())}", file=sys.stderr)
    return code
