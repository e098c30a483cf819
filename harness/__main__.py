"""Where `harness` and `python -m harness` begin: whatever fails here, or while the rest is imported, is no verdict.

Python itself ends with 1 if a module cannot be imported, and `git bisect run` takes that for "bad". So nothing is imported here, outside
a `try`, that is not there when Python starts.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.stopping import Stopping

# As in `harness.cli.exit_codes`, which cannot be imported yet.
WRONG = 2
CHECK_WRONG = 128
STOPPED = 130


def main() -> int:
    """Run the command line of this process; return the exit code."""
    wrong = CHECK_WRONG if sys.argv[1:2] == ["check"] else WRONG
    try:
        _open_standard_files()
        _isolate()
        from harness.stopping import stopping

        return _run(stopping, wrong)
    except KeyboardInterrupt:
        # Before anybody listens.
        return _complain("interrupted", STOPPED)
    except Exception as error:
        return _complain(f"cannot start: {type(error).__name__}: {error}", wrong)
    finally:
        _write_out()


def _run(stopping: Stopping, wrong: int) -> int:
    """Run the command. However often it is told to stop, it says so once: Python looks for no signal between its end and `over`."""
    try:
        stopping.listen()
        code = _command(wrong)
        stopping.over = True
    except KeyboardInterrupt:
        stopping.over = True
        code = stopping.tell("interrupted")
    except Exception as error:
        stopping.over = True
        cause = f"cannot start: {type(error).__name__}: {error}"
        code = stopping.tell("interrupted") if stopping.caused(error) else _complain(cause, wrong)
    if code == STOPPED:
        stopping.drop_unread()
    _write_out()
    stopping.ignore()
    return code


def _command(wrong: int) -> int:
    try:
        from harness.cli import main as command
    except SystemExit as error:
        return _complain(f"cannot start: a module exits when it is imported ({error.code})", wrong)
    return command()


def _isolate() -> None:
    from harness.isolation import isolate, without_here

    isolate(without_here())


def _open_standard_files() -> None:
    """Have files for stdin, stdout and stderr that are closed: otherwise the next file that is opened takes that place."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _write_out() -> None:
    """Write what is still to be written, or drop it: Python would end with 120 if it could not do that at the end."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def _complain(message: str, code: int) -> int:
    try:
        print(f"harness: {' '.join(message.split())}", file=sys.stderr)
    except (OSError, ValueError):
        # There is nobody who can be told.
        return code
    return code


if __name__ == "__main__":
    sys.exit(main())
