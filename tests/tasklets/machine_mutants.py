"""Breaks of what only the machine can notice: memory that nobody has initialised, CPU numbers that do not fit, locks and interrupts."""

from __future__ import annotations

from tests.tasklets.mutants import Mutant, clauses

# Every program that schedules or kills.
NO_LISTS = clauses("exactly-once kill-returns hotplug clients")


def migrating(lock: str, last: str) -> tuple[tuple[str, str], ...]:
    """The migration from a dead CPU takes the lock and leaves interrupts as they are; `last` ends its loop."""
    loop = "        while not hv.list_empty(queue):\n"
    end = f"            self.{last}(t)\n"
    return (
        (f"        flags = hv.spin_lock_irqsave(self.{lock})\n{loop}", f"        hv.spin_lock(self.{lock})\n{loop}"),
        (f"{end}        hv.spin_unlock_irqrestore(self.{lock}, flags)\n", f"{end}        hv.spin_unlock(self.{lock})\n"),
    )


# `tasklet_schedule_on_cpu` ends in the same way as the loop of the migration, but for a deeper line.
KEPT = (
    "                self.tasklet_enqueue(t)\n        hv.spin_unlock(self.tasklet_lock)\n",
    "                self.tasklet_enqueue(t)\n        hv.spin_unlock_irqrestore(self.tasklet_lock, flags)\n",
)

# A tasklet that schedules itself goes where its word says.
NUMBERS = clauses("self-reschedule")

QUEUING = (
    ("        flags = hv.local_irq_save()\n        if not hv.cpu_online(cpu):\n", "        if not hv.cpu_online(cpu):\n"),
    ("        hv.local_irq_restore(flags)\n        return queued\n", "        return queued\n"),
)

TAKING = clauses("exactly-once irq-context kill-cancels")


def taking(queue: str) -> tuple[tuple[str, str], ...]:
    """Interrupts are on where the first one is taken off a list."""
    take = f"        self.do_tasklet_work({queue})\n"
    return ((f"        hv.local_irq_disable()\n{take}", take),)


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
    # A notifier is called with interrupts on; handlers take the same lock.
    Mutant("migrate with interrupts on", 0, (*migrating("tasklet_lock", "tasklet_enqueue"), KEPT), clauses("hotplug")),
    Mutant("migrate with interrupts on", 2, migrating("feeder_lock", "move_here"), clauses("hotplug")),
    Mutant("migrate with interrupts on", 5, migrating("feeder_lock", "move_here"), clauses("hotplug")),
    # A list that belongs to its CPU is that CPU's handlers' too.
    Mutant("queue with interrupts on", 2, QUEUING, clauses("irq-context")),
    Mutant("queue with interrupts on", 5, QUEUING, clauses("irq-context")),
    # That what comes in between spoils the list is shown by no program of some of these: what two of them do does not go together.
    Mutant("take for a softirq with interrupts on", 5, taking("queue"), TAKING),
    Mutant("take with interrupts on", 5, taking("self.tasklet_list[cpu]"), TAKING),
)
