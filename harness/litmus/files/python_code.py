"""Translates the processes of a litmus file into Python functions whose lines are those of the file, and makes a program of them.

Each function is given the `Accesses` of its process as `m`, and returns its registers. Of the file's text, only names of registers and
locations become Python, with a letter in front: a file can call nothing but what is in `CALLABLE`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TypeVar

from harness.litmus.files.accesses import CALLABLE, Accesses
from harness.litmus.files.litmus_file import LitmusFile
from harness.litmus.files.syntax import (
    Address,
    Assignment,
    Binary,
    Constant,
    Deref,
    Evaluation,
    Expression,
    Invocation,
    LitmusProcess,
    Local,
    PlainStore,
    Statement,
    Unary,
    Value,
)
from harness.litmus.litmus_programs import Arrange, Threads
from stages.hypervisor import SpinLock, Word

ACCESSES = "m"
Node = TypeVar("Node", ast.stmt, ast.expr, ast.arg, ast.FunctionDef)

# What a process returns: its registers, in their order.
Body = Callable[[Accesses], Sequence[Value]]


def program_of(file: LitmusFile) -> Arrange:
    """The arrangement of threads that a file describes; what it looks at in the end is what the condition watches, in that order."""
    bodies = _compiled(file)

    def arrange(t: Threads) -> None:
        cells: dict[str, Word | SpinLock] = {name: t.word(name, value) for name, value in file.locations.items()}  # type: ignore[arg-type]
        cells.update({name: t.mutex(name) for name in file.locks})
        found: dict[str, Value] = {}
        for process, body in zip(file.processes, bodies, strict=True):
            t.thread(lambda process=process, body=body: _perform(process, body, Accesses(t, cells, file.source), found))  # type: ignore[misc]
        t.observe = lambda: tuple(found[name] if ":" in name else cells[name].value for name in file.condition.watched)  # type: ignore[union-attr]

    return arrange


def _perform(process: LitmusProcess, body: Body, accesses: Accesses, found: dict[str, Value]) -> None:
    for name, value in zip(process.registers, body(accesses), strict=True):
        found[f"{process.number}:{name}"] = value


def _compiled(file: LitmusFile) -> list[Body]:
    module = ast.Module([_function(file, process) for process in file.processes], [])
    names: dict[str, Body] = {}
    addresses = {_address(name): Address(name) for name in (*file.locations, *file.locks)}
    exec(compile(module, file.source, "exec"), {"__builtins__": {}, **CALLABLE, **addresses}, names)
    return [names[f"P{process.number}"] for process in file.processes]


def _function(file: LitmusFile, process: LitmusProcess) -> ast.FunctionDef:
    line = process.line
    initial = {name: file.registers.get((process.number, name), 0) for name in process.registers}
    first = [_assigned(name, _value(value, line), line) for name, value in initial.items()]
    registers: list[ast.expr] = [_name(_register(name), line) for name in process.registers]
    last = _at(line, ast.Return(_at(line, ast.Tuple(registers, ast.Load()))))
    parameters = ast.arguments([], [_at(line, ast.arg(ACCESSES))], None, [], [], None, [])
    body = [*first, *map(_statement, process.body), last]
    return _at(line, ast.FunctionDef(f"P{process.number}", parameters, body, []))


def _statement(statement: Statement) -> ast.stmt:
    line = statement.line
    if isinstance(statement, Assignment):
        return _assigned(statement.name, _expression(statement.value), line)
    if isinstance(statement, PlainStore):
        return _at(line, ast.Expr(_call("store", line, _expression(statement.address), _expression(statement.value))))
    if isinstance(statement, Evaluation):
        return _at(line, ast.Expr(_expression(statement.expression)))
    then, otherwise = ([_statement(each) for each in part] for part in (statement.then, statement.otherwise))
    return _at(line, ast.If(_truth(statement.condition), then or [_at(line, ast.Pass())], otherwise))


def _expression(expression: Expression) -> ast.expr:
    line = expression.line
    if isinstance(expression, Constant):
        return _value(expression.value, line)
    if isinstance(expression, Local):
        return _name(_register(expression.name), line)
    if isinstance(expression, Deref):
        return _call("load", line, _expression(expression.address))
    if isinstance(expression, Unary):
        return _call("unary", line, _literal(expression.sign, line), _expression(expression.operand))
    if isinstance(expression, Binary):
        return _binary(expression)
    return _invocation(expression)


def _binary(expression: Binary) -> ast.expr:
    line = expression.line
    if expression.sign not in ("&&", "||"):
        return _call("binary", line, _literal(expression.sign, line), _expression(expression.left), _expression(expression.right))
    sides: list[ast.expr] = [_truth(expression.left), _truth(expression.right)]
    decided = _at(line, ast.BoolOp(ast.And() if expression.sign == "&&" else ast.Or(), sides))
    return _at(line, ast.IfExp(decided, _literal(1, line), _literal(0, line)))


def _invocation(expression: Invocation) -> ast.expr:
    """The location comes first, then what the name of the call implies, then the other operands."""
    line, call = expression.line, expression.call
    operands = [_expression(each) for each in expression.operands]
    operands[1:1] = [_literal(each, line) for each in call.implied]
    return _call(call.function, line, *(_literal(each, line) for each in call.fixed), *operands)


def _truth(expression: Expression) -> ast.expr:
    return _call("truth", expression.line, _expression(expression))


def _call(function: str, line: int, *operands: ast.expr) -> ast.expr:
    return _at(line, ast.Call(_name(function, line), [_name(ACCESSES, line), *operands], []))


def _literal(value: str | int, line: int) -> ast.expr:
    return _at(line, ast.Constant(value))


def _value(value: Value, line: int) -> ast.expr:
    return _name(_address(value.name), line) if isinstance(value, Address) else _literal(value, line)


def _assigned(name: str, value: ast.expr, line: int) -> ast.stmt:
    return _at(line, ast.Assign([_at(line, ast.Name(_register(name), ast.Store()))], value))


def _name(name: str, line: int) -> ast.expr:
    return _at(line, ast.Name(name, ast.Load()))


def _register(name: str) -> str:
    return f"r_{name}"


def _address(name: str) -> str:
    return f"a_{name}"


def _at(line: int, node: Node) -> Node:
    """Have a node stand on a line."""
    return ast.copy_location(node, ast.Pass(lineno=line, end_lineno=line, col_offset=0, end_col_offset=0))
