"""What the tests of a series are called: `SERIES/NUMBER-STAGE::CLAUSE[KIND]`, and which of them a word of the command line means."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from harness.sources.target import Target

UNFIT = re.compile(r"[^\w.+-]+")
# Tests that are about a stage as a whole.
ACROSS = "across-executions"
APPLIES = "every-patch-applies"


@dataclass(frozen=True)
class Case:
    """A test: what the stage at `position` is asked; `model` is empty if there is only one."""

    stage: str
    position: int
    clause: str
    kind: str = ""
    model: str = ""

    @property
    def name(self) -> str:
        """Such as `kill-quiesces[softirq]`, or `kill-quiesces[softirq,tso]` where there are several models."""
        words = ",".join(filter(None, (self.kind, self.model)))
        return f"{self.clause}[{words}]" if words else self.clause

    @property
    def id(self) -> str:
        """Its whole name, which has no path in it."""
        return f"{self.stage}::{self.name}"


def series_id(name: str) -> str:
    """What tests call a series."""
    return UNFIT.sub("_", name).strip("_") or "series"


def stage_id(series: str, target: Target) -> str:
    """What tests call a stage: its number, and what its file is called."""
    short = UNFIT.sub("_", re.sub(rf"^s?0*{target.index}(_|$)", "", _stem(target.module))).strip("_")
    return f"{series_id(series)}/{target.index}{f'-{short}' if short else ''}"


def _stem(module: str) -> str:
    """The last part of the name of a file, or of a module, without a suffix."""
    path = PurePosixPath(module)
    return path.stem if path.suffix in (".c", ".py") or "/" in module else module.rpartition(".")[2]


def means(word: str, case: Case) -> bool:
    """Whether a word of the command line is the test, its stage or its series."""
    return word.rstrip("/") in (case.id, case.stage, case.stage.partition("/")[0])


def meant(word: str, cases: Sequence[Case], here: str, root: str) -> list[Case]:
    """The tests that a word names; pytest shows names as if they were files in `root`, seen from `here`."""
    path, colons, rest = word.partition("::")
    seen = os.path.relpath(os.path.join(here, path), root).replace(os.sep, "/") + colons + rest
    return [case for case in cases if means(word, case) or means(seen, case)]
