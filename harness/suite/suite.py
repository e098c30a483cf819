"""A suite: what is demanded of every stage of a series, and what is measured on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType

from harness.native.glue import NativeGlue
from harness.suite.clause import Clause
from harness.suite.load import Load
from harness.suite.probe import Probe
from harness.suite.word_names import WordNames

# What a module does that is no stage of a suite: before a colon, and what it lacks.
LACKS = "lacks the API of a stage"


def _lacks_nothing(module: ModuleType) -> str:
    return ""


@dataclass(frozen=True)
class Suite:
    """`kinds`: what every clause is tested for, where that makes sense. `clauses`, by id, in the order of the tables.

    `lacks` says what of the suite's API a module lacks, in words that complete "lacks the API of a stage: "; nothing if it is a stage.
    `has_stages`: whether there is something to test at all; a suite without stages tests the engines themselves.
    """

    name: str
    summary: str
    kinds: tuple[str, ...]
    clauses: Mapping[str, Clause]
    probes: tuple[Probe, ...] = ()
    loads: Mapping[str, Load] = field(default_factory=dict)
    lacks: Callable[[ModuleType], str] = _lacks_nothing
    has_stages: bool = True
    # How to read the values of the words of its stages.
    words: tuple[WordNames, ...] = ()
    # How a stage in C provides the API; None if there can be none.
    native: NativeGlue | None = None
    # Of a suite of one's own, where it is and what it was when it was read (`harness.suite.own_suite`).
    reference: str = ""

    @property
    def found_as(self) -> str:
        """What `suite_named` takes for it, in any process."""
        return self.reference or self.name
