"""What a process is in the middle of, told by its frames: interrupt handlers, softirqs, and functions that a suite gives a name to.

Only who writes an execution down asks: nothing is kept while a program runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import CodeType, FrameType

from harness.machine.code_places import CodePlaces
from harness.machine.diagnosis import FOREIGN, INNER

# What the harness itself is made of: nothing that somebody calls a function of his.
HARNESS = CodePlaces(os.path.join(os.path.dirname(os.path.dirname(__file__)), "__init__.py"))

# How the functions are called that others are nested in, given one's frame.
_NESTED: dict[CodeType, Callable[[FrameType], str]] = {}


def nested(code: CodeType, called: Callable[[FrameType], str]) -> None:
    """Have what runs inside a function of this code be reported as such; `called` names it, from the function's frame."""
    _NESTED[code] = called


def surroundings(frame: FrameType | None = None) -> tuple[tuple[str, ...], str, FrameType | None]:
    """What the caller is nested in, the outermost first, and which function of a stage was entered in the innermost of these.

    That function is the one that was called from outside: "" if none was, as where the machine itself is at work. The frame is its, or else
    that of what the caller is nested in innermost.
    """
    at = frame or sys._getframe(1)
    contexts: list[str] = []
    entered, of_call = "", None
    while at is not None:
        code = at.f_code
        if code in _NESTED:
            contexts.append(_NESTED[code](at))
            of_call = of_call or at
        elif not contexts and (name := _function(at)):
            entered, of_call = name, at
        at = at.f_back  # type: ignore[assignment]
    return tuple(reversed(contexts)), entered, of_call


def _function(at: FrameType) -> str:
    """The function of somebody else's that a frame is of, or runs; "" if it is the harness's own."""
    code = at.f_code
    if code in FOREIGN:
        return FOREIGN[code].entered(at)
    return "" if code.co_filename in INNER or code.co_filename in HARNESS or code.co_name.startswith("<") else code.co_name
