"""Breaks of what only the machine can notice: memory that nobody has initialised, CPU numbers that do not fit."""

from __future__ import annotations

from tests.tasklets.mutants import Mutant, clauses

# Every program that schedules or kills.
NO_LISTS = clauses("exactly-once kill-returns hotplug clients")

# A tasklet that schedules itself goes where its word says.
NUMBERS = clauses("self-reschedule")

MACHINE = (
    Mutant("no list of its own", 0, (("        self.hv.INIT_LIST_HEAD(t.list)\n", ""),), NO_LISTS),
    Mutant("no lists of the CPUs", 0, (("            self.hv.INIT_LIST_HEAD(self.softirq_tasklet_list[cpu])\n", ""),), NO_LISTS),
    Mutant("no lists of the CPUs", 2, (("            self.hv.INIT_LIST_HEAD(self.softirq_list[cpu])\n", ""),), NO_LISTS),
    Mutant("no lists of the CPUs", 5, (("            self.hv.INIT_LIST_HEAD(self.tasklet_list[cpu])\n", ""),), NO_LISTS),
    # What else is never fed.
    Mutant(
        "no feeder lists", 2, (("            self.hv.INIT_LIST_HEAD(self.tasklet_feeder[cpu])\n", ""),), clauses("runs-where-asked hotplug")
    ),
    Mutant(
        "no feeder lists", 5, (("            self.hv.INIT_LIST_HEAD(self.tasklet_feeder[cpu])\n", ""),), clauses("runs-where-asked hotplug")
    ),
    # The allocator gives zeroed memory often enough for nobody to notice.
    Mutant(
        "count on zeroed memory",
        0,
        (("        t.is_running = False\n        t.is_dead = False\n", ""),),
        clauses("exactly-once kill-returns"),
    ),
    Mutant("count on zeroed memory", 2, (("        t.state.write(0)\n", ""),), clauses("exactly-once kill-returns")),
    Mutant("count on zeroed memory", 5, (("        t.is_softirq = False\n", ""),), clauses("exactly-once wakeup")),
    # Bits for four CPUs, and for 64 of them; in stage 0 there is no word to put one into, but a byte of the field.
    Mutant("too few bits for a CPU", 0, (("            t.scheduled_on = cpu\n", "            t.scheduled_on = cpu & 63\n"),), NUMBERS),
    Mutant("too few bits for a CPU", 2, (("state >> CPU_SHIFT)", "state >> CPU_SHIFT & 3)"),), NUMBERS),
    Mutant(
        "too few bits for a CPU", 5, (("    return SCHED | cpu << CPU_SHIFT\n", "    return SCHED | (cpu & 63) << CPU_SHIFT\n"),), NUMBERS
    ),
)
