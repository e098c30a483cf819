"""Makes of a compiled stage what a suite takes for a stage in Python: a module with the class of its structure and that of its subsystem.

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
from harness.native.layout import Leaf
from harness.native.library import Library
from harness.native.native_module import NativeModule
from stages.shared_memory import Cell, Declared, ListHead, PerCpu, Struct

inner(__file__)


class LacksFunction(Exception):
    """The stage lacks something of the API; the message completes "the stage lacks the API of a stage: "."""


class NativeStruct(Struct):
    """A structure of C code, in the memory of the machine that it is made for; nobody has initialised it."""

    struct: ClassVar[str]

    def __init__(self, hv: Any, name: str, address: int = 0) -> None:
        self.hv, self.name = hv, name
        bound: Binding = hv.native
        # One that the stage declares is where it is; any other one is in fresh memory.
        self.address = address or bound.allocate(self.struct, name)
        self.found = bound.found(self.struct, name, self.address, fresh=not address)
        self.cells = cast(list[Cell], self.found.cells)

    @property
    def list_nodes(self) -> list[ListHead]:
        return cast(list[ListHead], self.found.nodes)


class NativeSubsystem:
    """The stage's code on one machine; the calls of the API are added by `stage_module`."""

    library: ClassVar[Library]
    glue: ClassVar[NativeGlue]
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
        waiting: Callable[[Any], Any] | None = None
        for argument in arguments:
            if waiting is not None:
                passed.append(self.native.handle(waiting, argument))
                waiting = None
            elif isinstance(argument, NativeStruct):
                passed.append(argument.address)
            elif callable(argument):
                passed.append(self.native.runtime.call_back)
                waiting = argument
            else:
                passed.append(int(argument))
        return passed


def stage_module(library: Library, glue: NativeGlue, name: str) -> NativeModule:
    """The stage as a module of that name; raises `LacksFunction`."""
    if glue.struct not in library.layout.structs:
        raise LacksFunction(f"no struct {glue.struct}")
    there = {variable.name for variable in library.layout.variables if variable.per_cpu}
    if missing := [word for word in glue.words if word not in there]:
        raise LacksFunction(f"no variable {missing[0]} for each CPU")
    module = NativeModule(name)
    module.library = library
    fields = tuple(_declared(field) for field in _members(library.layout.structs[glue.struct].leaves))
    made = type(glue.object_name, (NativeStruct,), {"struct": glue.struct, "declared": fields, "__module__": name})
    calls = {call.name: _method(library, call) for call in glue.calls}
    subsystem = type(glue.subsystem_name, (NativeSubsystem,), {"library": library, "glue": glue, "made": made, "__module__": name, **calls})
    setattr(module, glue.object_name, made)
    setattr(module, glue.subsystem_name, subsystem)
    module.machine_words = glue.words  # type: ignore[attr-defined]
    return module


def _members(leaves: Sequence[Leaf]) -> list[str]:
    """The members of a structure, in order."""
    return list(dict.fromkeys(leaf.suffix.lstrip(".").partition(".")[0].partition("[")[0] for leaf in leaves))


def _declared(name: str) -> Declared:
    found = Declared()
    found.name = name
    return found


def _method(library: Library, call: NativeCall) -> Callable[..., Any]:
    address = next((at for at in map(library.function, call.functions) if at), 0)
    if not address:
        raise LacksFunction(f"no function {' or '.join(call.functions)}")

    def method(self: NativeSubsystem, *arguments: Any) -> Any:
        if call.declares < 0:
            return self.native.call(address, *self.c_arguments(arguments))
        name, function, data = arguments
        number = self.declared.get(call.declares, 0)
        self.declared[call.declares] = number + 1
        at = self.native.call(address, number)
        if not at:
            raise CannotRun(f"cannot be given more than {number} static declarations")
        self.native.handles[call.declares + number] = (function, data)
        return self.made(self.hv, name, at)

    method.__name__ = call.name
    return method


def _declared_too_late(_: Any) -> None:
    raise AssertionError("nothing is declared with this handle")
