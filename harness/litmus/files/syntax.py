"""What the processes of a litmus file consist of, once they are read: expressions and statements, each with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.litmus.files.kernel_calls import KernelCall


@dataclass(frozen=True)
class Address:
    """The value of a pointer to the shared location `name`."""

    name: str

    def __str__(self) -> str:
        return f"&{self.name}"


# What a location or a register holds.
Value = int | Address


@dataclass(frozen=True)
class Constant:
    """A number, or the address of a location."""

    value: Value
    line: int


@dataclass(frozen=True)
class Local:
    """The value of a register."""

    name: str
    line: int


@dataclass(frozen=True)
class Deref:
    """What is at an address: a plain read, unless a call takes it as its operand."""

    address: Expression
    line: int


@dataclass(frozen=True)
class Unary:
    """`sign` is one of `! ~ -`."""

    sign: str
    operand: Expression
    line: int


@dataclass(frozen=True)
class Binary:
    """`sign` is that of C; of `&&` and `||` the right side is evaluated only if the left one does not decide."""

    sign: str
    left: Expression
    right: Expression
    line: int


@dataclass(frozen=True)
class Invocation:
    """A call of the kernel's API, with its operands in the order of `call.operands`; one that is a location is its address."""

    call: KernelCall
    operands: tuple[Expression, ...]
    line: int


Expression = Constant | Local | Deref | Unary | Binary | Invocation


@dataclass(frozen=True)
class Assignment:
    """A register gets a value."""

    name: str
    value: Expression
    line: int


@dataclass(frozen=True)
class PlainStore:
    """A plain write to what is at an address."""

    address: Expression
    value: Expression
    line: int


@dataclass(frozen=True)
class Evaluation:
    """An expression as a statement."""

    expression: Expression
    line: int


@dataclass(frozen=True)
class IfElse:
    """If and else."""

    condition: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    line: int


Statement = Assignment | PlainStore | Evaluation | IfElse


@dataclass(frozen=True)
class LitmusProcess:
    """A process: its number, the types of the shared locations that it names, its registers, and what it does."""

    number: int
    parameters: Mapping[str, str]
    registers: tuple[str, ...]
    body: tuple[Statement, ...]
    line: int
