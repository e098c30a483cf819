"""Reads a litmus file of the kernel, in C: the format of herd7, as far as it is supported."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path

from harness.litmus.files.expressions import LOCK
from harness.litmus.files.final_condition import Condition, read_condition
from harness.litmus.files.initial_state import InitialState, read_initial_state
from harness.litmus.files.litmus_error import LitmusError, NotSupported
from harness.litmus.files.processes import read_process
from harness.litmus.files.syntax import LitmusProcess, Value
from harness.litmus.files.token_reader import TokenReader
from harness.litmus.files.tokens import END, NAME, PROCESS, TEXT, tokens_of

# No litmus test is longer, and nobody waits for the end of a search with more processes.
MOST_BYTES = 1_000_000
MOST_PROCESSES = 16


@dataclass(frozen=True)
class LitmusFile:
    """A litmus test: its name, what the shared locations hold at first, its locks, its processes, and what is asked of the final state.

    `registers`: what registers hold at first, where that is not 0. `source`: how its lines are named in counterexamples. `content_hash`:
    the SHA-256 of its text, in hexadecimal digits.
    """

    name: str
    source: str
    locations: Mapping[str, Value]
    locks: tuple[str, ...]
    registers: Mapping[tuple[int, str], Value]
    processes: tuple[LitmusProcess, ...]
    condition: Condition
    content_hash: str


class CannotRead(Exception):
    """A file that cannot be read at all; the message is one line."""


def text_of(path: str) -> str:
    """The text of a file; raises `CannotRead`, or `LitmusError` if it is none."""
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise CannotRead(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > MOST_BYTES:
        raise CannotRead(f"has more than {MOST_BYTES} bytes: that is no litmus test")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LitmusError(content.count(b"\n", 0, error.start) + 1, "is not text in UTF-8") from None


def read_litmus(path: str) -> LitmusFile:
    """The test in a file; raises `CannotRead` or `LitmusError`."""
    return parse_litmus(text_of(path), Path(path).name)


def parse_litmus(text: str, source: str = "litmus") -> LitmusFile:
    """The test that `text` is; raises `LitmusError`."""
    name, reader = _header(text)
    _skip_remarks(reader)
    state = read_initial_state(reader)
    processes = _processes(reader, state)
    condition = read_condition(reader)
    _add_locations(state, processes)
    _check_names(state, processes, condition)
    parts = (state.locations, tuple(sorted(state.locks)), state.registers, processes, condition)
    return LitmusFile(name, source, *parts, content_hash=sha256(text.encode(errors="surrogatepass")).hexdigest())


def _header(text: str) -> tuple[str, TokenReader]:
    """The name in the first line that is not empty, `C NAME`, and what follows it."""
    words = list(islice(re.finditer(r"\S+", text), 2))
    if not words:
        raise LitmusError(1, "is empty")
    line = text.count("\n", 0, words[0].start()) + 1
    if words[0].group() != "C":
        raise LitmusError(line, f"a litmus test in C begins with a line `C NAME`, not with {words[0].group()[:40]!a}")
    if len(words) == 1 or "\n" in text[words[0].end() : words[1].start()]:
        raise LitmusError(line, "the name of the test is missing: `C NAME`")
    return words[1].group(), TokenReader(tokens_of(text[words[1].end() :], line))


def _skip_remarks(reader: TokenReader) -> None:
    """Strings, and lines such as `Generator=diy7`, up to the initial state."""
    while not reader.sees("{"):
        token = reader.next
        if token.kind == TEXT:
            reader.take()
        elif token.kind == NAME and reader.after().text == "=":
            while reader.line == token.line and reader.next.kind != END and not reader.sees("{"):
                reader.take()
        else:
            raise reader.wrong("`{` for the initial state")


def _processes(reader: TokenReader, state: InitialState) -> tuple[LitmusProcess, ...]:
    found: list[LitmusProcess] = []
    while reader.next.kind == NAME and PROCESS.match(reader.next.text):
        number = len(found)
        if reader.next.text != f"P{number}":
            raise reader.wrong(f"P{number}")
        if number == MOST_PROCESSES:
            raise NotSupported(reader.line, f"more than {MOST_PROCESSES} processes")
        reader.take()
        found.append(read_process(reader, number, [name for process, name in state.registers if process == number]))
    if not found:
        raise reader.wrong("P0")
    return tuple(found)


def _add_locations(state: InitialState, processes: Sequence[LitmusProcess]) -> None:
    """Those that only processes name, or values, are 0 at first; what is a lock somewhere is one everywhere."""
    for process in processes:
        for name, kind in process.parameters.items():
            if (name in state.locks and kind != LOCK) or (name in state.locations and kind == LOCK):
                raise LitmusError(process.line, f"{name} is a lock in one place, and none in another")
            if kind == LOCK:
                state.locks.add(name)
            else:
                state.locations.setdefault(name, 0)
    for name in state.mentioned:
        if name not in state.locks:
            state.locations.setdefault(name, 0)


def _check_names(state: InitialState, processes: Sequence[LitmusProcess], condition: Condition) -> None:
    """See that whatever is named is there."""
    for name, line in condition.watched.items():
        number, _, register = name.rpartition(":")
        if not number:
            if name not in state.locations:
                raise LitmusError(
                    line, f"{name} is a lock: its value is not looked at" if name in state.locks else f"there is no location {name}"
                )
        elif int(number) >= len(processes) or register not in processes[int(number)].registers:
            raise LitmusError(line, f"there is no register {name}")
    for name, line in condition.mentioned.items():
        if name not in state.locations and name not in state.locks:
            raise LitmusError(line, f"there is no location {name}")
    last = max((number for number, _ in state.registers), default=0)
    if last >= len(processes):
        raise LitmusError(condition.line, f"there is no process P{last}, which has initial values")
