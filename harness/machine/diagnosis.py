"""What can go wrong in an execution, as one exception that carries the verdict."""

from __future__ import annotations

import os
import sys
import traceback
from types import CodeType, FrameType

from harness.machine.code_places import CodeNotes, CodePlaces, is_pythons
from harness.machine.lacking_api import lack_of
from stages import shared_memory

BUG = "BUG"
ASSERTION = "assertion"
CRASH = "crash"
DEADLOCK = "deadlock"
FREED = "freed memory"
HANG = "hang"
LIST_CORRUPTION = "list corruption"
LOCK_MISUSE = "lock misuse"
NO_PROGRESS = "no progress"
PRECONDITION = "precondition"
RACE = "data race"
UNINITIALISED = "uninitialised memory"
# What the message of a violation begins with that is found when nobody does anything any more; else it begins with who it is.
IN_THE_END = "in the end, "
# Nobody can tell what the stage would do: that is no verdict about it.
UNTESTABLE = "untestable"

# What judges is wrong itself: that is no verdict about anybody.
MISTAKE = "mistake"

# An exception may raise another one when it is to be described, and that one may as well.
MOST_ERRORS = 3
# How many frames tell whose recursion it is that has no end.
DEEP = 100

# Where operations of the machine itself are.
THE_MACHINE = "the machine"

# Code whose frames are never "the place where it happened": the machine itself and the shared-memory types. What else runs between a
# stage and the machine says so (`inner`).
INNER = CodePlaces(os.path.dirname(__file__), shared_memory.__file__)


def inner(place: str) -> None:
    """Take the code of a file, or of a package (given its `__init__.py`), for the machine's own: `inner(__file__)`."""
    INNER.add(place)


# Files of suites that their users have made: an exception out of one is a mistake of the suite.
JUDGING = CodePlaces()


def judge(place: str) -> None:
    """Take the code of a file for a suite's."""
    JUDGING.add(place)


class ForeignCode:
    """Code in another language, which a function of Python runs: what there is to know of it, given the frame of that function."""

    def where(self, frame: FrameType) -> str:
        """Where the code is: `file:line (function)`."""
        raise NotImplementedError

    def entered(self, frame: FrameType) -> str:
        """The function that was called from outside."""
        raise NotImplementedError

    def offset(self, frame: FrameType) -> int:
        """A number for where the code is: the same in every process."""
        raise NotImplementedError

    def carried(self, frame: FrameType) -> int | None:
        """A number for what the code's present loop carries into its next turn; None if that would end as this one does."""
        raise NotImplementedError


# The functions that run such code.
FOREIGN: CodeNotes[ForeignCode] = CodeNotes()


def foreign(code: CodeType, known: ForeignCode) -> None:
    """Have frames of `code` stand for what they run."""
    FOREIGN[code] = known


class Violation(BaseException):
    """The execution is over: `kind` is one of the constants above, the message says CPU, call and what was violated.

    Not an `Exception`, so that a stage which catches everything does not hide it.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


class CannotRun(Violation):
    """The execution is over because it cannot be carried on: the message completes "the stage …"."""

    def __init__(self, message: str) -> None:
        super().__init__(UNTESTABLE, message)


class LacksCalled(CannotRun):
    """The execution is over because the stage has another API than the suite calls, or because the suite does not know its names."""


class Mistake(Violation):
    """The execution is over because the suite is wrong: the message says where, and what it has raised."""

    def __init__(self, message: str) -> None:
        super().__init__(MISTAKE, message)


def where(frame: FrameType | None = None) -> str:
    """Name the innermost place outside the machine, as `file.py:line (function)`."""
    at = frame or sys._getframe(1)
    while at is not None and at.f_code.co_filename in INNER:
        if at.f_code in FOREIGN:
            return FOREIGN[at.f_code].where(at)
        if at.f_back is None:
            return THE_MACHINE
        at = at.f_back
    return f"{at.f_code.co_filename.rpartition('/')[2]}:{at.f_lineno} ({at.f_code.co_name})"


def crash(error: BaseException) -> Violation:
    """Turn an exception that came out of a stage into a verdict that names the innermost line outside the machine."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename not in INNER]
    place = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno} ({frames[-1].name})" if frames else ""
    name, detail = described(error)
    said = f"{name}{': ' if detail else ''}{detail}"
    theirs = [frame for frame in frames if not is_pythons(frame.filename)]
    if theirs and (mistaken := mistaken_at(theirs[-1])):
        lack = lack_of(error, JUDGING)
        return LacksCalled(lack.sentence(mistaken, said)) if lack else Mistake(f"{mistaken}: {said}")
    return Violation(CRASH, f"{said}{place}")


def mistaken_at(at: FrameType | traceback.FrameSummary | None) -> str:
    """The line of a suite, in words, if that is the innermost code, Python's own library aside; empty if it is somebody else's."""
    if isinstance(at, FrameType):
        while at is not None and is_pythons(at.f_code.co_filename):
            at = at.f_back
        name, line = (at.f_code.co_filename, at.f_lineno) if at else ("", 0)
    else:
        name, line = (at.filename, at.lineno or 0) if at else ("", 0)
    return f"suite {os.path.basename(name)}:{line}" if name in JUDGING else ""


def overflow(error: RecursionError, process: str) -> Violation:
    """As `crash`, without a line, as another one is the innermost each time; a suite that has gone so deep by itself is wrong."""
    frames = [frame.filename for frame in traceback.extract_tb(error.__traceback__, limit=-DEEP)]
    others = [name for name in frames if name not in JUDGING and name not in INNER and not is_pythons(name)]
    if frames and not others and any(name in JUDGING for name in frames):
        name = min(name for name in frames if name in JUDGING)
        return Mistake(f"suite {os.path.basename(name)}: RecursionError: {error}")
    return Violation(CRASH, f"RecursionError: {error} in {process}")


def described(error: BaseException) -> tuple[str, str]:
    """The class of an exception, and the first line of what it says; what is wrong with that, if the stage's own code says it wrongly."""
    for _ in range(MOST_ERRORS):
        try:
            # What is no `str` of Python's own could do anything later.
            name, text = type.__getattribute__(type(error), "__name__"), str(error)
            return str(name), str.__str__((str.splitlines(text) or [""])[0])
        except BaseException as another:
            error = another
    return "RuntimeError", "an exception that cannot be described"
