"""Whether code goes on after an exception: then what a stage lacks may have made a program fail, and nobody has been told of the lack.

A program that asks for what the stage lacks ends with the exception that Python raises there, and cannot be tested. But where that passes
through a `try` or a `with`, of the stage (whose function calls one of the suite) or of the suite, it may be caught, or operations are
performed on the way that other CPUs see first. What fails then is no fault of the stage.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache

# What may catch an exception, or does something while one passes through.
HANDLING = (ast.Try, ast.TryStar, ast.With, ast.AsyncWith)
# What is executed when somebody calls it: the rest is executed before any program.
CALLED = (ast.FunctionDef, ast.AsyncFunctionDef)


def handles_exceptions(files: Iterable[tuple[str, bytes]]) -> str:
    """The first place in a function that does, as `file:line`, among files with their content; empty if there is none.

    Of what is no Python that can be read, nobody knows: then it is the file.
    """
    return next((place for name, content in files if (place := _place(name, content))), "")


# The same few files are asked about for test after test.
@lru_cache
def _place(name: str, content: bytes) -> str:
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return name
    lines = [
        inner.lineno for outer in ast.walk(tree) if isinstance(outer, CALLED) for inner in ast.walk(outer) if isinstance(inner, HANDLING)
    ]
    return f"{name}:{min(lines)}" if lines else ""
