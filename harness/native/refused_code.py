"""What a stage in C may not have: code that runs unseen, or before anybody calls it. It is told from the preprocessed text.

Inline assembler makes accesses without a hook, and so does a function without hooks; a constructor runs while the library is loaded.
An assembler statement without an instruction in it is a barrier to the compiler, and fine. What our own headers have is ours.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

ASM = frozenset({"asm", "__asm", "__asm__"})
ATTRIBUTE = frozenset({"__attribute__", "__attribute", "__declspec"})
QUALIFIERS = frozenset({"volatile", "__volatile__", "__volatile", "inline", "__inline", "__inline__", "goto", "const", "__const__"})
THREAD_LOCAL = frozenset({"__thread", "_Thread_local", "__Thread_local", "thread_local"})
BEFORE_ANY_CALL = frozenset({"constructor", "destructor", "ifunc", "target_clones", "init_priority"})
LOOKED_AT = ASM | ATTRIBUTE | THREAD_LOCAL | {"["}
# By the beginning of their names.
WITHOUT_HOOKS = ("no_sanitize", "disable_sanitizer", "no_instrument", "naked")

# Headers may be included as "../../x.h": how many directories up.
DEPTH = 4

TOKEN = re.compile(
    r"""
      (?P<marker>^\#[ ]\d+[ ]"(?:\\.|[^"\\\n])*"[^\n]*)
    | (?P<string>(?:u8|[uUL])?R"(?P<raw>[^()\\\s]{0,16})\(.*?\)(?P=raw)" | (?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
    | (?P<char>'(?:\\.|[^'\\\n])*')
    | (?P<word>[A-Za-z_$][\w$]*)
    | (?P<newline>\n)
    | (?P<other>[^\s\w])
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
MARKER = re.compile(r'# (\d+) "((?:\\.|[^"\\])*)"([ \d]*)')


@dataclass(frozen=True)
class CToken:
    """A word, a string or a mark, and where it is: as the compiler calls the file."""

    kind: str
    text: str
    file: str
    line: int


@dataclass(frozen=True)
class RefusedCode:
    """What is refused, and where; the problem completes "FILE:LINE: "."""

    file: str
    line: int
    problem: str


def refused_code(text: str, own_directories: tuple[str, ...]) -> RefusedCode | None:
    """The first thing in a preprocessed text that is refused. A file in `own_directories` (ours, the compiler's) may have all that."""
    tokens: list[CToken] = []
    for token in _tokens(text):
        if token.kind == "marker":
            if entered := _entered(token, own_directories):
                return entered
        else:
            tokens.append(token)
    return next(_of_tokens(tokens, own_directories), None)


def _tokens(text: str) -> Iterator[CToken]:
    file, line = "", 0
    for match in TOKEN.finditer(text):
        kind, found = match.lastgroup or "", match.group()
        if match["string"] is not None:
            kind = "string"
        if kind == "marker":
            yield CToken(kind, found, file, line)
            marker = MARKER.match(found)
            assert marker is not None
            # The marker's own line ends, too.
            file, line = re.sub(r"\\(.)", r"\1", marker[2]), int(marker[1]) - 1
        elif kind == "newline":
            line += 1
        else:
            yield CToken(kind, found, file, line)
            line += found.count("\n")


def _entered(marker: CToken, own_directories: tuple[str, ...]) -> RefusedCode | None:
    """Whether a file is included here that lies where nothing of a stage does."""
    match = MARKER.match(marker.text)
    if match is None or "1" not in match[3].split() or not _is_outside(match[2], own_directories):
        return None
    return RefusedCode(marker.file, max(marker.line, 1), f"#include of {match[2]}: a stage includes what belongs to it, by relative paths")


def _is_outside(path: str, own_directories: tuple[str, ...]) -> bool:
    plain = os.path.normpath(path)
    if os.path.isabs(plain):
        return not _is_own(plain, own_directories)
    # From the directory of the compilation; so far up, there is nothing but the stage's.
    return plain.split(os.sep).count(os.pardir) > DEPTH


def _is_own(path: str, own_directories: tuple[str, ...]) -> bool:
    return path.startswith(tuple(os.path.join(directory, "") for directory in own_directories))


def _of_tokens(tokens: list[CToken], own_directories: tuple[str, ...]) -> Iterator[RefusedCode]:
    for at, token in enumerate(tokens):
        if token.text not in LOOKED_AT or _is_own(os.path.normpath(token.file), own_directories):
            continue
        if problem := _problem(tokens, at):
            yield RefusedCode(token.file, token.line, problem)


def _problem(tokens: list[CToken], at: int) -> str | None:
    word = tokens[at].text
    if word in ASM and _has_instruction(tokens, at):
        return 'inline assembler, whose accesses nobody sees: only an empty barrier is allowed, asm volatile("" ::: "memory")'
    if word in THREAD_LOCAL:
        return f"{word}: the CPUs that are emulated are one thread; per-CPU data is what there is"
    if word in ATTRIBUTE or _begins_attributes(tokens, at):
        return next((problem for name in _attributes(tokens, at) if (problem := _attribute_problem(name))), None)
    return None


def _attribute_problem(word: str) -> str | None:
    name = word.strip("_")
    if name in BEFORE_ANY_CALL:
        return f"attribute {name}: its code would run, or choose, while the stage is loaded"
    if name.startswith(WITHOUT_HOOKS):
        return f"attribute {name}: what the function does would not be seen"
    return None


def _has_instruction(tokens: list[CToken], at: int) -> bool:
    """Whether there is a text in these parentheses, as far as the first colon, or something else than texts."""
    at += 1
    while at < len(tokens) and tokens[at].text in QUALIFIERS:
        at += 1
    if at >= len(tokens) or tokens[at].text != "(":
        return True
    for token in tokens[at + 1 :]:
        if token.text in (")", ":"):
            return False
        if token.kind != "string" or token.text.strip('"').strip():
            return True
    return True


def _begins_attributes(tokens: list[CToken], at: int) -> bool:
    """Whether this is the first bracket of [[…]]."""
    return [token.text for token in tokens[at : at + 2]] == ["[", "["]


def _attributes(tokens: list[CToken], at: int) -> Iterator[str]:
    """The names of attributes in the two parentheses, or brackets, that follow: the words in them that are not the argument of one."""
    first = at if tokens[at].text == "[" else at + 1
    depth = 0
    for token in tokens[first:]:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        if depth <= 0:
            return
        if token.kind == "word" and depth == 2:
            yield token.text
