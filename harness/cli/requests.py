"""The border of the command line: what argparse has read becomes a frozen dataclass, and no `Namespace` goes further.

Each command declares in its module what it can be asked for; a field has the name of the option, or is a dataclass of options itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, Generic, TypeVar, get_type_hints

T = TypeVar("T")


class Command(Generic[T]):
    """A command together with what it was asked for; `run` carries it out and returns the exit code."""

    def __init__(self, function: Callable[[T], int], request: T) -> None:
        self.function = function
        self.request = request

    def run(self) -> int:
        return self.function(self.request)


def request_of(kind: type[T], options: argparse.Namespace) -> T:
    """The dataclass `kind` with the values of the options that its fields are named after; `AttributeError` if there is no such option."""
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for field in fields(kind):  # type: ignore[arg-type]
        hint = hints[field.name]
        value = request_of(hint, options) if isinstance(hint, type) and is_dataclass(hint) else getattr(options, field.name)
        values[field.name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)
