"""A stage knows the CPUs by numbers that are not small; everybody else counts them from 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from harness.machine.cpu_numbers import cpu_of_number, stage_number
from harness.machine.diagnosis import PRECONDITION, Violation
from harness.machine.machine import Machine
from harness.timed.timed_engine import TimedEngine
from stages.hypervisor import CPU_DEAD, RCU_SOFTIRQ, Hypervisor, ListHead, Word

CPUS = 3


def numbered() -> Machine:
    """A machine that stands still, on CPU0; its stage knows three CPUs by large numbers."""
    machine = Machine(TimedEngine(), CPUS)
    machine.renumber([stage_number(cpu) for cpu in range(CPUS)])
    return machine


def test_numbers_are_not_small_and_differ() -> None:
    """They begin at 61, and two CPUs are enough to be on both sides of 64."""
    numbers = [stage_number(cpu) for cpu in range(8)]
    assert min(numbers) == numbers[0] == 61
    assert numbers[1] >= 64
    assert len(set(numbers)) == 8


def test_a_stage_finds_itself_and_what_is_its_own() -> None:
    """Its number is the one by which it finds what there is for each CPU; names go on counting from 0."""
    machine = numbered()
    hv = cast(Hypervisor, machine)
    words = hv.per_cpu("word", Word)
    for cpu in machine.cpus:
        machine.engine.current = cpu
        assert hv.smp_processor_id() == stage_number(cpu.number)
        assert words[hv.smp_processor_id()].name == f"word[{cpu.number}]"
        assert hv.cpu_online(hv.smp_processor_id())
    assert [word.name for word in words] == ["word[0]", "word[1]", "word[2]"]


def test_a_stage_reaches_the_cpu_that_it_means() -> None:
    """By a softirq, and by a function call."""
    machine = numbered()
    called: list[Any] = []
    machine.cpu_raise_softirq(stage_number(2), RCU_SOFTIRQ)
    machine.on_selected_cpus([stage_number(0), 3], called.append, "here", wait=True)
    assert [cpu.softirqs.value for cpu in machine.cpus] == [0, 0, 1 << RCU_SOFTIRQ]
    assert called == ["here"]


def test_a_notifier_is_told_the_number_that_the_stage_knows(bench: Any) -> None:
    """The machine takes down, and brings up, the CPU by its own."""
    machine: Machine = bench.machine
    machine.hotplug = True
    machine.renumber([stage_number(cpu) for cpu in range(2)])
    told: list[tuple[str, int]] = []
    machine.register_cpu_notifier(lambda action, cpu: told.append((action, cpu)))
    bench.on(0, lambda: machine.cpu_down(1))
    assert bench.run() is None
    assert told == [(CPU_DEAD, stage_number(1))]


def test_a_cpu_that_never_comes_is_not_online() -> None:
    """Code that goes through all numbers that there can be finds the CPUs that there are, and boot code may set up the others too."""
    machine = numbered()
    hv = cast(Hypervisor, machine)
    heads = hv.per_cpu("list", ListHead)
    assert sorted(stage_number(cpu) for cpu in range(CPUS)) == [cpu for cpu in range(hv.nr_cpus) if hv.cpu_online(cpu)]
    for cpu in range(hv.nr_cpus):
        hv.INIT_LIST_HEAD(heads[cpu])
    assert heads[1] is heads[1]
    assert heads[1].name == "list[number 1]"


@pytest.mark.parametrize(
    ("wrong", "call"),
    [
        (lambda m: m.cpu_raise_softirq(1, RCU_SOFTIRQ), "calls cpu_raise_softirq"),
        (lambda m: m.cpu_online(-1), "calls cpu_online"),
        (lambda m: m.on_selected_cpus([99], print, None, True), "calls cpu_online"),
        (lambda m: m.per_cpu("word", Word)[-1], "uses word"),
        (lambda m: m.per_cpu("word", Word)[65], "uses word"),
        (lambda m: (setattr(m.engine, "frozen", False), m.per_cpu("word", Word)[1]), "uses word"),
    ],
)
def test_a_number_that_is_no_cpus_is_diagnosed(wrong: Callable[[Machine], object], call: str) -> None:
    """With the call, the number, and what the numbers are."""
    with pytest.raises(Violation) as caught:
        wrong(numbered())
    assert caught.value.kind == PRECONDITION
    assert caught.value.message.startswith(f"CPU0: {call} of CPU number ")
    assert "which there is not (CPU0 is number 61, CPU1 is number 64, CPU2 is number 62), at test_cpu_numbers.py:" in caught.value.message


def test_numbers_and_cpus() -> None:
    """Each CPU is found by its number, and a number that none has is nobody's."""
    assert [cpu_of_number(stage_number(cpu)) for cpu in range(128)] == list(range(128))
    assert [cpu_of_number(number) for number in (-1, 0, 60)] == [None] * 3
