"""The suite of litmus programs as a table."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace

from harness.litmus import litmus_programs, litmus_suite
from harness.litmus.litmus_suite import KINDS, PROGRAMS, SUITE, TABLE
from harness.verify.deepening import Effort

# What `litmus_programs` has next to the programs: its own tools.
TOOLS = {"arranging", "executed"}


def test_the_suite_has_no_stages() -> None:
    """Nothing is measured, and every clause has programs."""
    assert (SUITE.has_stages, SUITE.probes, dict(SUITE.loads), SUITE.kinds) == (False, (), {}, KINDS)
    assert list(SUITE.clauses) == [each.id for each in TABLE]
    assert all(each.programs and each.kinds == KINDS for each in TABLE)


def test_every_program_is_known_and_within_the_usual_budget() -> None:
    """None of them is left to `--deep`, and each has a name of its own."""
    assert all(program.known is not None and program.known.traces <= Effort().executions for program in PROGRAMS)
    assert len({program.name for program in PROGRAMS}) == len(PROGRAMS) == 47


def unlisted(source: ModuleType, used: object) -> set[str]:
    """The arrangements that one module defines and another does not name."""
    own = {name for name, value in vars(source).items() if getattr(value, "__module__", "") == source.__name__}
    return {name for name in own if name.islower() and name not in vars(used)} - TOOLS


def test_every_arrangement_is_listed() -> None:
    """One that no clause has is a mistake."""
    assert unlisted(litmus_programs, litmus_suite) == set()
    assert unlisted(litmus_programs, SimpleNamespace()) >= {"sb", "ab_ba", "counter"}
