"""Makes of a compiled stage what a suite takes for a stage in Python: a module with the classes of its structures and of its subsystem.

How C provides the API of a suite is data of the suite's, a `NativeGlue`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, cast

from harness.machine.bit_words import BitWord
from harness.machine.diagnosis import CannotRun, inner
from harness.machine.machine import Machine
from harness.native.binding import Binding, binding
from harness.native.glue import NativeCall, NativeGlue
from harness.native.layout import Function, Leaf
from harness.native.layout_records import BOOL, POINTER
from harness.native.library import Library
from harness.native.native_module import NativeModule
from stages.shared_memory import Cell, Declared, ListHead, PerCpu, Struct

inner(__file__)

# How many arguments a call can have.
MOST_ARGUMENTS = 4


class LacksFunction(Exception):
    """The stage lacks something of the API; the message completes "the stage lacks the API of a stage: "."""


class NativeStruct(Struct):
    """A structure of C code, in the memory of the machine that it is made for; nobody has initialised it."""

    struct: ClassVar[str]

    def __init__(self, hv: Any, name: str, address: int = 0) -> None:
        self.hv, self.name = hv, name
        if not hasattr(hv, "native"):
            raise RuntimeError(f"{name} is made before the stage is installed: call Bench.install first")
        bound: Binding = hv.native
        # One that the stage declares is where it is; any other one is in fresh memory.
        self.address = address or bound.allocate(self.struct, name)
        self.found = bound.found(self.struct, name, self.address, fresh=not address)
        self.cells = cast(list[Cell], self.found.cells)
        bound.objects[self.address] = self

    @property
    def list_nodes(self) -> list[ListHead]:
        return cast(list[ListHead], self.found.nodes)


class NativeSubsystem:
    """The stage's code on one machine; the calls of the API are added by `stage_module`."""

    library: ClassVar[Library]
    glue: ClassVar[NativeGlue]
    # The first of the structures.
    made: ClassVar[type[NativeStruct]]

    def __init__(self, hv: Any) -> None:
        self.hv: Machine = hv
        self.native = binding(self.library, hv)
        self.native.handles += [(_declared_too_late, None)] * self.glue.handles
        hv.native = self.native
        # How many have been declared, by the first of their handles.
        self.declared: dict[int, int] = {}
        self.machine_words = {name: PerCpu(self._words(name)) for name in self.glue.words}

    def _words(self, name: str) -> list[BitWord]:
        """The words of the machine that are a variable of the stage's."""
        return [self.native.machine_word(f"{name}[{cpu}]") for cpu in range(len(self.hv.positions))]

    def c_arguments(self, arguments: Sequence[Any]) -> list[int]:
        """What C code is passed: of a function and its data, that which calls back, and a handle."""
        passed: list[int] = []
        remaining = list(arguments)
        while remaining:
            argument = remaining.pop(0)
            if isinstance(argument, NativeStruct):
                passed.append(argument.address)
            elif callable(argument):
                called, data = (argument, remaining.pop(0)) if remaining else (_without_data(argument), None)
                passed += [self.native.runtime.call_back, self.native.handle(called, data)]
            else:
                passed.append(int(argument))
        return passed


def _without_data(function: Callable[[], Any]) -> Callable[[Any], Any]:
    return lambda _: function()


def stage_module(library: Library, glue: NativeGlue, name: str) -> NativeModule:
    """The stage as a module of that name; raises `LacksFunction`."""
    if lacking := [struct for struct in glue.structs.values() if struct not in library.layout.structs]:
        raise LacksFunction(f"no struct {lacking[0]}")
    there = {variable.name for variable in library.layout.variables if variable.per_cpu}
    if missing := [word for word in glue.words if word not in there]:
        raise LacksFunction(f"no variable {missing[0]} for each CPU")
    module = NativeModule(name)
    module.library, module.constants = library, library.layout.constants
    classes = {called: _class_of(library, called, struct, name) for called, struct in glue.structs.items()}
    calls = {call.name: _method(library, call) for call in glue.calls}
    shared = {"library": library, "glue": glue, "made": next(iter(classes.values()), NativeStruct), "__module__": name}
    classes[glue.subsystem] = type(glue.subsystem, (NativeSubsystem,), shared | calls)
    for called, made in classes.items():
        setattr(module, called, made)
    module.machine_words = glue.words  # type: ignore[attr-defined]
    return module


def _class_of(library: Library, called: str, struct: str, module: str) -> type[Any]:
    """The class of a structure."""
    fields = tuple(_declared(field) for field in _members(library.layout.structs[struct].leaves))
    return type(called, (NativeStruct,), {"struct": struct, "declared": fields, "__module__": module})


def _members(leaves: Sequence[Leaf]) -> list[str]:
    """The members of a structure, in order."""
    return list(dict.fromkeys(leaf.suffix.lstrip(".").partition(".")[0].partition("[")[0] for leaf in leaves))


def _declared(name: str) -> Declared:
    found = Declared()
    found.name = name
    return found


def _method(library: Library, call: NativeCall) -> Callable[..., Any]:
    name = next(filter(library.function, call.candidates), "")
    if not name:
        raise LacksFunction(f"no function {' or '.join(call.candidates)}")
    address, function = library.function(name), library.layout.functions[name]
    wanted, in_python = len(function.parameters), _result_of(function)
    if wanted > MOST_ARGUMENTS:
        raise LacksFunction(f"no function {name} with at most {MOST_ARGUMENTS} parameters")

    def method(self: NativeSubsystem, *arguments: Any) -> Any:
        if call.declares >= 0:
            return _declare(self, call.declares, address, *arguments)
        passed = self.c_arguments(arguments)
        if len(passed) != wanted:
            raise CannotRun(f"has {name} with {wanted} parameters, and the suite passes {len(passed)}")
        return in_python(self.native, self.native.call(address, *passed))

    method.__name__ = call.name
    return method


def _declare(stage: NativeSubsystem, first: int, address: int, name: str, function: Callable[[Any], Any], data: Any) -> NativeStruct:
    """The next structure that is declared statically; `first`: the handle of the first one."""
    number = stage.declared.get(first, 0)
    stage.declared[first] = number + 1
    at = stage.native.call(address, number)
    if not at:
        raise CannotRun(f"cannot be given more than {number} static declarations")
    stage.native.handles[first + number] = (function, data)
    return stage.made(stage.hv, name, at)


def _result_of(function: Function) -> Callable[[Binding, int], Any]:
    """What makes a value of Python of what a function has left in a register, where only the bits of its type mean anything."""
    kind, bits = function.returns, 8 * function.returned
    if kind is None:
        return lambda *_: None
    if kind.kind == BOOL:
        return lambda _, found: bool(found & 1)
    if kind.kind == POINTER:
        # Of nothing that the suite has made, the address.
        return lambda bound, found: bound.objects.get(found, found) if found else None
    half = 1 << (bits - 1) if kind.signed and bits else 0
    return lambda _, found: ((found & (1 << bits) - 1) ^ half) - half


def _declared_too_late(_: Any) -> None:
    raise AssertionError("nothing is declared with this handle")
