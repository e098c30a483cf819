"""How `harness` is told to stop, by Ctrl-C, SIGTERM or SIGHUP: from its first moment to its last, once or again and again.

Each of these raises `KeyboardInterrupt` in the main thread, until all is done and said. This is called before what takes long is imported:
so this module imports only what is there by then, or soon.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Where output goes.
OUTPUT = (1, 2)
# As in `harness.cli.exit_codes`.
STOPPED = 130
# No cleaning up takes as long.
AGAIN_SECONDS = 0.02


class Stopping:
    """What signals do to this process, and what was said of that."""

    def __init__(self) -> None:
        # Why the command ends early is said by now: there is one line about it, however often it is told to stop.
        self.told = False
        # All is done and said: nothing is raised any more.
        self.over = False
        self._main = 0

    def listen(self) -> None:
        """Be interrupted by these signals. Who ignores one of the first two (behind `&`, under `nohup`) goes on ignoring it."""
        self._main = _thread.get_ident()
        for number in (signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self.interrupt)
        signal.signal(signal.SIGTERM, self.interrupt)
        sys.unraisablehook = again_if_interrupted

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        """A signal has come."""
        if self.over:
            # What is still to be written has no reader, or has had its time.
            _drop(OUTPUT)
        elif _is_telling(frame):
            # What is raised there is told to everybody, and lost.
            self.again()
        else:
            raise KeyboardInterrupt

    def again(self) -> None:
        """Be interrupted once more, soon, whoever has the timers and their signals now."""
        _thread.start_new_thread(self._repeat, ())

    def _repeat(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        time.sleep(AGAIN_SECONDS)
        signal.pthread_kill(self._main, signal.SIGTERM)

    def tell(self, message: str) -> int:
        """Say in one line why the command ends early, unless that was said; return the exit code of what was interrupted."""
        if not self.told:
            self.told = True
            try:
                # As one piece: one more signal may come in between.
                sys.stderr.write(f"harness: {message}\n")
            except (OSError, ValueError):
                # There is nobody who can be told.
                return STOPPED
        return STOPPED

    @staticmethod
    def caused(error: BaseException) -> bool:
        """Whether an exception came about while an interrupt was on its way: then it says nothing of its own."""
        found: BaseException | None = error
        while found is not None and not isinstance(found, KeyboardInterrupt):
            found = found.__context__
        return found is not None

    @staticmethod
    def drop_unread() -> None:
        """Have output go nowhere that would have to wait for its reader: nobody waits who has told us to stop."""
        import select

        try:
            _drop({*OUTPUT}.difference(select.select([], OUTPUT, [], 0)[1]))
        except (OSError, ValueError):
            # There is none.
            return

    @staticmethod
    def ignore() -> None:
        """Let nothing that comes from now on end this process: while Python ends, it puts back what the system does at a signal."""
        for number in (*SIGNALS, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        # An interrupt in code that was executed as a string (that of a dataclass, say) has Python end itself by SIGINT, whoever has caught
        # it; but for that, only the last string counts.
        exec("")


stopping = Stopping()


def again_if_interrupted(lost: sys.UnraisableHookArgs) -> None:
    """Have an interrupt that has come while Python was cleaning up, where it goes no further, come again."""
    if lost.exc_type is KeyboardInterrupt:
        stopping.again()
    else:
        sys.__unraisablehook__(lost)


def _is_telling(frame: FrameType | None) -> bool:
    """Whether Python is just about to say of an exception that it is lost."""
    while frame is not None and frame.f_code is not again_if_interrupted.__code__:
        frame = frame.f_back
    return frame is not None


def _drop(numbers: Iterable[int]) -> None:
    """Have what is not written yet to these files go nowhere."""
    for number in numbers:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
        except OSError:
            return


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Have signals wait: for what is short, and must not be done by half. No process may be started here: it would never hear of them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
