"""What a process of a litmus file accesses, in the order of the text, as far as that is plain from the text: nothing is executed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.litmus.files.kernel_calls import READS, RELAXED, UPDATES, WRITES
from harness.litmus.files.syntax import (
    Address,
    Assignment,
    Binary,
    Constant,
    Deref,
    Evaluation,
    Expression,
    IfElse,
    Invocation,
    LitmusProcess,
    PlainStore,
    Statement,
    Unary,
)

PLAIN = "plain"


@dataclass(frozen=True)
class Event:
    """An access or a barrier: the call, or `PLAIN`; its effect and order as in `kernel_calls`; the location, None if a register has it.

    `certain`: whether it happens in every execution.
    """

    call: str
    effect: str
    order: str
    location: str | None
    certain: bool
    line: int

    @property
    def reads(self) -> bool:
        """Whether it reads a number."""
        return self.effect in (READS, UPDATES)

    @property
    def writes(self) -> bool:
        """Whether it writes one."""
        return self.effect in (WRITES, UPDATES)


def events_of(process: LitmusProcess) -> list[Event]:
    """All that it may do; of two branches, the first one first."""
    return list(_statements(process.body, True))


def _statements(body: Sequence[Statement], certain: bool) -> Iterator[Event]:
    for statement in body:
        if isinstance(statement, Assignment):
            yield from _evaluated(statement.value, certain)
        elif isinstance(statement, Evaluation):
            yield from _evaluated(statement.expression, certain)
        elif isinstance(statement, PlainStore):
            yield from _evaluated(statement.address, certain)
            yield from _evaluated(statement.value, certain)
            yield Event(PLAIN, WRITES, RELAXED, _location(statement.address), certain, statement.line)
        else:
            yield from _choice(statement, certain)


def _choice(choice: IfElse, certain: bool) -> Iterator[Event]:
    yield from _evaluated(choice.condition, certain)
    yield from _statements(choice.then, False)
    yield from _statements(choice.otherwise, False)


def _evaluated(expression: Expression, certain: bool) -> Iterator[Event]:
    if isinstance(expression, Unary):
        yield from _evaluated(expression.operand, certain)
    elif isinstance(expression, Binary):
        yield from _evaluated(expression.left, certain)
        yield from _evaluated(expression.right, certain and expression.sign not in ("&&", "||"))
    elif isinstance(expression, Deref):
        yield from _evaluated(expression.address, certain)
        yield Event(PLAIN, READS, RELAXED, _location(expression.address), certain, expression.line)
    elif isinstance(expression, Invocation):
        for operand in expression.operands:
            yield from _evaluated(operand, certain)
        call = expression.call
        location = _location(expression.operands[0]) if expression.operands else ""
        yield Event(call.name, call.effect, call.order, location, certain, expression.line)


def _location(address: Expression) -> str | None:
    """Which location an address is that of; None if only an execution knows."""
    return address.value.name if isinstance(address, Constant) and isinstance(address.value, Address) else None
