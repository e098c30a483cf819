"""What some Python objects hold, and whether it is still the same later: attributes, containers and their contents, to any depth.

It goes through objects of the classes that it is told to and through Python's own containers, functions and classes. It does not go through
anybody else's objects, nor does it see what the standard library's do not show.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import count
from operator import length_hint
from types import CellType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any

from stages.shared_memory import Cell, ListHead, PerCpu, SpinLock, Struct, Word

# More than any stage has.
MOST = 20_000

# Nothing in them changes but by operations of the machine.
SETTLED = frozenset({int, str, bool, float, bytes, complex, type(None), range, Cell, Word, ListHead, SpinLock})

# Objects that can be reached, with their names.
Named = list[tuple[str, Any]]
# Notes what an object holds, and returns what it leads to.
Inside = Callable[["Snapshot", str, Any], Named]


class Owned:
    """Whose objects are gone through: those whose module `owns` accepts, by its name. It remembers how, for each type."""

    def __init__(self, owns: Callable[[str], bool]) -> None:
        self.owns = owns
        # Types whose objects lead nowhere.
        self.settled = set(SETTLED)
        self._inside: dict[type, Inside] = {}
        self._slots: dict[type, list[str]] = {}

    def way_into(self, kind: type) -> Inside:
        """How to go through an object of a type that is not settled."""
        inside = self._inside.get(kind)
        if inside is None:
            own = _attributes if self.owns(kind.__module__) else _nothing
            inside = self._inside[kind] = next((inside for base, inside in INSIDE.items() if issubclass(kind, base)), own)
            if inside is _nothing:
                self.settled.add(kind)
        return inside

    def slots(self, kind: type) -> list[str]:
        """The slots that owned classes give to an object of a type."""
        slots = self._slots.get(kind)
        if slots is None:
            slots = self._slots[kind] = []
            for cls in kind.__mro__:
                own = vars(cls).get("__slots__", ()) if self.owns(cls.__module__) else ()
                slots += (own,) if isinstance(own, str) else own
        return slots


class Snapshot:
    """What was found by going through `roots`, but for what `known` has already.

    `like`: a snapshot of objects that were made in the same way. If nothing but the attributes of its roots had to be noted there, no more
    is looked for here: few stages have anything else, and there are many executions.
    """

    def __init__(self, owned: Owned, roots: Named, known: Snapshot | None = None, like: Snapshot | None = None) -> None:
        self.owned = owned
        self.names: list[str] = []
        # What changes in place, and a copy.
        self.held: list[tuple[Any, Any]] = []
        # How to look, and what was seen.
        self.looks: list[tuple[str, Callable[[], Any], Any]] = []
        # By their `id`, which is nobody else's while they are kept here.
        self.reached: dict[int, Any] = {}
        # Whether nothing but the attributes of the roots had to be noted.
        self.shallow: bool
        if like is not None and like.shallow:
            self.shallow = True
            for name, root in roots:
                self.hold(name, vars(root), vars(root).copy())
            return
        if known is not None:
            self.reached.update(known.reached)
        todo = roots
        while todo and len(self.reached) < MOST:
            todo = self._through(todo)
        self.shallow = not self.looks and [id(live) for live, _ in self.held] == [id(getattr(root, "__dict__", None)) for _, root in roots]

    def _through(self, named: Named) -> Named:
        reached, way_into = self.reached, self.owned.way_into
        found: Named = []
        for name, each in named:
            if id(each) not in reached:
                reached[id(each)] = each
                found += way_into(type(each))(self, name, each)
        return found

    def changed(self) -> str:
        """The name of the first thing that is no longer what it was; empty if there is none."""
        for live, saved in self.held:
            if live != saved:
                return next(_which(name, *pair) for name, pair in zip(self.names, self.held, strict=True) if pair[0] != pair[1])
        return next((name for name, look, saved in self.looks if look() != saved), "")

    def hold(self, name: str, live: Any, saved: Any) -> None:
        """Note the contents of what changes in place."""
        self.names.append(name)
        self.held.append((live, saved))

    def look(self, name: str, look: Callable[[], Any]) -> Any:
        """Note what is seen by looking."""
        seen = look()
        self.looks.append((name, look, seen))
        return seen

    def parts(self, form: str, items: Iterable[tuple[Any, Any]]) -> Named:
        """Those of `items` that may lead to something, with names."""
        settled = self.owned.settled
        return [(form.format(key), value) for key, value in items if type(value) not in settled]


def _which(name: str, live: Any, saved: Any) -> str:
    """Which part of a container or of an object's attributes has changed, if it is one that has a name."""
    if isinstance(saved, dict):
        keys = [key for key in {**saved, **live} if key not in saved or key not in live or live[key] != saved[key]]
        return f"{name}.{keys[0]}".lstrip(".") if keys and isinstance(keys[0], str) else name
    if isinstance(live, Sequence) and len(live) == len(saved):
        return next((f"{name}[{at}]" for at, (new, old) in enumerate(zip(live, saved, strict=True)) if new != old), name)
    return name


def _nothing(at: Snapshot, name: str, found: Any) -> Named:
    return []


def _attributes(at: Snapshot, name: str, found: Any) -> Named:
    """Of an object of an owned class: its attributes and slots, and its class, which may have been made at run time."""
    cls = type(found)
    parts: Named = [] if id(cls) in at.reached else [(cls.__name__, cls)]
    if (held := getattr(found, "__dict__", None)) is not None:
        at.hold(name, held, held.copy())
        parts += at.parts(f"{name}.{{}}", held.items())
    for slot in at.owned.slots(cls):
        parts.append((f"{name}.{slot}", at.look(f"{name}.{slot}", partial(getattr, found, slot, None))))
    return parts


def _structure(at: Snapshot, name: str, found: Struct) -> Named:
    """As any object; what is declared in it is in cells."""
    parts = _attributes(at, name, found)
    return [part for part in parts if part[1] is not found.cells] if parts else parts


def _class(at: Snapshot, name: str, found: type) -> Named:
    if not at.owned.owns(found.__module__):
        return []
    at.hold(found.__name__, vars(found), dict(vars(found)))
    return at.parts(f"{found.__name__}.{{}}", vars(found).items())


def _module(at: Snapshot, name: str, found: ModuleType) -> Named:
    if not at.owned.owns(found.__name__):
        return []
    at.hold(name, vars(found), dict(vars(found)))
    return at.parts(f"{name}.{{}}" if name else "{}", ((key, value) for key, value in vars(found).items() if key != "__builtins__"))


def _function(at: Snapshot, name: str, found: FunctionType) -> Named:
    if not at.owned.owns(found.__module__ or ""):
        return []
    at.hold(name, found.__dict__, found.__dict__.copy())
    parts = at.parts(f"{name}.{{}}", found.__dict__.items())
    arguments = zip(found.__code__.co_varnames[: found.__code__.co_argcount][::-1], (found.__defaults__ or ())[::-1], strict=False)
    parts += at.parts(f"the default of {{}} in {name}", [*arguments, *(found.__kwdefaults__ or {}).items()])
    return parts + at.parts(f"{{}} in {name}", zip(found.__code__.co_freevars, found.__closure__ or (), strict=True))


def _variable(at: Snapshot, name: str, found: CellType) -> Named:
    return [(name, at.look(name, lambda: _content(found)))]


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        # It has none yet.
        return None


def _mapping(at: Snapshot, name: str, found: dict[Any, Any]) -> Named:
    # The order of the keys may be what counts.
    at.look(name, lambda: list(found.items()))
    return at.parts(f"{name}[{{!r}}]", found.items())


def _sequence(at: Snapshot, name: str, found: Any) -> Named:
    at.hold(name, found, found[:] if isinstance(found, list | bytearray) else found.copy())
    return _fixed(at, name, found)


def _set(at: Snapshot, name: str, found: set[Any]) -> Named:
    at.hold(name, found, found.copy())
    return []


def _fixed(at: Snapshot, name: str, found: Iterable[Any]) -> Named:
    return at.parts(f"{name}[{{}}]", enumerate(found))


def _pieces(*names: str) -> Inside:
    """What one of Python's own wrappers leads to."""
    return lambda at, name, found: [(name, getattr(found, piece)) for piece in names]


def _iterator(at: Snapshot, name: str, found: Any) -> Named:
    at.look(name, lambda: length_hint(found, -1))
    return []


def _shown(at: Snapshot, name: str, found: Any) -> Named:
    at.look(name, lambda: repr(found))
    return []


def _generator(at: Snapshot, name: str, found: GeneratorType[Any, Any, Any]) -> Named:
    at.look(name, lambda: (found.gi_frame.f_lasti, dict(found.gi_frame.f_locals)) if found.gi_frame else None)
    return []


# By the type, or the base of it, that comes first.
INSIDE: dict[type, Inside] = {
    dict: _mapping,
    list: _sequence,
    deque: _sequence,
    bytearray: _sequence,
    set: _set,
    tuple: _fixed,
    PerCpu: _fixed,
    Struct: _structure,
    ModuleType: _module,
    type: _class,
    FunctionType: _function,
    CellType: _variable,
    MethodType: _pieces("__self__", "__func__"),
    staticmethod: _pieces("__func__"),
    classmethod: _pieces("__func__"),
    property: _pieces("fget", "fset"),
    partial: _pieces("args", "keywords", "func"),
    GeneratorType: _generator,
    count: _shown,
    type(iter([])): _iterator,
    type(iter(())): _iterator,
    type(iter(range(0))): _iterator,
}
