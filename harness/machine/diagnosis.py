"""What can go wrong in an execution, as one exception that carries the verdict."""

from __future__ import annotations

import sys
import traceback
from types import FrameType

BUG = "BUG"
ASSERTION = "assertion"
CRASH = "crash"
DEADLOCK = "deadlock"
HANG = "hang"
LIST_CORRUPTION = "list corruption"
LOCK_MISUSE = "lock misuse"
NO_PROGRESS = "no progress"
PRECONDITION = "precondition"
RACE = "data race"

# Code whose frames are never "the place where it happened": the machine itself and the shared-memory types.
INNER = (
    "/harness/machine/",
    "/harness/explored/",
    "/harness/timed/",
    "/harness/search/",
    "/stages/shared_memory.py",
    "/harness/tasklets/testbed.py",
)


class Violation(BaseException):
    """The execution is over: `kind` is one of the constants above, the message says CPU, call and what was violated.

    Not an `Exception`, so that a stage which catches everything does not hide it.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


def where(frame: FrameType | None = None) -> str:
    """Name the innermost place outside the machine, as `file.py:line (function)`."""
    at = frame or sys._getframe(1)
    while at is not None and any(part in at.f_code.co_filename for part in INNER):
        if at.f_back is None:
            return "the machine"
        at = at.f_back
    return f"{at.f_code.co_filename.rpartition('/')[2]}:{at.f_lineno} ({at.f_code.co_name})"


def crash(error: BaseException) -> Violation:
    """Turn an exception that came out of a stage into a verdict that names the innermost line outside the machine."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not any(part in f.filename for part in INNER)]
    place = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno} ({frames[-1].name})" if frames else ""
    detail = str(error).splitlines()[0] if str(error) else ""
    return Violation(CRASH, f"{type(error).__name__}{': ' if detail else ''}{detail}{place}")
