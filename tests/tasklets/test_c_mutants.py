"""What breaks a stage in Python breaks it in C: the same clauses fail.

All of it takes a quarter of an hour: EVERY_MUTANT=1 in the environment has every break looked at, and what it fails of all clauses.
"""

from __future__ import annotations

import os
from functools import cache

import pytest

from harness.suite.clause import NO_RACES
from harness.tasklets.contract import CLAUSES
from tests.native.in_c import needs_cc
from tests.tasklets.added_mutants import ADDED, MIDWAY
from tests.tasklets.breaking import fails, violated_of
from tests.tasklets.c_added_mutants import C_ADDED, C_MACHINE, C_MIDWAY
from tests.tasklets.c_mutants import C_BREAKS, C_MUTANTS, CMutant, files_of, load
from tests.tasklets.machine_mutants import MACHINE
from tests.tasklets.mutants import BREAKS, MUTANTS, clauses

EVERY = (*C_MUTANTS, *C_BREAKS, *C_ADDED, *C_MIDWAY, *C_MACHINE)
WHOLE = "EVERY_MUTANT" in os.environ
# Otherwise those of which the programs are over in no time.
LOOKED_AT = (
    frozenset(CLAUSES)
    if WHOLE
    else clauses(
        "exactly-once self-reschedule runs-where-asked context fifo one-per-iteration kill-cancels static-declaration nested-softirqs"
        " before-init quiet progress"
    )
)


def identify(mutant: CMutant) -> str:
    """Name a case."""
    return f"{mutant.stage}-{mutant.name.replace(' ', '-')}"


@cache
def failing_unchanged(stage: int) -> set[str]:
    """The clauses that the stage fails as it is, of those that are looked at."""
    return violated_of(load(files_of(stage)), LOOKED_AT)


def test_every_break_is_there_in_c() -> None:
    """In the same stages as in Python, and their texts are there."""
    twins = [mutant.twin for mutant in EVERY]
    assert sorted(map(str, twins)) == sorted(map(str, (*MUTANTS, *BREAKS, *ADDED, *MIDWAY, *MACHINE)))
    for mutant in EVERY:
        assert mutant.files() != files_of(mutant.stage)


@needs_cc
@pytest.mark.parametrize("mutant", C_MUTANTS[:: 1 if WHOLE else 5], ids=identify)
def test_a_break_fails_exactly_what_it_fails_in_python(mutant: CMutant) -> None:
    """No clause misses it, and none fails that speaks of something else."""
    anyway = failing_unchanged(mutant.stage)
    assert violated_of(mutant.build(), LOOKED_AT) - anyway == (mutant.fails & LOOKED_AT) - anyway


@needs_cc
@pytest.mark.parametrize("mutant", EVERY if WHOLE else (C_MACHINE[0], C_MACHINE[-1]), ids=identify)
def test_a_break_fails_the_clauses_that_it_is_about(mutant: CMutant) -> None:
    """At least those."""
    module = mutant.build()
    assert [clause for clause in sorted(mutant.fails) if not fails(module, clause)] == []


@needs_cc
def test_who_links_what_was_killed_races_with_a_look_at_it() -> None:
    """What C code writes is what a program looks at when the kill has returned."""
    (mutant,) = [mutant for mutant in C_MUTANTS if (mutant.name, mutant.stage) == ("skip the dead check", 0)]
    assert NO_RACES in violated_of(mutant.build(), {"kill-quiesces", NO_RACES})
