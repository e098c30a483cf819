"""The series `fixed` in C: the same patches as kernel-style C, a directory for each stage, with its file and its header."""

from __future__ import annotations

from dataclasses import replace

from stages.api import Series, Stage
from stages.fixed import FIXED

FILE = "tasklet.c"
HEADERS = ("include/xen/tasklet.h",)


def _in_c(stage: Stage) -> Stage:
    """The same step in C."""
    return replace(stage, module=f"stages/c/{stage.module.rpartition('.')[2]}/{FILE}", headers=HEADERS)


FIXED_C = Series(
    "fixed-c",
    "the series `fixed` in C: kernel-style files, operation by operation what the Python stages do",
    tuple(map(_in_c, FIXED.stages)),
    suite=FIXED.suite,
    file=FILE,
    accepted=FIXED.accepted,
)
