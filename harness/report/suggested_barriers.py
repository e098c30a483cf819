"""A suggestion of barriers as text: where they have to stand, what that was tried with, and what it does not say."""

from __future__ import annotations

from harness.verify.conclusions import count_of
from harness.verify.suggest_in_worker import FAILS_UNDER_SC, FOUND, NO_FAILURE, NONE_HELPS, Suggestion


def suggestion_text(found: Suggestion, what: str, file: str, model: str) -> str:
    """Some lines, each with a newline; `what` is to pass, `file` is the stage's."""
    if found.ended == FAILS_UNDER_SC:
        return f"no barrier helps: {found.about} fails under sc too, where no barrier is missing\n"
    if found.ended == NONE_HELPS:
        return f"no barrier helps: {found.about} fails under {model} with smp_mb() wherever one could stand in {file}\n"
    tried = f"tried: {count_of(found.sets, 'set')} of barriers, {count_of(found.executions, 'execution')}\n"
    if found.ended == NO_FAILURE:
        return f"no barrier is suggested: {what} does not fail again\n{tried}"
    if found.ended != FOUND:
        return f"no barriers were found with which {what} passes under {model}: {found.about}\n{tried}"
    return f"{_barriers(found, what, file, model)}{_checked(found)}{tried}"


def _barriers(found: Suggestion, what: str, file: str, model: str) -> str:
    passes = "passes" if not found.open_ends else "has not failed"
    head = f"{what}: {passes} under {model} with {count_of(len(found.barriers), 'barrier')} more, and fails with fewer\n"
    return head + "".join(f"  {each.place} of {file}: {each.kind}()\n      {each.text}\n" for each in found.barriers)


def _checked(found: Suggestion) -> str:
    exhausted = found.programs - len(found.open_ends)
    head = f"checked: every interleaving of {exhausted} of {count_of(found.programs, 'program')}, each counted once for each kind\n"
    return head + "".join(f"  not of {end}\n" for end in found.open_ends)
