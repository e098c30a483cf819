"""A clause: one sentence that every stage has to keep, and the programs that test it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.suite.program import Program

# The clause that has no programs of its own: the executions of all others are searched for data races. A suite may have it.
NO_RACES = "no-races"
RACES_SENTENCE = (
    "No two CPUs touch the same plain field or list without ordering between them (happens-before), at least one of them writing. "
    "Fields meant to be read without a lock are read with a marked access."
)


@dataclass(frozen=True)
class Clause:
    """It passes on a stage when every execution of all its programs is fine, for each of its kinds.

    `kinds`: those that at least one of the programs makes sense for, in the order of the suite.
    """

    id: str
    sentence: str
    programs: tuple[Program, ...]
    kinds: tuple[str, ...]

    def programs_for(self, kind: str) -> tuple[Program, ...]:
        """The programs that make sense for `kind`."""
        return tuple(program for program in self.programs if kind in program.kinds)

    def program_named(self, name: str) -> Program:
        """The program with that name; `KeyError` if the clause has none."""
        for program in self.programs:
            if program.name == name:
                return program
        raise KeyError(name)


def clause(name: str, sentence: str, programs: tuple[Program, ...], every_kind: tuple[str, ...]) -> Clause:
    """Make a clause of a suite that tests `every_kind`."""
    kinds = tuple(kind for kind in every_kind if any(kind in program.kinds for program in programs))
    return Clause(name, sentence, programs, kinds)


def no_races(clauses: Sequence[Clause], every_kind: tuple[str, ...]) -> Clause:
    """The clause that every execution of the programs of `clauses` is searched for data races."""
    return clause(NO_RACES, RACES_SENTENCE, tuple(program for each in clauses for program in each.programs), every_kind)


def by_id(*clauses: Clause) -> dict[str, Clause]:
    """The clauses of a suite, in this order; raises `ValueError` if two have one name."""
    found = {each.id: each for each in clauses}
    if len(found) < len(clauses):
        twice = next(each.id for at, each in enumerate(clauses) if each.id in {other.id for other in clauses[:at]})
        raise ValueError(f"two clauses are called {twice!r}")
    return found
