"""What a run finds out, as plain data that crosses process boundaries and becomes tables, JSON and JUnit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PASS = "pass"
FAIL = "fail"
ERROR = "error"

# The `kind` of a `Failure` whose test was given up because of an earlier one.
NOT_RUN = "not run"


@dataclass(frozen=True)
class Failure:
    """How a clause failed: the first failing execution, and what it takes to run exactly that one again.

    `engine` is "timed" (then `seed` reproduces it) or "explored" (then `schedule` does: the process numbers, choice by choice).
    """

    kind: str
    message: str
    program: str = ""
    engine: str = ""
    seed: int = 0
    schedule: tuple[int, ...] = ()
    replay: str = ""


@dataclass(frozen=True)
class KindResult:
    """One clause on one stage for one kind of tasklet. `complete`: every interleaving was covered, not a sample."""

    clause: str
    kind: str
    verdict: str
    executions: int
    complete: bool = False
    how: str = ""
    failure: Failure | None = None


@dataclass
class ClauseResult:
    """One clause on one stage, for all the kinds that it makes sense for."""

    clause: str
    kinds: dict[str, KindResult] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """`fail` if any kind fails, else `error` if any could not be tested, else `pass`."""
        verdicts = {result.verdict for result in self.kinds.values()}
        return next((verdict for verdict in (FAIL, ERROR) if verdict in verdicts), PASS)

    @property
    def failing(self) -> list[KindResult]:
        """The kinds that do not pass, worst first."""
        bad = [result for result in self.kinds.values() if result.verdict != PASS]
        return sorted(bad, key=lambda result: result.verdict != FAIL)


@dataclass
class StageResult:
    """Everything about one stage."""

    index: int
    title: str
    module: str
    clauses: dict[str, ClauseResult] = field(default_factory=dict)
    behaviour: dict[str, Any] = field(default_factory=dict)
    performance: dict[str, Any] = field(default_factory=dict)
