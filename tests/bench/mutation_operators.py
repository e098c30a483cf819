"""Small changes of a stage's source, one at a time: what somebody might have forgotten or mistaken.

Each operator gives its changes of a syntax tree. What is changed are the bodies of functions; checks (`BUG_ON`) are left alone, since one
that always holds is missed by nobody, nor would a weaker one be, and so is the giving of another name to the machine, without which nothing
runs.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

CHECK = "BUG_ON"
# Calls that order accesses of one CPU, or only read what they could change.
COMPARE_AND_SWAP = "cmpxchg"
FETCHING = ("fetch_or", "fetch_and", "xchg")

Change = tuple[str, Callable[[], None]]


@dataclass(frozen=True)
class Mutation:
    """A change in line `line` of function `where`: what it does, and the changed source."""

    line: int
    where: str
    what: str
    source: str

    @property
    def name(self) -> str:
        """Such as "take_feed:231: drop self.tasklet_fed[cpu].write(0)"."""
        return f"{self.where}:{self.line}: {self.what}"


def mutations(source: str) -> list[Mutation]:
    """All of them, in the order of the source; none twice, and none that is the source again."""
    original = ast.unparse(ast.parse(source))
    found: dict[str, Mutation] = {}
    total = len(list(_changes(ast.parse(source))))
    for number in range(total):
        tree = ast.parse(source)
        line, where, (what, apply) = list(_changes(tree))[number]
        apply()
        changed = ast.unparse(ast.fix_missing_locations(tree))
        if changed != original:
            found.setdefault(changed, Mutation(line, where, what, changed))
    return list(found.values())


def _changes(tree: ast.Module) -> Iterator[tuple[int, str, Change]]:
    """Every change, with its line and the function that it is in; it is carried out on `tree`."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in _within(function):
            for change in _changes_of(node):
                yield getattr(node, "lineno", function.lineno), function.name, change


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all that is in it, but for checks."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not _is_check(child):
            yield from _within(child)


def _is_check(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
            return name == CHECK
    return False


def _changes_of(node: ast.AST) -> Iterator[Change]:
    for name in ("body", "orelse"):
        if isinstance(body := getattr(node, name, None), list):
            yield from _of_body(body)
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield from _negated(node)
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.expr):
            yield from _of_expression(value, lambda new, field=field: setattr(node, field, new))
        elif isinstance(value, list):
            for at, each in enumerate(value):
                if isinstance(each, ast.expr):
                    yield from _of_expression(each, lambda new, value=value, at=at: value.__setitem__(at, new))


def _of_body(body: list[ast.stmt]) -> Iterator[Change]:
    """Drop a statement, or have it change places with the next one: that also widens and shrinks critical sections."""
    for at, statement in enumerate(body):
        if _is_left_alone(statement):
            continue
        if isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return | ast.Break | ast.Continue):
            yield f"drop {_words(statement)}", lambda at=at: body.__setitem__(at, ast.Pass())
        pair = body[at : at + 2]
        if len(pair) == 2 and all(isinstance(each, ast.Expr | ast.Assign | ast.AugAssign) for each in pair) and not _is_left_alone(pair[1]):
            yield f"swap {_words(statement)} and the next", lambda at=at: body.__setitem__(slice(at, at + 2), body[at : at + 2][::-1])


def _negated(node: ast.If | ast.While | ast.IfExp) -> Iterator[Change]:
    test = node.test
    yield f"negate {_words(test)}", lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), test))


def _of_expression(node: ast.expr, put: Callable[[ast.expr], None]) -> Iterator[Change]:
    """Changes of constants, of what a condition joins, of arguments, and of atomic operations."""
    match node:
        case ast.Constant(value=bool(value)):
            yield f"{not value} for {value}", lambda: put(ast.Constant(not value))
        case ast.Constant(value=int(value)):
            yield f"{value + 1} for {value}", lambda: put(ast.Constant(value + 1))
        case ast.BoolOp(values=values):
            for each in values:
                yield f"only {_words(each)}", lambda each=each: put(each)
        case ast.Compare(ops=[ast.Eq() | ast.NotEq() as op]):
            other = ast.NotEq() if isinstance(op, ast.Eq) else ast.Eq()
            yield f"the contrary of {_words(node)}", lambda: put(ast.Compare(node.left, [other], node.comparators))
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            yield f"no complement of {_words(operand)}", lambda: put(operand)
        case ast.BinOp(op=ast.BitOr() | ast.BitAnd(), left=left, right=right):
            yield f"only {_words(left)} of {_words(node)}", lambda: put(left)
            yield f"only {_words(right)} of {_words(node)}", lambda: put(right)
        case ast.Call(func=ast.Attribute(attr=name)):
            yield from _of_call(node, name, put)


def _of_call(node: ast.Call, name: str, put: Callable[[ast.expr], None]) -> Iterator[Change]:
    assert isinstance(node.func, ast.Attribute)
    word = node.func.value
    if len(node.args) == 2 and name not in FETCHING:
        yield f"arguments of {name} the other way round", lambda: node.args.reverse()
    if name == COMPARE_AND_SWAP:
        # It writes whatever it finds, and says that this was what it expected.
        writes = ast.Call(ast.Attribute(word, "write"), [node.args[1]], [])
        yield f"write for {_words(node)}", lambda: put(ast.Subscript(ast.Tuple([writes, node.args[0]]), ast.Constant(1)))
    if name in FETCHING:
        yield f"a mere read for {_words(node)}", lambda: put(ast.Call(ast.Attribute(word, "read"), [], []))


def _is_left_alone(statement: ast.stmt) -> bool:
    """A check, a docstring, or the giving of another name."""
    if _is_check(statement):
        return True
    match statement:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name()], value=ast.Attribute(value=ast.Name())):
            return True
    return False


def _words(node: ast.AST) -> str:
    return " ".join(ast.unparse(copy.deepcopy(node)).split())


__all__ = ["Mutation", "mutations"]
