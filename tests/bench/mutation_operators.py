"""Small changes of a stage's source, one at a time: what somebody might have forgotten or mistaken.

Each operator gives its changes of a syntax tree. What is changed are the bodies of functions; checks (`BUG_ON`) are left alone, since one
that always holds is missed by nobody, nor would a weaker one be, and so is the giving of another name to the machine, without which nothing
runs.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

CHECK = "BUG_ON"
# They say what something is, and do nothing.
ANNOTATIONS = ("annotation", "returns")
# Calls that order accesses of one CPU, or only read what they could change.
COMPARE_AND_SWAP = "cmpxchg"
FETCHING = ("fetch_or", "fetch_and", "xchg")

# What is changed, asked for before the next change, and the change itself.
Change = tuple[Callable[[], str], Callable[[], None]]


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
    # The same change of statements that read the same is told apart by a number.
    named: Counter[tuple[int, str, str]] = Counter()
    total = sum(1 for _ in _changes(ast.parse(source)))
    for number in range(total):
        tree = ast.parse(source)
        line, where, (describe, apply) = next(islice(_changes(tree), number, None))
        what = describe()
        apply()
        changed = ast.unparse(ast.fix_missing_locations(tree))
        named[line, where, what] += 1
        times = named[line, where, what]
        if changed != original:
            found.setdefault(changed, Mutation(line, where, f"{what} ({times})" if times > 1 else what, changed))
    return list(found.values())


def _changes(tree: ast.Module) -> Iterator[tuple[int, str, Change]]:
    """Every change, with its line and the function that it is in; it is carried out on `tree`."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in _within(function):
            for change in _changes_of(node):
                yield getattr(node, "lineno", function.lineno), function.name, change


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all that is in it, but for checks and annotations."""
    yield node
    left_out = [getattr(node, field, None) for field in ANNOTATIONS]
    for child in ast.iter_child_nodes(node):
        if not _is_check(child) and child not in left_out:
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
        if field in ANNOTATIONS:
            continue
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
            yield lambda statement=statement: f"drop {_words(statement)}", lambda at=at: body.__setitem__(at, ast.Pass())
        pair = body[at : at + 2]
        if len(pair) == 2 and all(isinstance(each, ast.Expr | ast.Assign | ast.AugAssign) for each in pair) and not _is_left_alone(pair[1]):
            yield (
                lambda statement=statement: f"swap {_words(statement)} and the next",
                lambda at=at: body.__setitem__(slice(at, at + 2), body[at : at + 2][::-1]),
            )


def _negated(node: ast.If | ast.While | ast.IfExp) -> Iterator[Change]:
    test = node.test
    yield lambda: f"negate {_words(test)}", lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), test))


def _of_expression(node: ast.expr, put: Callable[[ast.expr], None]) -> Iterator[Change]:
    """Changes of constants, of what a condition joins, of arguments, and of atomic operations."""
    match node:
        case ast.Constant(value=bool(value)):
            yield lambda: f"{not value} for {value}", lambda: put(ast.Constant(not value))
        case ast.Constant(value=int(value)):
            yield lambda: f"{value + 1} for {value}", lambda: put(ast.Constant(value + 1))
        case ast.BoolOp(values=values):
            for each in values:
                yield lambda each=each: f"only {_words(each)}", lambda each=each: put(each)
        case ast.Compare(ops=[ast.Eq() | ast.NotEq() as op]):
            other = ast.NotEq() if isinstance(op, ast.Eq) else ast.Eq()
            yield lambda: f"the contrary of {_words(node)}", lambda: put(ast.Compare(node.left, [other], node.comparators))
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            yield lambda: f"no complement of {_words(operand)}", lambda: put(operand)
        case ast.BinOp(op=ast.BitOr() | ast.BitAnd(), left=left, right=right):
            yield lambda: f"only {_words(left)} of {_words(node)}", lambda: put(left)
            yield lambda: f"only {_words(right)} of {_words(node)}", lambda: put(right)
        case ast.Call(func=ast.Attribute(attr=name)):
            yield from _of_call(node, name, put)


def _of_call(node: ast.Call, name: str, put: Callable[[ast.expr], None]) -> Iterator[Change]:
    assert isinstance(node.func, ast.Attribute)
    word = node.func.value
    if len(node.args) == 2 and name not in FETCHING:
        yield lambda: f"arguments of {name} the other way round", lambda: node.args.reverse()
    if name == COMPARE_AND_SWAP:
        # It writes whatever it finds, and says that this was what it expected.
        writes = ast.Call(ast.Attribute(word, "write"), [node.args[1]], [])
        yield lambda: f"write for {_words(node)}", lambda: put(ast.Subscript(ast.Tuple([writes, node.args[0]]), ast.Constant(1)))
    if name in FETCHING:
        yield lambda: f"a mere read for {_words(node)}", lambda: put(ast.Call(ast.Attribute(word, "read"), [], []))


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
