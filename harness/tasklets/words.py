"""How the words of a stage of the tasklet code are to be read, those of the series that ship: constants of each stage name the bits."""

from __future__ import annotations

from harness.suite.word_names import WordNames

SOFTIRQS = ("TIMER", "SCHEDULE", "NEW_TLBFLUSH_CLOCK_PERIOD", "RCU", "TASKLET", "TASKLET_PERCPU")

WORDS = (
    # The series as it should have been: flags, and above them the CPU that the tasklet is scheduled on.
    WordNames(r".*\.state", masks=("RUN", "SCHED", "DEAD", "FED"), cpu_from="CPU_SHIFT", cpu_if="SCHED"),
    # The series as posted: numbers of bits.
    WordNames(r".*\.state", bits=("TASKLET_STATE_RUN", "TASKLET_STATE_SCHED"), prefix="TASKLET_STATE_"),
    WordNames(r".*\.scheduled_on", is_cpu=True),
    WordNames(r"tasklet_work_to_do\[\d+\]", bits=("TASKLET_ENQUEUED", "TASKLET_SCHEDULED"), prefix="TASKLET_"),
    # In C, the names of the numbers begin with an underscore, those of the masks do not.
    WordNames(r"tasklet_work_to_do\[\d+\]", bits=("_TASKLET_enqueued", "_TASKLET_scheduled"), prefix="_TASKLET_"),
    WordNames(r"softirqs of CPU\d+", bits=tuple(f"{name}_SOFTIRQ" for name in SOFTIRQS), suffix="_SOFTIRQ"),
)
