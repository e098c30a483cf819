"""The programs of the table of `harness litmus`, under the names that they have there: those of the suite, and some more.

What more there is is published under weak models only, or not all of its executions are counted.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from harness.explored.models import SC
from harness.litmus.files.litmus_file import parse_litmus
from harness.litmus.files.python_code import program_of
from harness.litmus.litmus_programs import NO_STAGE, THREADS, Arrange, executed
from harness.litmus.litmus_suite import PROGRAMS
from harness.litmus.published_counts import PUBLISHED, published
from harness.litmus.weak_programs import GAVE_UP, peterson
from harness.search.search import Execute
from harness.suite.program import Known, Program

# A program with more executions than these is run if it is asked for.
LARGE = 500
# These have few, but long ones.
LONG = ("indexer", "filesystem")


@dataclass(frozen=True)
class TableProgram:
    """A row of the table. `complete`: only executions in which no thread gives up count."""

    name: str
    execute: Execute
    known: Known | None = None
    complete: bool = False

    @property
    def is_large(self) -> bool:
        """Whether it is left out unless it is asked for."""
        counts = (published(self.name, self.known, SC) or 0, *PUBLISHED.get(self.name, {}).values())
        return max(counts) > LARGE or self.name.startswith(LONG)

    def counts(self, final: Hashable) -> bool:
        """Whether an execution with this final state counts."""
        return not (self.complete and isinstance(final, tuple) and GAVE_UP in final)


# Each process of a program that is written as the kernel writes it.
IN_C = {
    "MP rel/acq": ("WRITE_ONCE(*x, 1); smp_store_release(y, 1);", "r0 = smp_load_acquire(y); r1 = READ_ONCE(*x);"),
    "MP wmb/rmb": ("WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1);", "r0 = READ_ONCE(*y); smp_rmb(); r1 = READ_ONCE(*x);"),
    # What reads the flag changes it without returning a value.
    "MP+xchg with set_bit reader": ("WRITE_ONCE(*x, 1); r0 = xchg(y, 1);", "atomic_or(2, y); r1 = READ_ONCE(*x);"),
    "IRIW+acq": (
        "WRITE_ONCE(*x, 1);",
        "r0 = smp_load_acquire(x); r1 = smp_load_acquire(y);",
        "r0 = smp_load_acquire(y); r1 = smp_load_acquire(x);",
        "WRITE_ONCE(*y, 1);",
    ),
    "IRIW+mbs": (
        "WRITE_ONCE(*x, 1);",
        "r0 = READ_ONCE(*x); smp_mb(); r1 = READ_ONCE(*y);",
        "r0 = READ_ONCE(*y); smp_mb(); r1 = READ_ONCE(*x);",
        "WRITE_ONCE(*y, 1);",
    ),
    "WRC rel/acq": (
        "WRITE_ONCE(*x, 1);",
        "r0 = READ_ONCE(*x); smp_store_release(y, 1);",
        "r0 = smp_load_acquire(y); r1 = READ_ONCE(*x);",
    ),
    "ISA2 rel/acq": (
        "WRITE_ONCE(*x, 1); smp_store_release(y, 1);",
        "r0 = smp_load_acquire(y); smp_store_release(z, 1);",
        "r0 = smp_load_acquire(z); r1 = READ_ONCE(*x);",
    ),
}

# What programs are called elsewhere.
ALIASES = {
    "Dekker": "Dekker, no fence",
    "Dekker+mb": "dekker_f",
    "Peterson": "Peterson, complete",
    "Peterson+mb": "Peterson+mb, complete",
    "ROWE": "ROWE_1",
    "locked counter 2×2": "locked 2×2",
    "locked counter 3×2": "locked 3×2",
}


def _in_c(bodies: tuple[str, ...]) -> Arrange:
    processes = [f"P{number}(int *x, int *y, int *z) {{ int r0; int r1; {body} }}" for number, body in enumerate(bodies)]
    return program_of(parse_litmus("\n".join(["C program", "{}", *processes, "forall (true)"])))


def _of_suite(program: Program) -> TableProgram:
    return TableProgram(program.name, lambda engine: program.execute(NO_STAGE, THREADS, engine), program.known)


def table_programs() -> dict[str, TableProgram]:
    """All of them by name: those of the published table in its order, then the other ones of the suite."""
    found = {program.name: _of_suite(program) for program in PROGRAMS}
    for name, fence in (("Peterson, complete", False), ("Peterson+mb, complete", True)):
        found[name] = TableProgram(name, executed(peterson(fence)), complete=True)
    for name, bodies in IN_C.items():
        found[name] = TableProgram(name, executed(_in_c(bodies)))
    return {name: found[name] for name in (*PUBLISHED, *(name for name in found if name not in PUBLISHED))}


def named(programs: Mapping[str, TableProgram], word: str) -> TableProgram | None:
    """The program that somebody calls so; small letters, `_` for a space and `x` for × will do."""
    plain = {_plain(name): name for name in (*programs, *ALIASES)}
    name = plain.get(_plain(word))
    return None if name is None else programs[ALIASES.get(name, name)]


def _plain(name: str) -> str:
    return name.lower().replace("_", " ").replace("×", "x")
