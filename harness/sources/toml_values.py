"""Takes values out of a TOML document and says what is wrong with them: the file, the key, and what would be right."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from typing import Any

from harness.sources.safe_git import NoSource
from harness.suite.whole_numbers import quoted


class TomlTable:
    """A table of a file; `name` is the file's, and `inner` where in it the table is."""

    def __init__(self, values: dict[str, Any], name: str, inner: str = "") -> None:
        self.values = values
        self.name = name
        self.inner = inner

    @classmethod
    def of(cls, content: bytes, name: str) -> TomlTable:
        """The whole document."""
        try:
            return cls(tomllib.loads(content.decode("utf-8")), name)
        except (ValueError, RecursionError) as error:
            raise NoSource(f"{name} is no TOML: {error}") from None

    def require_keys(self, known: Sequence[str]) -> None:
        """Raise `NoSource` if there is a key that nobody knows."""
        for key in self.values:
            if key not in known:
                raise NoSource(f"{self.name}: unknown key {quoted(self.inner + key)}: choose from {', '.join(known)}")

    def text(self, key: str, usual: str = "") -> str:
        """A text of one line."""
        value = self.values.get(key, usual)
        if not isinstance(value, str) or (key in self.values and not value.strip()):
            raise self.wrong(key, "a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; none, if there is no such key."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise self.wrong(key, 'a list of texts, such as ["a", "b"]')
        return tuple(value)

    def number(self, key: str, least: int, most: int) -> int | None:
        """A whole number, if there is such a key."""
        value = self.values.get(key)
        if value is not None and (type(value) is not int or not least <= value <= most):
            raise self.wrong(key, f"a whole number from {least} to {most}")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false, if there is no such key."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def table(self, key: str) -> TomlTable:
        """A table in it; an empty one, if there is no such key."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"a table: [{key}]")
        return TomlTable(value, self.name, f"{self.inner}{key}.")

    def tables(self, key: str) -> list[TomlTable]:
        """A list of tables."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.wrong(key, f"a list of tables: begin each with [[{key}]]")
        return [TomlTable(each, self.name, f"{self.inner}{key}.") for each in value]

    def some_of(self, key: str, known: Iterable[str]) -> tuple[str, ...]:
        """A list of texts that are known, in the order in which they are."""
        value, names = self.texts(key), tuple(known)
        if not set(value) <= set(names):
            raise self.wrong(key, f"a list of some of {', '.join(names)}")
        return tuple(name for name in names if name in value)

    def wrong(self, key: str, right: str) -> NoSource:
        """The error for a value that is not `right`."""
        return NoSource(f"{self.name}: {self.inner}{key} is {quoted(self.values.get(key))}, and has to be {right}")
