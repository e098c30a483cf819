"""What C code changes in a list of its own CPU, where an interrupt could come in or has, is noted, as of stages in Python."""

from __future__ import annotations

from typing import Any

import pytest

from harness.explored.models import ARM, ENGINES, PSO, SC, TSO
from harness.machine.contexts import CHANGES, IN_HANDLER, INTERRUPTS_ON
from harness.machine.machines import machine_on
from harness.machine.scheduler import Vcpu
from tests.native.in_c import needs_cc
from tests.native.running import NUMBERS, functions

pytestmark = needs_cc

MODELS = pytest.mark.parametrize("model", [SC, TSO, PSO, ARM])


def noted(model: str, *names: str, in_handler: str = "", boot: str = "makes_queues") -> list[Any]:
    """What CPU0 has done: functions on things of their own (with a colon and a number: on that one), then one in a handler on the first."""
    engine = ENGINES[model](max_steps=500)
    machine = machine_on(engine, 2)
    machine.renumber(NUMBERS[:2])
    stage: Any = machine.install(functions().Functions)
    things = [functions().Thing(machine, f"x{number}") for number in range(3)]
    for thing in things:
        getattr(stage, boot)(thing)

    def run(guest: Vcpu) -> None:
        for at, name in enumerate(names):
            function, _, number = name.partition(":")
            getattr(stage, function)(things[int(number or at)])
        if in_handler:
            machine.interrupt(0, lambda: getattr(stage, in_handler)(things[0]))
        machine.vcpu_block(guest)

    machine.start_vcpu(Vcpu("guest", 0, run))
    engine.run()
    assert engine.failure is None
    engine.close()
    return list((engine.uses or {}).values())


@MODELS
def test_what_a_cpu_does_to_its_own_list_is_noted(model: str) -> None:
    """With interrupts on and in a handler, with the line; also to a node in the middle, which changes no link of the head."""
    uses = noted(model, "queues", in_handler="unlinks")
    assert [(use.what, use.how, use.context, use.cpu) for use in uses] == [
        ("queue[0]", CHANGES, INTERRUPTS_ON, "CPU0"),
        ("queue[0]", CHANGES, IN_HANDLER, "CPU0"),
    ]
    assert [str(use).rpartition("(")[2] for use in uses] == ["queues)", "unlinks)"]
    in_the_middle = noted(model, "queues_safely", "queues_safely", "queues_safely", "unlinks:1")
    assert [(use.context, str(use).rpartition("(")[2]) for use in in_the_middle] == [(INTERRUPTS_ON, "unlinks)")]


@MODELS
def test_what_no_interrupt_can_spoil_is_not_noted(model: str) -> None:
    """Interrupts are off; another CPU's list; one that all share; a look; a node in no list; a list that is set up."""
    assert noted(model, "queues_safely", "queues_elsewhere", "shares", "looks:0") == []
    assert noted(model, "links_itself", "unlinks:0") == []
    assert noted(model, "makes_queue", boot="links_itself") == []


def test_the_locks_that_are_held_are_noted_too() -> None:
    """They decide whether it is a clash."""
    (use,) = [use for use in noted(SC, "queues_under_lock") if use.how == CHANGES]
    assert use.held == ("lock",)
