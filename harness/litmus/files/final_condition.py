"""Reads the condition at the end of a litmus file, and tells which final states satisfy it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.litmus.files.initial_state import Mentioned, read_register, read_value
from harness.litmus.files.litmus_error import LitmusError, NotSupported
from harness.litmus.files.syntax import Value
from harness.litmus.files.token_reader import TokenReader
from harness.litmus.files.tokens import END, NAME, NUMBER, PROCESS

EXISTS = "exists"
NEVER_EXISTS = "~exists"
FORALL = "forall"

# What is looked at in the end: a register, such as `0:r0`, or a location.
Watched = str
FinalState = Mapping[Watched, Value]


@dataclass(frozen=True)
class Comparison:
    """Something that is looked at, and the value that it has, or has not."""

    watched: Watched
    value: Value
    equal: bool = True

    def holds(self, state: FinalState) -> bool:
        """Whether it is so."""
        return (state[self.watched] == self.value) == self.equal

    def __str__(self) -> str:
        return f"{self.watched}{'=' if self.equal else '!='}{self.value}"


@dataclass(frozen=True)
class Truth:
    """`true` or `false`."""

    value: bool

    def holds(self, state: FinalState) -> bool:
        """The same of every state."""
        return self.value

    def __str__(self) -> str:
        return str(self.value).lower()


@dataclass(frozen=True)
class Negation:
    """Not so."""

    part: Proposition

    def holds(self, state: FinalState) -> bool:
        """Whether it is not so."""
        return not self.part.holds(state)

    def __str__(self) -> str:
        return f"~({self.part})"


@dataclass(frozen=True)
class Conjunction:
    """All of the parts, or any: `sign` says which."""

    sign: str
    parts: tuple[Proposition, ...]

    def holds(self, state: FinalState) -> bool:
        """Whether all hold, or any does."""
        return (all if self.sign == "/\\" else any)(part.holds(state) for part in self.parts)

    def __str__(self) -> str:
        return f" {self.sign} ".join(f"({part})" if isinstance(part, Conjunction) else str(part) for part in self.parts)


Proposition = Comparison | Truth | Negation | Conjunction


@dataclass
class Condition:
    """What is asked of the final states, and what of them is looked at, in the order of the tables."""

    quantifier: str
    proposition: Proposition
    line: int
    watched: dict[Watched, int] = field(default_factory=dict)
    mentioned: Mentioned = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.quantifier} ({self.proposition})"


def read_condition(reader: TokenReader) -> Condition:
    """Everything behind the processes, up to the end of the file."""
    parser = _ConditionParser(reader)
    while reader.sees("locations", "filter"):
        parser.locations()
    line = reader.line
    quantifier = parser.quantifier()
    proposition = parser.either()
    if reader.next.kind != END:
        raise reader.wrong("the end of the file")
    watched = dict(sorted(parser.watched.items(), key=_in_order))
    return Condition(quantifier, proposition, line, watched, parser.mentioned)


def _in_order(item: tuple[Watched, int]) -> tuple[bool, int, str]:
    """Registers by process, then locations."""
    process, _, register = item[0].rpartition(":")
    return not process, int(process or 0), register


class _ConditionParser:
    def __init__(self, reader: TokenReader) -> None:
        self.reader = reader
        # What is looked at, and the line on which it is first.
        self.watched: dict[Watched, int] = {}
        self.mentioned: Mentioned = {}

    def locations(self) -> None:
        """What is shown beside what the condition is about."""
        reader = self.reader
        if reader.take().text == "filter":
            raise NotSupported(reader.line, "filter")
        reader.expect("[", "after `locations`")
        while not reader.accept("]"):
            self._watched()
            if not reader.sees("]"):
                reader.expect(";", "in `locations`")

    def quantifier(self) -> str:
        reader = self.reader
        if reader.accept("~", "not"):
            reader.expect("exists", "after `~`")
            return NEVER_EXISTS
        if token := reader.accept(EXISTS, FORALL):
            return token.text
        raise reader.wrong("a process, or the condition (exists, ~exists, forall),")

    def either(self) -> Proposition:
        return self._chain("\\/")

    def _chain(self, sign: str) -> Proposition:
        parts = []
        while True:
            parts.append(self._chain("/\\") if sign == "\\/" else self._one())
            if not self.reader.accept(sign):
                return parts[0] if len(parts) == 1 else Conjunction(sign, tuple(parts))

    def _one(self) -> Proposition:
        reader = self.reader
        with reader.nested():
            if reader.accept("~", "not"):
                return Negation(self._one())
            if reader.accept("("):
                found = self.either()
                reader.expect(")")
                return found
        if token := reader.accept("true", "false"):
            return Truth(token.text == "true")
        return self._comparison()

    def _comparison(self) -> Comparison:
        watched = self._watched()
        sign = self.reader.accept("=", "==", "!=")
        if sign is None:
            raise self.reader.wrong(f"`=` after {watched}")
        return Comparison(watched, read_value(self.reader, self.mentioned), sign.text != "!=")

    def _watched(self) -> Watched:
        reader = self.reader
        line = reader.line
        if reader.next.kind == NUMBER:
            process, register = read_register(reader)
            name = f"{process}:{register}"
        elif PROCESS.match(reader.next.text) and reader.after().text == ":":
            name = f"{reader.take().text[1:]}:{reader.take() and reader.name('a register').text}"
        elif reader.accept("["):
            name = reader.name("a location").text
            reader.expect("]")
        elif reader.next.kind == NAME:
            name = reader.take().text
        else:
            raise reader.wrong("a register such as `0:r0`, or a location,")
        if reader.sees("["):
            raise LitmusError(reader.line, "not supported: arrays")
        self.watched.setdefault(name, line)
        return name
