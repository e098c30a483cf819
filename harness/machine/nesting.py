"""What a process is in the middle of, told by its frames: interrupt handlers, softirqs, and functions that a suite gives a name to.

Only who writes an execution down asks: nothing is kept while a program runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import NamedTuple

from harness.machine.code_places import CodeNotes, CodePlaces
from harness.machine.diagnosis import FOREIGN, INNER, JUDGING

# What the harness itself is made of: nothing that somebody calls a function of his.
HARNESS = CodePlaces(os.path.join(os.path.dirname(os.path.dirname(__file__)), "__init__.py"))

# What the function that takes interrupts is called, for whoever looks for it among `contexts`.
HANDLER = "interrupt handler"

# How the functions are called that others are nested in, given one's frame.
_NESTED: CodeNotes[Callable[[FrameType], str]] = CodeNotes()


def nested(code: CodeType, called: Callable[[FrameType], str]) -> None:
    """Have what runs inside a function of this code be reported as such; `called` names it, from the function's frame."""
    _NESTED[code] = called


class Surroundings(NamedTuple):
    """What a process is in the middle of.

    `contexts`: what it is nested in, the outermost first; `inside` is the frame of the last of these. `entered`: the function of a stage
    that was called from outside in there, and `call` is its frame; "" and None if none was, as where the machine itself is at work.
    """

    contexts: tuple[str, ...] = ()
    inside: FrameType | None = None
    entered: str = ""
    call: FrameType | None = None


def surroundings(frame: FrameType | None = None) -> Surroundings:
    """What the caller is in the middle of."""
    at = frame or sys._getframe(1)
    contexts: list[str] = []
    entered, call, inside = "", None, None
    while at is not None:
        code = at.f_code
        if code in _NESTED:
            contexts.append(_NESTED[code](at))
            inside = inside or at
        elif not contexts and (name := _function(at)):
            entered, call = name, at
        at = at.f_back  # type: ignore[assignment]
    return Surroundings(tuple(reversed(contexts)), inside, entered, call)


def _function(at: FrameType) -> str:
    """The function of a stage that a frame is of, or runs; "" if it is the harness's own, or a suite's."""
    code = at.f_code
    if code in FOREIGN:
        return FOREIGN[code].entered(at)
    judging = any(code.co_filename in places for places in (INNER, HARNESS, JUDGING))
    return "" if judging or code.co_name.startswith("<") else code.co_name
