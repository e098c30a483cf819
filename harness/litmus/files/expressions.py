"""Reads the expressions of a process, with C's precedence."""

from __future__ import annotations

from collections.abc import Mapping

from harness.litmus.files.kernel_calls import CALLS, PLACE, POINTER, KernelCall, missing
from harness.litmus.files.litmus_error import LitmusError, NotSupported
from harness.litmus.files.syntax import Address, Binary, Constant, Deref, Expression, Invocation, Local, Unary
from harness.litmus.files.token_reader import TokenReader
from harness.litmus.files.tokens import NAME, NUMBER, SIGN, TEXT, Token

# From what binds least to what binds most.
LEVELS = (("||",), ("&&",), ("|",), ("^",), ("&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*",))
BINDS = {sign: binds for binds, signs in enumerate(LEVELS) for sign in signs}
# Of one expression.
MOST_OPERATORS = 100
# What may follow an operand in C, and not here.
FOREIGN = ("?", "<<", ">>", "/", "%", "++", "--", "->", ".", "[", "+=", "-=", "*=", "|=", "&=", "^=", "%=")

TYPES = ("int", "long", "intptr_t")
LOCK = "spinlock_t"
ATOMIC = "atomic_t"
# Words of C that begin something which is not understood here.
FOREIGN_WORDS = frozenset(
    (
        *("while", "for", "do", "goto", "switch", "case", "break", "continue", "return", "sizeof", "struct", "union", "enum", "typedef"),
        *("static", "const", "volatile", "unsigned", "signed", "char", "short", "float", "double", "void", "bool", "_Bool", "size_t"),
        *("u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "uintptr_t", "atomic_long_t", "atomic64_t"),
    )
)


class ExpressionParser:
    """What the names mean is known when a process is read: shared locations and registers."""

    def __init__(self, reader: TokenReader, locations: Mapping[str, str], registers: list[str]) -> None:
        self.reader = reader
        self.locations = locations
        self.registers = registers
        # How many expressions this is in, and how many operators there are in the outermost one.
        self.inside = self.operators = 0

    def expression(self, valued: bool = True) -> Expression:
        """A whole expression, which has a value unless that does not matter."""
        if not self.inside:
            self.operators = 0
        self.inside += 1
        with self.reader.nested():
            found = self._binary(0)
        self.inside -= 1
        if self.reader.sees(*FOREIGN):
            raise NotSupported(self.reader.line, f"`{self.reader.next.text}`")
        return _with_value(found) if valued else found

    def _binary(self, least: int) -> Expression:
        """Operands with operators between them that bind at least so much."""
        found = self._unary()
        while (binds := BINDS.get(self.reader.next.text, -1)) >= least:
            sign = self.reader.take()
            self.operators += 1
            if self.operators > MOST_OPERATORS:
                raise NotSupported(sign.line, f"more than {MOST_OPERATORS} operators in an expression")
            found = Binary(sign.text, _with_value(found), _with_value(self._binary(binds + 1)), sign.line)
        return found

    def _unary(self) -> Expression:
        sign = self.reader.accept("!", "~", "-", "+", "*", "&")
        if sign is None:
            return self._primary()
        with self.reader.nested():
            operand = _with_value(self._unary())
        if sign.text == "*":
            return Deref(operand, sign.line)
        if sign.text == "&":
            if not isinstance(operand, Deref):
                raise NotSupported(sign.line, "`&` before what does not begin with `*`")
            return operand.address
        return operand if sign.text == "+" else Unary(sign.text, operand, sign.line)

    def _primary(self) -> Expression:
        token = self.reader.next
        if self.reader.accept("("):
            if self.reader.next.text in (*TYPES, *FOREIGN_WORDS, ATOMIC, LOCK):
                raise NotSupported(self.reader.line, "casts")
            inner = self.expression()
            self.reader.expect(")")
            return inner
        if token.kind == NUMBER:
            return Constant(self.reader.number(), token.line)
        if token.kind == TEXT or (token.kind == SIGN and token.text in ("{", "++", "--")):
            raise NotSupported(token.line, token.text if token.kind == SIGN else "strings in a process")
        name = self.reader.name("an expression")
        return self._invocation(name) if self.reader.sees("(") else self._named(name)

    def _named(self, name: Token) -> Expression:
        if name.text in self.registers:
            return Local(name.text, name.line)
        if name.text in self.locations:
            return Constant(Address(name.text), name.line)
        if name.text in FOREIGN_WORDS:
            raise NotSupported(name.line, name.text)
        raise LitmusError(name.line, f"{name.text} is not declared in this process")

    def _invocation(self, name: Token) -> Expression:
        call = CALLS.get(name.text)
        if call is None:
            raise NotSupported(name.line, missing(name.text) if name.text not in FOREIGN_WORDS else name.text)
        self.reader.expect("(")
        operands = [self._operand(call, at, kind) for at, kind in enumerate(call.operands)]
        self.reader.expect(")", f"after the {_times(len(operands))} of {name.text}")
        # The location comes first, wherever it stands in C.
        operands.sort(key=lambda operand: operand[0] not in (PLACE, POINTER))
        return Invocation(call, tuple(expression for _, expression in operands), name.line)

    def _operand(self, call: KernelCall, at: int, kind: str) -> tuple[str, Expression]:
        if at:
            self.reader.expect(",", f"in {call.name}, which has {_times(len(call.operands))}")
        line = self.reader.line
        found = self.expression()
        if kind != PLACE:
            return kind, found
        if not isinstance(found, Deref):
            raise LitmusError(line, f"{call.name} takes a location such as `*x`, and this is none")
        return kind, found.address

    @staticmethod
    def is_name(token: Token) -> bool:
        """Whether a declaration may go on with this word."""
        return token.kind == NAME and token.text not in FOREIGN_WORDS


def _with_value(expression: Expression) -> Expression:
    if isinstance(expression, Invocation) and not expression.call.returns:
        raise LitmusError(expression.line, f"{expression.call.name} has no value")
    return expression


def _times(count: int) -> str:
    return f"{count} operand{'s' * (count != 1)}"
