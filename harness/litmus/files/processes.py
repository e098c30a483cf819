"""Reads the processes of a litmus file: parameters, declarations, statements."""

from __future__ import annotations

from collections.abc import Sequence

from harness.litmus.files.expressions import ATOMIC, FOREIGN_WORDS, LOCK, TYPES, ExpressionParser
from harness.litmus.files.litmus_error import LitmusError, NotSupported
from harness.litmus.files.syntax import Assignment, Deref, Evaluation, IfElse, LitmusProcess, PlainStore, Statement
from harness.litmus.files.token_reader import TokenReader
from harness.litmus.files.tokens import END, Token, shown


def read_process(reader: TokenReader, number: int, given: Sequence[str]) -> LitmusProcess:
    """The process whose name was just read; `given`: the registers that the initial state has a value for."""
    line = reader.line
    parameters = _parameters(reader)
    registers: list[str] = []
    parser = _StatementParser(reader, parameters, registers)
    body = parser.block()
    for name in given:
        if name not in registers:
            raise LitmusError(line, f"P{number} has no register {name}, which the initial state has a value for")
    return LitmusProcess(number, parameters, tuple(registers), body, line)


def _parameters(reader: TokenReader) -> dict[str, str]:
    """The shared locations that a process names, each with its type."""
    reader.expect("(")
    found: dict[str, str] = {}
    while not reader.accept(")"):
        if found:
            reader.expect(",", "between parameters")
        kind = reader.name("the type of a parameter")
        if kind.text not in (*TYPES, ATOMIC, LOCK):
            raise NotSupported(kind.line, f"the type {kind.text}")
        if not reader.accept("*"):
            raise LitmusError(reader.line, "a parameter is a pointer to a shared location, such as `int *x`")
        pointers = 0
        while reader.accept("*"):
            pointers += 1
        name = reader.name("the name of a parameter")
        if name.text in found:
            raise LitmusError(name.line, f"{name.text} is declared twice")
        found[name.text] = kind.text
        if pointers > 1 or (pointers and kind.text in (ATOMIC, LOCK)):
            raise NotSupported(name.line, f"a pointer such as {name.text}")
        if reader.sees("["):
            raise NotSupported(reader.line, "arrays")
    return found


class _StatementParser(ExpressionParser):
    def block(self) -> tuple[Statement, ...]:
        """Statements in braces."""
        self.reader.expect("{")
        found: list[Statement] = []
        with self.reader.nested():
            while not self.reader.accept("}"):
                if self.reader.next.kind == END:
                    raise self.reader.wrong("`}`")
                found += self.statement()
        return tuple(found)

    def statement(self) -> Sequence[Statement]:
        """What one statement amounts to; of a declaration, what its registers begin with."""
        token = self.reader.next
        if self.reader.accept(";"):
            return ()
        if token.text == "{":
            return self.block()
        if token.text == "if":
            return (self._choice(),)
        if token.text in TYPES:
            return self._declaration()
        if token.text in (ATOMIC, LOCK):
            raise NotSupported(token.line, f"a local {token.text}")
        if token.text in FOREIGN_WORDS or token.text == "else":
            raise NotSupported(token.line, token.text) if token.text != "else" else LitmusError(token.line, "`else` without `if`")
        found = self._assignment(token) if self.is_name(token) and self.reader.after().text == "=" else self._other(token)
        self.reader.expect(";", "after a statement")
        return (found,)

    def _choice(self) -> IfElse:
        line = self.reader.take().line
        self.reader.expect("(", "after `if`")
        condition = self.expression()
        self.reader.expect(")", "after the condition")
        with self.reader.nested():
            then = tuple(self.statement())
            otherwise = tuple(self.statement()) if self.reader.accept("else") else ()
        return IfElse(condition, then, otherwise, line)

    def _declaration(self) -> Sequence[Statement]:
        found = []
        while self.reader.next.text in TYPES:
            self.reader.take()
        while True:
            while self.reader.accept("*"):
                pass
            name = self.reader.name("the name of a register")
            self._declare(name)
            if self.reader.accept("="):
                found.append(Assignment(name.text, self.expression(), name.line))
            if not self.reader.accept(","):
                break
        self.reader.expect(";", "after a declaration")
        return found

    def _declare(self, name: Token) -> None:
        if self.reader.sees("["):
            raise NotSupported(name.line, "arrays")
        if name.text in FOREIGN_WORDS:
            raise NotSupported(name.line, name.text)
        if name.text in self.registers or name.text in self.locations:
            raise LitmusError(name.line, f"{name.text} is declared twice")
        self.registers.append(name.text)

    def _assignment(self, name: Token) -> Assignment:
        self.reader.take()
        self.reader.take()
        if name.text in self.locations:
            raise LitmusError(name.line, f"{name.text} is a shared location: write `*{name.text}`")
        if name.text not in self.registers:
            raise LitmusError(name.line, f"{name.text} is not declared in this process")
        return Assignment(name.text, self.expression(), name.line)

    def _other(self, token: Token) -> Statement:
        """A plain write, or a call."""
        expression = self.expression(valued=False)
        if not self.reader.accept("="):
            return Evaluation(expression, token.line)
        if not isinstance(expression, Deref):
            raise LitmusError(token.line, f"what begins with {shown(token)} cannot be assigned to")
        return PlainStore(expression.address, self.expression(), token.line)
