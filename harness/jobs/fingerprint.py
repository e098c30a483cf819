"""Whether a stage has changed what judges it: the harness's own modules and classes, Python's functions, and how Python runs.

Taken before anything of a stage is there, and compared after each task. What is changed and changed back in between is not seen. Of other
people's modules only functions and classes are compared: the rest of what they hold is theirs to change.
"""

from __future__ import annotations

import builtins
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, is_
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Protocol

# What a function does: its code, and the values of arguments that are not given.
PARTS = attrgetter("__code__", "__defaults__", "__kwdefaults__")

OWN = ("harness", "stages")
FIXED = (FunctionType, BuiltinFunctionType, type)

# How Python runs, in words.
SETTINGS: dict[str, Callable[[], object]] = {
    "Python's recursion limit": sys.getrecursionlimit,
    "what traces Python's execution": sys.gettrace,
    "what profiles Python's execution": sys.getprofile,
    "what traces new threads": threading.gettrace,
    "what profiles new threads": threading.getprofile,
}


# `typing` gives it to a class that implements a protocol when the first object is made.
LATE = "__init__"


@dataclass(frozen=True)
class Namespace:
    """A module or a class: some of what it holds, and how much that is in all."""

    name: str
    space: Mapping[str, Any]
    keys: tuple[str, ...]
    values: tuple[Any, ...]
    size: int
    # How many functions it has, but for those called `late`: None if that does not matter.
    functions: int | None
    late: str

    def changes(self) -> Iterator[str]:
        """The names of what has been replaced; of a class that has more functions than before, which may hide others, its own."""
        if not all(map(is_, map(self.space.get, self.keys), self.values)):
            yield from (f"{self.name}.{key}" for key, value in zip(self.keys, self.values, strict=True) if self.space.get(key) is not value)
        if self.functions is not None and len(self.space) != self.size and _functions_in(self.space, self.late) != self.functions:
            yield self.name


class Fingerprint:
    """What there is now."""

    def __init__(self) -> None:
        self._spaces: list[Namespace] = []
        self._names: list[str] = []
        self._functions: list[FunctionType] = []
        # Constants that could be changed in place, with what they hold.
        self._constants: list[tuple[str, Any, list[Any]]] = []
        self._modules = {name: module for name, module in sys.modules.items() if _own(name)}
        self._settings = {name: setting() for name, setting in SETTINGS.items()}
        self._note("builtins", vars(builtins), own=False)
        for name, module in list(sys.modules.items()):
            # Some put other things there.
            if type(module) is ModuleType and module is not builtins:
                self._note_module(name, module)
        self._parts = list(map(PARTS, self._functions))

    def _note_module(self, name: str, module: ModuleType) -> None:
        own = _own(name)
        self._note(name, vars(module), own)
        for key, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == name:
                self._note(f"{name}.{key}", vars(value), own, value)
            elif own and key.isupper() and type(value) in (dict, list, set):
                self._constants.append((f"{name}.{key}", value, _items(value)))

    def _note(self, name: str, space: Mapping[str, Any], own: bool, cls: type | None = None) -> None:
        held = {key: value for key, value in space.items() if own or isinstance(value, FIXED)}
        late = LATE if cls is not None and Protocol in cls.__mro__ else ""
        functions = None if cls is None else _functions_in(space, late)
        self._spaces.append(Namespace(name, space, tuple(held), tuple(held.values()), len(space), functions, late))
        if own:
            found = {f"{name}.{key}": value for key, value in held.items() if type(value) is FunctionType}
            self._names += found
            self._functions += found.values()

    def changed(self) -> str:
        """The name of the first thing that is no longer what it was; empty if there is none."""
        return next(self._changes(), "")

    def _changes(self) -> Iterator[str]:
        for space in self._spaces:
            yield from space.changes()
        for name, now, before in zip(self._names, map(PARTS, self._functions), self._parts, strict=True):
            if now[0] is not before[0] or now[1] is not before[1] or now[2] is not before[2]:
                yield name
        yield from (name for name, module in self._modules.items() if sys.modules.get(name) is not module)
        yield from (name for name, container, items in self._constants if not _same(_items(container), items))
        yield from (name for name, setting in self._settings.items() if SETTINGS[name]() != setting)


def _own(module: str) -> bool:
    return module.partition(".")[0] in OWN


def _functions_in(space: Mapping[str, Any], late: str) -> int:
    return sum(type(value) is FunctionType for key, value in space.items() if key != late)


def _same(now: Sequence[Any], before: Sequence[Any]) -> bool:
    return len(now) == len(before) and all(map(is_, now, before))


def _items(container: Any) -> list[Any]:
    return [part for pair in container.items() for part in pair] if isinstance(container, dict) else list(container)
