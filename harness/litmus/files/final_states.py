"""What the end of an execution of a litmus file is to the condition of the file."""

from __future__ import annotations

from harness.litmus.files.final_condition import FORALL, NEVER_EXISTS, FinalState
from harness.litmus.files.litmus_file import LitmusFile


def state_of(file: LitmusFile, final: object) -> FinalState:
    """What a file looks at in the end, given what its program has observed."""
    assert isinstance(final, tuple)
    return dict(zip(file.condition.watched, final, strict=True))


def satisfies(file: LitmusFile, state: FinalState) -> bool:
    """Whether the condition's proposition holds in a final state."""
    return file.condition.proposition.holds(state)


def forbidden(file: LitmusFile, state: FinalState) -> bool:
    """Whether the file says that no execution ends so. (One that does not satisfy an `exists` says nothing.)"""
    quantifier = file.condition.quantifier
    return satisfies(file, state) if quantifier == NEVER_EXISTS else quantifier == FORALL and not satisfies(file, state)


def judged_state(file: LitmusFile, state: FinalState) -> str:
    """What a final state is to the condition, as a sentence."""
    condition = file.condition
    does = "satisfies" if satisfies(file, state) else "violates" if condition.quantifier == FORALL else "does not satisfy"
    return f"the final state {does} ({condition.proposition})"
