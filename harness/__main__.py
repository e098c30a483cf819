"""Where `harness` and `python -m harness` begin: whatever fails here, or while the rest is imported, is no verdict.

Python itself ends with 1 if a module cannot be imported, and `git bisect run` takes that for "bad". So nothing is imported here, outside
a `try`, that is not there when Python starts.
"""

from __future__ import annotations

import os
import sys

# As in `harness.cli.exit_codes`, which cannot be imported yet.
WRONG = 2
CHECK_WRONG = 128
STOPPED = 130


def main() -> int:
    """Run the command line of this process; return the exit code."""
    wrong = CHECK_WRONG if sys.argv[1:2] == ["check"] else WRONG
    try:
        _open_standard_files()
        try:
            _isolate()
            from harness.cli import main as command
        except SystemExit as error:
            return _complain(f"cannot start: a module exits when it is imported ({error.code})", wrong)
        code = command()
        _ignore_signals()
        return code
    except KeyboardInterrupt:
        _ignore_signals()
        return _complain("interrupted", STOPPED)
    except Exception as error:
        return _complain(f"cannot start: {type(error).__name__}: {error}", wrong)
    finally:
        _write_out()


def _ignore_signals() -> None:
    """Let no Ctrl-C that comes late or twice, and no alarm that was to repeat one, end this process otherwise: all is done and said.

    While Python ends it puts back what the system does at a signal, so an alarm that is still to come would kill the process.
    """
    import signal

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)


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
