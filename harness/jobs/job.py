"""A unit of work on one stage, by value: nothing that it says refers to a file, a process or a machine.

So equal jobs have equal results wherever they run, and `Job.digest` can stand for the job: as the key of a cache, for instance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property

from harness.explored.models import SC
from harness.jobs.executed_name import executed_name
from harness.sources.target import Target

# Changes when jobs mean something else than before, or are encoded in another way.
FORMAT = 5

# The part of a job that only sees that there is a stage.
LOAD = "load"


@dataclass(frozen=True)
class Job:
    """What to find out about a stage.

    `part` is a clause, or a word of the room that carries the job out. `kind` and `program` narrow a clause down, `engine` names the one to
    run it on; empty, they mean all. `budget` is how far to go, or any other plain data that the room needs.
    """

    target: Target
    part: str
    kind: str = ""
    program: str = ""
    engine: str = ""
    model: str = SC
    budget: object = None
    seed: int = 0

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.part} {self.kind}".rstrip()

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of everything that the result depends on: the same on every machine, Python version and run.

        Where the stage has its place in a series does not belong to that, nor does the name of its file, unless the stage may see it.
        Nor does whether it is `alone`: the outcome of a stage that has asked for others is not kept (`harness.jobs.foreign_modules`).
        """
        target = self.target
        stage = (executed_name(target), target.content_hash, target.problem, target.suite, target.native)
        demanded = (self.part, self.kind, self.program, self.engine, self.model, self.budget, self.seed)
        return hashlib.sha256(b"".join(encoded((FORMAT, stage, demanded)))).hexdigest()


def encoded(value: object) -> Iterator[bytes]:
    """Plain data as bytes, no two values alike; raises `TypeError` for what is no plain data."""
    if value is None or isinstance(value, bool | int):
        yield f"{value};".encode()
    elif isinstance(value, float):
        yield f"{value.hex()};".encode()
    elif isinstance(value, str | bytes):
        text = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
        yield f"{type(value).__name__}{len(text)}:".encode() + text
    elif isinstance(value, tuple | list):
        yield from _row("(", value)
    elif isinstance(value, Mapping):
        yield from _row("{", sorted(b"".join(encoded(item)) for item in value.items()))
    elif is_dataclass(value) and not isinstance(value, type):
        yield from _row(type(value).__name__, [(field.name, getattr(value, field.name)) for field in fields(value)])
    else:
        raise TypeError(f"{type(value).__name__} is no plain data")


def _row(head: str, values: Sequence[object]) -> Iterator[bytes]:
    yield f"{head}{len(values)}:".encode()
    for value in values:
        yield from encoded(value)
