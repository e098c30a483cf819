"""The campaign about reduced searches: it notices one that misses executions, and shows a small program of which it does."""

from __future__ import annotations

import pytest

from harness.explored.models import SC
from harness.search.strategies.optimal_dpor import OptimalDpor
from tests.campaign.reductions import COMPARED, DIFFER, LARGE, compared, judge, smallest
from tests.search.random_programs import Program

WRITE, READ = ("write", 0, 1), ("read", 0)
PROGRAM: Program = ([[WRITE, ("locked", 0, [("read", 1), WRITE])], [READ, ("write", 1, 1)]], [("interrupt", 0, [WRITE])])


def test_a_search_that_misses_executions_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never tries another order; a small limit makes the program too large instead."""
    assert judge(SC, "optimal", 1_000)(PROGRAM) == COMPARED
    assert judge(SC, "optimal", 5)(PROGRAM) == LARGE
    monkeypatch.setattr(OptimalDpor, "suggest", lambda *_: None)
    assert judge(SC, "optimal", 1_000)(PROGRAM) == DIFFER
    cpus, device = smallest(PROGRAM, lambda less: judge(SC, "optimal", 1_000)(less) == DIFFER)
    assert sum(map(len, [*cpus, device])) == 2


def test_a_program_is_made_small_inside_of_its_operations_too() -> None:
    """Nothing remains but what makes the difference."""
    assert smallest(PROGRAM, lambda less: "[('read', 1)" in str(less)) == ([[("locked", 0, [("read", 1)])], []], [])


def test_the_same_seed_makes_the_same_programs() -> None:
    """And another one makes others."""
    seen: list[list[Program]] = []
    for seed in (1, 1, 2):
        programs: list[Program] = []
        counts, _ = compared("waits", lambda program, programs=programs: programs.append(program) or COMPARED, 5, seed)  # type: ignore[misc]
        assert counts.total() == len(programs)
        seen.append(programs)
    assert seen[0] == seen[1] != seen[2]
