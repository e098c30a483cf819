"""Reads the initial state of a litmus file: `{ x=0; int *p=&x; 0:r0=1; }`."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.litmus.files.expressions import ATOMIC, LOCK, TYPES
from harness.litmus.files.litmus_error import LitmusError, NotSupported
from harness.litmus.files.syntax import Address, Value
from harness.litmus.files.token_reader import TokenReader
from harness.litmus.files.tokens import NAME, NUMBER, Token

# The locations whose addresses are values, each with the line where that is first.
Mentioned = dict[str, int]


@dataclass
class InitialState:
    """What shared locations and registers hold at first, and which locations are locks."""

    locations: dict[str, Value] = field(default_factory=dict)
    locks: set[str] = field(default_factory=set)
    registers: dict[tuple[int, str], Value] = field(default_factory=dict)
    mentioned: Mentioned = field(default_factory=dict)


def read_initial_state(reader: TokenReader) -> InitialState:
    """What stands between braces."""
    state = InitialState()
    reader.expect("{", "for the initial state")
    while not reader.accept("}"):
        if reader.accept(";"):
            continue
        _entry(reader, state)
        if not reader.sees("}"):
            reader.expect(";", "after an initial value")
    return state


def _entry(reader: TokenReader, state: InitialState) -> None:
    kind = _type(reader)
    if reader.next.kind == NUMBER:
        register = read_register(reader)
        if register in state.registers:
            raise LitmusError(reader.line, f"{register[0]}:{register[1]} has two initial values")
        reader.expect("=", "after a register")
        state.registers[register] = _value(reader, state)
        return
    name = _bracketed(reader) if reader.accept("[") else reader.name("a location")
    if reader.sees("["):
        raise NotSupported(reader.line, "arrays")
    if name.text in state.locations or name.text in state.locks:
        raise LitmusError(name.line, f"{name.text} has two initial values")
    if kind == LOCK:
        if reader.sees("="):
            raise NotSupported(name.line, "the initial value of a lock")
        state.locks.add(name.text)
    else:
        state.locations[name.text] = _value(reader, state) if reader.accept("=") else 0


def _bracketed(reader: TokenReader) -> Token:
    name = reader.name("a location")
    reader.expect("]")
    return name


def _type(reader: TokenReader) -> str:
    """The type that is declared, if there is one."""
    following = reader.after()
    if reader.next.kind != NAME or not (following.kind in (NAME, NUMBER) or following.text == "*"):
        return ""
    kind = reader.take()
    if kind.text not in (*TYPES, ATOMIC, LOCK):
        raise NotSupported(kind.line, f"the type {kind.text}")
    while reader.accept("*"):
        pass
    return kind.text


def _value(reader: TokenReader, state: InitialState) -> Value:
    if not reader.sees("ATOMIC_INIT"):
        return read_value(reader, state.mentioned)
    reader.take()
    reader.expect("(")
    value = reader.signed_number()
    reader.expect(")")
    return value


def read_register(reader: TokenReader) -> tuple[int, str]:
    """Such as `0:r0`."""
    process = reader.number()
    reader.expect(":", "after the number of a process")
    return process, reader.name("a register").text


def read_value(reader: TokenReader, mentioned: Mentioned) -> Value:
    """A number, or the address of a location, with or without `&`."""
    if reader.sees("-") or reader.next.kind == NUMBER:
        return reader.signed_number()
    reader.accept("&")
    name = reader.name("a value")
    mentioned.setdefault(name.text, name.line)
    return Address(name.text)
