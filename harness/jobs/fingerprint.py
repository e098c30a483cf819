"""Whether a stage has changed what judges it: the harness's own modules and classes, Python's functions, and how Python runs.

Taken before anything of a stage is there, and compared after each task. What is changed and changed back in between is not seen. Of other
people's modules only functions and classes are compared: the rest of what they hold is theirs to change.
"""

from __future__ import annotations

import builtins
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from operator import is_
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Protocol

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


class Fingerprint:
    """What there is now."""

    def __init__(self) -> None:
        # Name, namespace, and what it holds.
        self._spaces: list[tuple[str, Mapping[str, Any], dict[str, Any]]] = []
        # Name, class, a function that does not count, and how many others it has.
        self._classes: list[tuple[str, Mapping[str, Any], str, int]] = []
        self._functions: list[tuple[str, FunctionType, tuple[Any, ...]]] = []
        # Constants that could be changed in place, with what they hold.
        self._constants: list[tuple[str, Any, list[Any]]] = []
        self._modules = {name: module for name, module in sys.modules.items() if _own(name)}
        self._settings = {name: setting() for name, setting in SETTINGS.items()}
        self._note("builtins", vars(builtins), own=False)
        for name, module in list(sys.modules.items()):
            # Some put other things there.
            if type(module) is ModuleType and module is not builtins:
                self._note_module(name, module)

    def _note_module(self, name: str, module: ModuleType) -> None:
        own = _own(name)
        self._note(name, vars(module), own)
        for key, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == name:
                self._note(f"{name}.{key}", vars(value), own)
                late = LATE if Protocol in value.__mro__ else ""
                self._classes.append((f"{name}.{key}", vars(value), late, _functions_in(vars(value), late)))
            elif own and key.isupper() and type(value) in (dict, list, set):
                self._constants.append((f"{name}.{key}", value, _items(value)))

    def _note(self, name: str, space: Mapping[str, Any], own: bool) -> None:
        self._spaces.append((name, space, {key: value for key, value in space.items() if own or isinstance(value, FIXED)}))
        if own:
            self._functions += [(f"{name}.{key}", value, _made_of(value)) for key, value in space.items() if type(value) is FunctionType]

    def changed(self) -> str:
        """The name of the first thing that is no longer what it was; empty if there is none."""
        changes = chain(self._replaced(), self._added(), self._mutated())
        return next(changes, "")

    def _replaced(self) -> Iterator[str]:
        for name, space, held in self._spaces:
            for key, value in held.items():
                if space.get(key) is not value:
                    yield f"{name}.{key}"

    def _added(self) -> Iterator[str]:
        """Functions of a class hide those of the classes that it is made of."""
        return (name for name, space, late, functions in self._classes if _functions_in(space, late) != functions)

    def _mutated(self) -> Iterator[str]:
        yield from (name for name, module in self._modules.items() if sys.modules.get(name) is not module)
        yield from (name for name, function, parts in self._functions if not _same(_made_of(function), parts))
        yield from (name for name, container, items in self._constants if not _same(_items(container), items))
        yield from (name for name, setting in self._settings.items() if SETTINGS[name]() != setting)


def _own(module: str) -> bool:
    return module.partition(".")[0] in OWN


def _functions_in(space: Mapping[str, Any], late: str) -> int:
    return sum(type(value) is FunctionType for key, value in space.items() if key != late)


def _same(now: Sequence[Any], before: Sequence[Any]) -> bool:
    return len(now) == len(before) and all(map(is_, now, before))


def _made_of(function: FunctionType) -> tuple[Any, ...]:
    return function.__code__, function.__defaults__, function.__kwdefaults__


def _items(container: Any) -> list[Any]:
    return [part for pair in container.items() for part in pair] if isinstance(container, dict) else list(container)
