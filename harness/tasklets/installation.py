"""Puts a stage of the tasklet code on a machine."""

from __future__ import annotations

from harness.machine.bit_words import BitWord
from harness.machine.machine import Machine
from harness.machine.work_source import WorkSource
from stages.api import StageModule, TaskletApi
from stages.hypervisor import TASKLET_ENQUEUED, TASKLET_SCHEDULED, PerCpu, Word


def install(machine: Machine, module: StageModule) -> TaskletApi:
    """Make the stage's subsystem; its static declarations and (ignored) schedules work from here on."""
    words: PerCpu[Word] = machine.per_cpu("tasklet_work_to_do", BitWord)
    machine.offer("tasklet_work_to_do", words)
    subsystem = machine.install(module.TaskletSubsystem)
    machine.add_work_source(WorkSource(PerCpu(words.items), subsystem.do_tasklet, TASKLET_ENQUEUED, TASKLET_SCHEDULED))
    return subsystem
