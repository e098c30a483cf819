"""Puts a stage of the tasklet code on a machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.machine.bit_words import BitWord
from harness.machine.machine import Machine
from harness.machine.work_source import WorkSource
from stages.api import StageModule, TaskletApi
from stages.hypervisor import TASKLET_ENQUEUED, TASKLET_SCHEDULED, PerCpu, Word

WORK = "tasklet_work_to_do"


def install(machine: Machine, module: StageModule) -> TaskletApi:
    """Make the stage's subsystem; its static declarations and (ignored) schedules work from here on."""
    # A stage in C has these words in its own memory; any other one is offered the machine's.
    brings_words = WORK in getattr(module, "machine_words", ())
    words: PerCpu[Word]
    if not brings_words:
        words = machine.per_cpu(WORK, BitWord)
        machine.offer(WORK, words)
    subsystem: Any = machine.install(module.TaskletSubsystem)
    if brings_words:
        brought: Mapping[str, PerCpu[Word]] = subsystem.machine_words
        words = brought[WORK]
    machine.add_work_source(WorkSource(PerCpu(words.items), subsystem.do_tasklet, TASKLET_ENQUEUED, TASKLET_SCHEDULED))
    api: TaskletApi = subsystem
    return api
