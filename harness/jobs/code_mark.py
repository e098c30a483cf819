"""What a source says as code: a mark that comments, docstrings and layout do not change.

It says that a patch changes no code; outcomes are not shared for that, since places in them have the numbers of lines.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Sequence

from harness.jobs.c_mark import c_text

# A longer source has no mark: it is not worth the time.
LONGEST = 1 << 17
NO_MARK = ""

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code_mark(source: bytes, beside: Sequence[tuple[str, bytes]] = (), in_c: bool = False) -> str:
    """The mark of a source, and of files beside it, each with its name; `NO_MARK` if one has none. To be called in workers only."""
    marks = [_mark(content, in_c) for content in (source, *(content for _, content in beside))]
    if NO_MARK in marks:
        return NO_MARK
    return hashlib.sha256("\0".join([*marks, *(name for name, _ in beside)]).encode("utf-8", "surrogatepass")).hexdigest()


def _mark(source: bytes, in_c: bool) -> str:
    """The SHA-256 of what a source says as code; `NO_MARK` for what is too long, or no Python."""
    if len(source) > LONGEST:
        return NO_MARK
    text = c_text(source) if in_c else _python_text(source)
    return NO_MARK if text is None else hashlib.sha256(text).hexdigest()


def _python_text(source: bytes) -> bytes | None:
    """The syntax tree without docstrings; None for what is no Python."""
    try:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
                del node.body[0]
        return ast.dump(tree).encode("utf-8", "surrogatepass")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
