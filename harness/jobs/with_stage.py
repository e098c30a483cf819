"""Runs something on a stage that is loaded afresh, and tells the stage's faults from the harness's. In worker processes only."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import TypeVar

from harness.jobs.siblings import admitted
from harness.jobs.stage_loading import NeverReturns, NotAStage, describe, load
from harness.sources.target import Target

T = TypeVar("T")


def with_stage(target: Target, function: Callable[[ModuleType], T], compiled: Callable[[ModuleType], CodeType] | None = None) -> T:
    """Call `function` with the stage. An exception that has passed through the stage's code is the stage's fault, any other one is ours."""
    try:
        return function(load(target, compiled))
    except (NotAStage, NeverReturns):
        raise
    except BaseException as error:
        if place := _place(target, error):
            raise NotAStage(f"raises {describe(error)}, {place}") from None
        raise


def _place(target: Target, error: BaseException) -> str:
    """The innermost line of the stage that an exception has passed through, or else of a file beside it; nothing if there is none."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"line {frame.lineno}" for frame in frames if frame.filename == target.path]
    beside = [f"line {frame.lineno} of {os.path.basename(frame.filename)}" for frame in frames if admitted(frame.filename)]
    return (lines or beside or [""])[-1]
