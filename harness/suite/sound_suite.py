"""What is wrong with a suite that somebody has made: found before anything is tested with it, and said in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.suite.clause import NO_RACES, Clause
from harness.suite.load import Load
from harness.suite.probe import Probe
from harness.suite.program import Program
from harness.suite.suite import Suite


def problem_of(suite: Suite) -> str:
    """The first thing that is wrong, in words that follow the place; nothing if the suite is sound."""
    return next(_problems(suite), "")


def _problems(suite: Suite) -> Iterator[str]:
    if not _is_word(suite.name):
        yield f"name {suite.name!r} has to be a text"
    if not isinstance(suite.kinds, tuple) or not suite.kinds or not all(map(_is_word, suite.kinds)):
        yield f'kinds {suite.kinds!r} has to be a tuple of texts, such as ("any",)'
    if not isinstance(suite.clauses, Mapping) or not suite.clauses:
        yield "names no clause: clauses has to be a mapping of clauses by their ids, see `harness.suite.by_id`"
    for name, clause in suite.clauses.items():
        yield from _about_clause(name, clause, suite)
    if not all(isinstance(probe, Probe) for probe in suite.probes):
        yield "probes has to be a tuple of Probe"
    if not all(isinstance(load, Load) for load in suite.loads.values()):
        yield "loads has to be a mapping of Load by their names"
    if not callable(suite.lacks):
        yield "lacks has to be a function of a module"


def _about_clause(name: object, clause: object, suite: Suite) -> Iterator[str]:
    if not isinstance(clause, Clause):
        yield f"clause {name!r} has to be a Clause"
        return
    if clause.id != name or not _is_word(name):
        yield f"clause {clause.id!r} is called {name!r}: one name, a text"
    if not clause.programs:
        yield f"clause {clause.id} has no programs"
    if not all(isinstance(program, Program) for program in clause.programs):
        yield f"clause {clause.id} has something else than programs: is `@program()` missing?"
        return
    names = [program.name for program in clause.programs]
    if len(set(names)) < len(names) and clause.id != NO_RACES:
        yield f"clause {clause.id} has two programs of one name"
    for program in clause.programs:
        strange = set(program.kinds) - set(suite.kinds)
        if strange or not program.kinds:
            yield f"program {program.name} is for kinds {sorted(program.kinds)}, and the suite tests {', '.join(suite.kinds)}"
    if not clause.kinds or set(clause.kinds) - set(suite.kinds):
        yield f"clause {clause.id} is for kinds {sorted(clause.kinds)}, and the suite tests {', '.join(suite.kinds)}"


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
