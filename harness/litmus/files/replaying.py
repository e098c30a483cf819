"""An execution of a litmus file as a replay string, and executed again.

The string has the parts of `harness.search.replay_string`: instead of a series, that it is about a litmus file; as the clause, what the
file asks for; as the program, its name; and the hash is that of its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.explored.models import ENGINES
from harness.litmus.files.accesses import BadValue
from harness.litmus.files.final_states import forbidden, judged_state, state_of
from harness.litmus.files.litmus_error import LitmusError
from harness.litmus.files.litmus_file import LitmusFile
from harness.litmus.files.python_code import program_of
from harness.litmus.litmus_programs import THREADS, executed
from harness.search.counterexample import Counterexample, counterexample
from harness.search.natural_order import Deviating
from harness.search.record import deviations_of
from harness.search.replay_string import Replay, encode, source_mark

# No series is called so.
LITMUS_FILE = ".litmus"


@dataclass(frozen=True)
class ReplayedFile:
    """An execution of a file again. `bad`: it came to no end, or to one that the file says there is none."""

    shown: Counterexample
    bad: bool


def replay_string_of(file: LitmusFile, model: str, schedule: Sequence[int], steps: int) -> str:
    """The string with which `replay_file` executes this again."""
    deviations = deviations_of(executed(program_of(file)), schedule, steps, ENGINES[model])
    where = (LITMUS_FILE, 0, file.condition.quantifier, THREADS, file.name)
    return encode(Replay(*where, deviations=deviations, max_steps=steps, source=source_mark(file.content_hash), model=model))


def replay_file(file: LitmusFile, found: Replay) -> ReplayedFile:
    """Execute an execution again, of this file or of what it was then; `LitmusError` if an execution makes no sense."""
    execute, make = executed(program_of(file)), ENGINES[found.model]
    engine = make(Deviating(found.deviations), found.max_steps)
    execute(engine)
    if isinstance(engine.failure, BadValue):
        raise LitmusError(engine.failure.line, engine.failure.message)
    shown = counterexample(execute, engine.schedule, found.max_steps, make)
    if engine.failure is not None or not engine.complete:
        return ReplayedFile(shown, True)
    state = state_of(file, engine.final)
    return ReplayedFile(replace(shown, reason=judged_state(file, state)), forbidden(file, state))
