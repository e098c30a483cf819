"""A compiled stage as a module with the classes that a suite asks for, or what of its API it lacks."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import pytest

from harness.explored.models import ARM, ENGINES, PSO, SC, TSO
from harness.machine.diagnosis import CannotRun
from harness.machine.engine import LIST_READ
from harness.machine.machines import machine_on
from harness.machine.scheduler import Vcpu
from harness.native.glue import NativeCall, NativeGlue
from harness.native.loading import load_stage
from harness.native.stage_module import LacksFunction
from stages.shared_memory import Struct
from tests.native.in_c import needs_cc, source
from tests.native.running import GLUE, NUMBERS, functions, guest

pytestmark = needs_cc

LITTLE = "struct thing { int a; int b[2]; }; void one(struct thing *t) { t->a = 1; }"


def test_a_module_has_what_a_suite_asks_for() -> None:
    """A structure with its fields, and a subsystem with the calls."""
    module = functions()
    assert issubclass(module.Thing, Struct)
    assert [field.name for field in module.Thing.declared] == ["link", "number", "flag", "small", "function"]
    assert callable(module.Functions.follows_null)


def test_the_first_function_that_there_is_is_called() -> None:
    """A call of the API may be one of several functions."""
    glue = replace(GLUE, calls=(NativeCall("do_one", ("percpu_one", "one")),))
    assert callable(load_stage(source(LITTLE), glue, "little").Functions.do_one)


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({"structs": {"Thing": "nothing"}}, "no struct nothing"),
        ({"calls": (NativeCall("two", ("two", "zwei")),)}, "no function two or zwei"),
        ({"words": ("work_to_do",)}, "no variable work_to_do for each CPU"),
    ],
)
def test_what_is_lacking_is_said(changes: dict[str, object], lacks: str) -> None:
    """Without the structure or a function, it is no stage."""
    with pytest.raises(LacksFunction, match=lacks):
        load_stage(source(LITTLE), replace(GLUE, **changes), "little")


@pytest.mark.parametrize("model", [SC, TSO, PSO, ARM])
def test_a_structure_has_its_list_nodes(model: str) -> None:
    """A program that looks at them touches what C code writes, and a search is told of no less than what it has touched."""
    engine = ENGINES[model](max_steps=100)
    machine = machine_on(engine, 2)
    machine.renumber(NUMBERS[:2])
    stage = machine.install(functions().Functions)
    thing = functions().Thing(machine, "x")
    stage.starts(thing)
    assert [node.name for node in thing.list_nodes] == ["x.link"]
    machine.start_vcpu(guest(machine, 0, stage, "links_itself", thing))
    machine.start_vcpu(Vcpu("looker", 1, lambda looker: (machine.look_at_links(thing.list_nodes, "links"), machine.vcpu_block(looker))))
    engine.run()
    (look,) = [at for at, operation in enumerate(engine.done) if operation[1] is LIST_READ]
    touched = engine.done[look][2]
    assert all(link.tag & touched for link in thing.list_nodes[0].links)
    assert look not in engine.announced or not touched & ~engine.announced[look][0][2]
    engine.close()


ANSWERS = """
#include <machine.h>
#include <xen/types.h>
struct thing { int a; };
struct other { long b; };
static struct thing *last;
static void (*function)(unsigned long);
static unsigned long data;
signed char negative(void) { return -1; }
unsigned char large(void) { return 255; }
bool is_true(void) { return data == data; }
void nothing(void) { data = 7; }
void keep(struct thing *t, struct other *o) { last = t; o->b = 1; }
struct thing *kept(void) { return last; }
void later(void (*f)(unsigned long), unsigned long d) { function = f; data = d; }
void now(void) { function(data); }
"""
CALLS = ("negative", "large", "is_true", "nothing", "keep", "kept", "later", "now")


def test_what_goes_in_and_what_comes_out() -> None:
    """Instances of several structures are passed and returned, functions with and without data are called back, and results have types."""
    module = load_stage(
        source(ANSWERS), NativeGlue("Functions", {"Thing": "thing", "Other": "other"}, tuple(map(NativeCall, CALLS))), "answers"
    )
    machine = machine_on(ENGINES[SC](max_steps=100), 2)
    machine.renumber(NUMBERS[:2])
    with pytest.raises(RuntimeError, match=r"^x is made before the stage is installed: call Bench.install first$"):
        module.Thing(machine, "x")
    stage = machine.install(module.Functions)
    x, y = module.Thing(machine, "x"), module.Other(machine, "y")
    assert (stage.negative(), stage.large(), stage.is_true(), stage.nothing(), stage.kept()) == (-1, 255, True, None, None)
    stage.keep(x, y)
    assert stage.kept() is x
    called: list[object] = []
    stage.later(called.append, "data")
    stage.now()
    stage.later(lambda: called.append("none"))
    stage.now()
    assert called == ["data", "none"]
    with pytest.raises(CannotRun, match="has keep with 2 parameters, and the suite passes 1"):
        stage.keep(x)
    machine.engine.close()


def test_a_stage_in_python_lacks_the_same() -> None:
    """What a suite says of C tells what of its API a module of Python lacks."""
    api, module = NativeGlue("Queue", {"Node": "node"}, (NativeCall("put", ("queue_put",)),)), ModuleType("queue")
    assert api.lacks(module) == "no Node, Queue"
    module.Node, module.Queue = int, type("Queue", (), {})  # type: ignore[attr-defined]
    assert api.lacks(module) == "no Queue.put"
    module.Queue.put = print
    assert api.lacks(module) == ""
