"""Which local variables a loop carries from one turn into the next, told by the bytecode of a function.

A loop that carries nothing does the same in each turn, as long as it reads the same from memory: so when it says that it waits, nothing
else has to be looked at. That is so for nearly every loop that waits.
"""

from __future__ import annotations

import dis
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from types import CodeType

ENDS = ("RETURN_", "RAISE_VARARGS", "RERAISE")
# Jumps that are always taken; all others may go on with what follows.
ALWAYS = frozenset({"JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_ABSOLUTE"})
JUMPS = frozenset({*dis.hasjrel, *dis.hasjabs})


@dataclass(frozen=True)
class Carried:
    """Of the loops that an instruction is in: the variables that they set and may read before they set them again, and all that they read.

    `counted`: one of them is a `for`, whose iterator is no variable.
    """

    names: frozenset[str]
    read: frozenset[str]
    counted: bool = False


NOTHING = Carried(frozenset(), frozenset())


@lru_cache(maxsize=1024)
def carried_at(code: CodeType, offset: int) -> Carried:
    """What the loops around the instruction at `offset` carry when that has been executed."""
    instructions = {each.offset: each for each in dis.get_instructions(code)}
    offsets = sorted(instructions)
    # During a call, a frame may stand in what follows the instruction and is none.
    offset = offsets[bisect(offsets, offset) - 1]
    follows = dict(pairwise(offsets))
    after = {at: list(_after(instructions[at], follows.get(at))) for at in offsets}
    loop = _reached(after, offset) & {at for at in offsets if offset in _reached(after, at)}
    if not loop:
        return NOTHING
    uses = {at: list(_uses(instructions[at])) for at in loop}
    stored = {name for at in loop for name, stores in uses[at] if stores}
    read = frozenset(name for at in loop for name, stores in uses[at] if not stores)
    live = frozenset(name for name in stored if _read_first(name, after[offset], after, uses))
    counted = (at for at in loop if instructions[at].opname == "FOR_ITER" and _goes_on(at, offsets, after, offset))
    return Carried(live, read, any(counted))


def _after(instruction: dis.Instruction, following: int | None) -> Iterator[int]:
    """The offsets of what may be executed next; exceptions are left out."""
    if instruction.opname.startswith(ENDS):
        return
    if instruction.opcode in JUMPS:
        yield instruction.argval
    if following is not None and instruction.opname not in ALWAYS:
        yield following


def _reached(after: dict[int, list[int]], start: int) -> set[int]:
    """What may be executed once `start` has been, in one step or more."""
    found: set[int] = set()
    todo = list(after[start])
    while todo:
        at = todo.pop()
        if at not in found:
            found.add(at)
            todo += after[at]
    return found


def _goes_on(iteration: int, offsets: list[int], after: dict[int, list[int]], offset: int) -> bool:
    """Whether `iteration` comes after `offset` with the iterator that it had before: what makes one stands right in front of it."""
    made = offsets[offsets.index(iteration) - 1]
    return iteration in _reached({**after, made: []}, offset)


def _uses(instruction: dis.Instruction) -> Iterator[tuple[str, bool]]:
    """The local variables that an instruction reads or, with True, sets, in order. (Some newer instructions do two things.)"""
    parts = [part for part in ("LOAD", "STORE", "DELETE") for _ in range(instruction.opname.count(f"{part}_FAST"))]
    if instruction.opname.endswith("_DEREF"):
        parts = [instruction.opname.partition("_")[0]]
    names = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
    # Where there is one of each, the variable that is set comes first.
    for part, name in zip(sorted(parts, key=lambda part: part == "LOAD"), names, strict=False):
        yield name, part != "LOAD"


def _read_first(name: str, starts: list[int], after: dict[int, list[int]], uses: dict[int, list[tuple[str, bool]]]) -> bool:
    """Whether the loop may read `name` before it sets it."""
    seen: set[int] = set()
    todo = list(starts)
    while todo:
        at = todo.pop()
        if at in seen or at not in uses:
            continue
        seen.add(at)
        first = next((stores for used, stores in uses[at] if used == name), None)
        if first is False:
            return True
        if first is None:
            todo += after[at]
    return False
