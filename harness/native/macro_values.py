"""Macros of a stage that stand for numbers: the preprocessor says what each comes to, and here its value is computed.

Debugging information has enumerators and no macros; so a library has, in a section of its own, a line for each macro that the stage's own
files define without parameters: its name, and what it is replaced by.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Mapping

SECTION = ".machine_macros"
DEFINED = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)(?!\()", re.MULTILINE)
# What stands before the lines that are asked for; no text of the preprocessor's own begins so.
MARK = "machine_macro:"
LONGEST = 500
MOST_BITS = 64

SUFFIX = re.compile(r"\b(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)[uUlL]*\b")
OCTAL = re.compile(r"\b0+(?=[0-7])")
CAST = re.compile(r"\(\s*(?:unsigned|signed|long|int|short|char|u?int\d+_t|[us]\d+|size_t)(?:\s+(?:unsigned|long|int|short|char))*\s*\)")
BINARY: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}
UNARY: Mapping[type[ast.unaryop], Callable[[int], int]] = {ast.Invert: operator.invert, ast.USub: operator.neg, ast.UAdd: operator.pos}


def defined_in(sources: Iterable[bytes]) -> tuple[str, ...]:
    """The names of the macros without parameters that some files define, whether or not a compiler comes there."""
    found = (name.decode() for source in sources for name in DEFINED.findall(source))
    return tuple(sorted({name for name in found if not name.startswith("__")}))


def asking(names: Iterable[str]) -> str:
    """A text that has the preprocessor say what these come to."""
    return "".join(f'"{MARK}{name}" {name}\n' for name in names)


def answered(preprocessed: str) -> str:
    """What it has said: a name and its replacement in each line."""
    found = re.findall(rf'^"{MARK}(\w+)" (.+)$', preprocessed, re.MULTILINE)
    return "".join(f"{name} {text}\n" for name, text in found if text != name and len(text) <= LONGEST)


def macro_values(section: str, enumerators: Mapping[str, int]) -> dict[str, int]:
    """The macros that come to a number, in the order of their names."""
    values = ((name, _value(text, enumerators)) for name, _, text in (line.partition(" ") for line in section.splitlines()))
    return {name: value for name, value in values if value is not None and value >> MOST_BITS in (0, -1)}


def _value(text: str, enumerators: Mapping[str, int]) -> int | None:
    """What an expression of C comes to, as far as Python writes it the same way; None if it is anything else."""
    plain = OCTAL.sub("0o", SUFFIX.sub(r"\1", CAST.sub("", text)))
    try:
        return _number(ast.parse(plain.strip(), mode="eval").body, enumerators)
    except (SyntaxError, ValueError, KeyError, RecursionError, MemoryError):
        return None


def _number(node: ast.expr, enumerators: Mapping[str, int]) -> int:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.Name):
        return enumerators[node.id]
    if isinstance(node, ast.UnaryOp):
        return UNARY[type(node.op)](_number(node.operand, enumerators))
    if isinstance(node, ast.BinOp):
        left, right = _number(node.left, enumerators), _number(node.right, enumerators)
        if isinstance(node.op, ast.LShift | ast.RShift) and right >= MOST_BITS:
            raise ValueError(right)
        return BINARY[type(node.op)](left, right)
    raise ValueError(node)
