"""Stages with one thing broken: text replacements in a stage's source, and which clauses must then fail.

What is expected follows from the sentences of the contract. One rule on top: a program in which a call of the stage never comes back
fails its clause, whatever else the clause says.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.jobs.stage_loading import load
from harness.sources.single_file import target_of_file
from harness.tasklets.contract import CLAUSES
from stages import FIXED
from stages.api import StageModule

ALL_CLAUSES = frozenset(CLAUSES)


@dataclass(frozen=True)
class Mutant:
    """`edits`: pairs of text that must be there, and what stands in its place, wherever it occurs. `fails`: exactly these clauses."""

    name: str
    stage: int
    edits: tuple[tuple[str, str], ...]
    fails: frozenset[str]

    def applies(self) -> bool:
        """Whether the stage has all of the texts."""
        source = FIXED.stages[self.stage].path.read_text()
        return all(old in source for old, _ in self.edits)

    def build(self, directory: Path) -> StageModule:
        """Write the mutant into `directory` and load it."""
        source = FIXED.stages[self.stage].path.read_text()
        for old, new in self.edits:
            assert old in source, f"{self.name}: stage {self.stage} has no {old!r}"
            source = source.replace(old, new)
        path = directory / f"mutant_{self.stage}_{self.name.replace(' ', '_')}.py"
        path.write_text(source)
        return load(target_of_file(str(path)))


def clauses(text: str) -> frozenset[str]:
    """A set of clauses, as one string."""
    named = frozenset(text.split())
    assert named <= ALL_CLAUSES, named - ALL_CLAUSES
    return named


# Scheduled while it runs, a tasklet is forgotten. Whoever does that: the two clauses about it; a VCPU tasklet scheduled by an interrupt in
# the middle of do_tasklet; one that is pending for a dead CPU because it scheduled itself in its run, or was scheduled there while it ran
# elsewhere; and the clients that schedule themselves, or again before the last run has ended (IOMMU cleanup, both microcode walks, dpci on
# two CPUs).
LOST_REQUEUE = clauses("no-lost-schedule self-reschedule wakeup hotplug handover clients")

# Scheduled while it runs, a tasklet is queued at once: elsewhere it starts at the same time, and "once more afterwards" is not afterwards;
# here it starts in the middle of its own function if that processes softirqs; and a kill waits for one of two runs only.
# The trace buffer's function counts on it: of two at once, the one with older news tells them last. And a run that starts before the one
# before it has ended does not see what that writes, and races with it.
TWO_CPUS = clauses("never-concurrent no-lost-schedule nested-softirqs kill-quiesces clients visibility")
# Stage 0 takes it from its list while it runs, and stops there with a BUG, before anything can race: in every program in which it is
# scheduled while it runs, whatever its clause is about.
TWO_CPUS_0 = TWO_CPUS | clauses("self-reschedule kill-returns kill-releases quiet irqs-off-bounded")
# In stage 5, the run that a kill has not waited for looks at the state word when it ends.
TWO_CPUS_5 = TWO_CPUS | clauses("kill-releases no-races")

# A killed tasklet can be scheduled, also by itself: then its kill waits for as long as it does so. Of the clients, the event channel and
# INIT/SIPI kill one that others may still schedule. What runs on touches memory that was released.
NO_DEAD_CHECK = clauses("kill-quiesces kill-returns kill-releases clients")
# What the killer looks at afterwards is written at the same time: a race.
NO_DEAD_CHECK_5 = NO_DEAD_CHECK | clauses("no-races")
# Stage 0 stops with a BUG when it takes a dead one from a list, whatever the clause of the program is about.
NO_DEAD_CHECK_0 = NO_DEAD_CHECK_5 | clauses("visibility quiet irqs-off-bounded")

# What is never taken off its list runs for ever: no program that runs one comes to its end, and every clause has such a program.
# It also runs on, or is looked at, while its owner, who has killed it, inits it again or releases its memory: a race.
NOT_UNLINKED = ALL_CLAUSES
# Stage 0 stops with a BUG when it takes it for the second time, before anybody can race; and a kill of one that was never taken unlinks it.
NOT_UNLINKED_0 = ALL_CLAUSES - clauses("kill-independent no-races")

# No softirq tasklet ever starts: every clause that says that one runs. Not those that say how one runs if it does (context, fifo, alone, in
# nested softirqs, again), nor quiet, nor wakeup, which is about the other kind; and of killing, those that have others run beside the
# victim.
NO_RAISE = clauses(
    "exactly-once self-reschedule runs-where-asked one-per-iteration mixed-feed irq-context reuse hotplug static-declaration"
    " before-init clients kill-cancels kill-quiesces kill-releases progress"
)
# In stage 5 also no VCPU tasklet that was fed by another CPU starts, as the same softirq fetches both kinds. One that another CPU has
# scheduled while it ran is fed to that CPU when it has finished: lost, and so is one that is handed over to another CPU than the dead one.
NO_RAISE_5 = NO_RAISE | clauses("no-lost-schedule wakeup handover")

# A VCPU tasklet that is queued behind another one, or again by its own function, stays where it is: every clause that says that it runs,
# if it says so of more than one tasklet or run at a time.
CLEARED = clauses(
    "exactly-once no-lost-schedule self-reschedule one-per-iteration wakeup mixed-feed irq-context hotplug static-declaration"
    " kill-cancels kill-quiesces kill-releases progress clients"
)

ALL_AT_ONCE = clauses("one-per-iteration")
# In stage 5, what others have fed waits until all is done, which one that reschedules itself never lets happen. And a CPU that has gone
# offline in a run looks at its list once more, which is another CPU's by then.
ALL_AT_ONCE_5 = ALL_AT_ONCE | clauses("progress no-races")

# Two clauses say it; and what a function may do only with interrupts on it cannot do: process softirqs, kill another tasklet (as the
# debug keys do), and wait for what comes in an interrupt, such as its CPU's going offline.
IRQS_OFF = clauses("context irqs-off-bounded nested-softirqs kill-returns kill-cancels kill-releases hotplug handover clients")

MUTANTS = (
    Mutant("drop the re-queue", 0, (("        if t.scheduled_on >= 0:\n", "        if False:\n"),), LOST_REQUEUE),
    Mutant("drop the re-queue", 5, (("if state & SCHED and not state & DEAD:", "if False:"),), LOST_REQUEUE),
    Mutant(
        "two CPUs enter",
        0,
        (("            if not t.is_running:\n", "            if True:\n"), ("        if t.scheduled_on >= 0:\n", "        if False:\n")),
        TWO_CPUS_0,
    ),
    Mutant(
        "two CPUs enter",
        5,
        (
            ("            if state & RUN:\n", "            if False:\n"),
            (
                "            if state & SCHED and not state & DEAD:\n                if self.queue(t, state, state >> CPU_SHIFT):\n",
                "            if state & SCHED:\n                if True:\n",
            ),
        ),
        TWO_CPUS_5,
    ),
    Mutant("skip the dead check", 0, (("self.tasklets_initialised and not t.is_dead", "self.tasklets_initialised"),), NO_DEAD_CHECK_0),
    Mutant("skip the dead check", 5, (("if state & DEAD or is_queued(state):", "if is_queued(state):"),), NO_DEAD_CHECK_5),
    Mutant(
        "pop without unlinking",
        0,
        (("        hv.list_del_init(t.list)\n        hv.BUG_ON(t.is_dead or t.is_running", "        hv.BUG_ON(t.is_dead or t.is_running"),),
        NOT_UNLINKED_0,
    ),
    Mutant(
        "pop without unlinking",
        5,
        (("        hv.list_del_init(t.list)\n        if t.state.cmpxchg(queued", "        if t.state.cmpxchg(queued"),),
        NOT_UNLINKED,
    ),
    Mutant("forget the raise", 0, (("                hv.cpu_raise_softirq(cpu, TASKLET_SOFTIRQ)\n", "                pass\n"),), NO_RAISE),
    Mutant(
        "forget the raise",
        5,
        (
            ("            if t.is_softirq:\n                hv.raise_softirq(TASKLET_SOFTIRQ)\n", ""),
            ("            hv.cpu_raise_softirq(cpu, TASKLET_SOFTIRQ)\n", ""),
        ),
        NO_RAISE_5,
    ),
    Mutant("clear enqueued", 0, (("        if hv.list_empty(self.tasklet_list[cpu]):\n", "        if True:\n"),), CLEARED),
    Mutant("clear enqueued", 5, (("        if not self.has_work(self.tasklet_list[cpu]):\n", "        if True:\n"),), CLEARED),
    Mutant(
        "run all at once",
        0,
        (
            (
                "        self.do_tasklet_work(queue)\n",
                (
                    "        while not hv.list_empty(queue) and hv.cpu_online(hv.smp_processor_id()):\n"
                    "            self.do_tasklet_work(queue)\n"
                ),
            ),
            (
                "        self.do_tasklet_work(self.tasklet_list[cpu])\n",
                (
                    "        while not hv.list_empty(self.tasklet_list[cpu]) and hv.cpu_online(cpu):\n"
                    "            self.do_tasklet_work(self.tasklet_list[cpu])\n"
                ),
            ),
        ),
        ALL_AT_ONCE,
    ),
    Mutant(
        "run all at once",
        5,
        (
            (
                "        self.do_tasklet_work(queue)\n",
                (
                    "        while not hv.list_empty(queue) and hv.cpu_online(hv.smp_processor_id()):\n"
                    "            self.do_tasklet_work(queue)\n"
                ),
            ),
            (
                "        self.do_tasklet_work(self.tasklet_list[cpu])\n",
                (
                    "        while not hv.list_empty(self.tasklet_list[cpu]) and hv.cpu_online(cpu):\n"
                    "            self.do_tasklet_work(self.tasklet_list[cpu])\n"
                ),
            ),
        ),
        ALL_AT_ONCE_5,
    ),
    Mutant(
        "interrupts off",
        0,
        (("        hv.spin_unlock_irq(self.tasklet_lock)\n        t.func", "        hv.spin_unlock(self.tasklet_lock)\n        t.func"),),
        IRQS_OFF,
    ),
    Mutant(
        "interrupts off",
        5,
        (("        t = self.take(queue)\n        hv.local_irq_enable()\n", "        t = self.take(queue)\n"),),
        IRQS_OFF,
    ),
)

# More breaks, so that each clause has one that is about it: these clauses at least must fail.
BREAKS = (
    # The first entry of the list is where a new one is put before.
    Mutant(
        "last in first out",
        0,
        (("(t.list, queue)", "(t.list, queue.next)"), ("(t.list, self.tasklet_list[cpu])", "(t.list, self.tasklet_list[cpu].next)")),
        clauses("fifo"),
    ),
    Mutant(
        "schedule here",
        0,
        (("            t.scheduled_on = cpu\n", "            t.scheduled_on = hv.smp_processor_id()\n"),),
        clauses("runs-where-asked self-reschedule irq-context"),
    ),
    Mutant(
        "run what is killed",
        0,
        (
            (
                (
                    "        if not hv.list_empty(t.list):\n"
                    "            hv.BUG_ON(t.is_dead or t.is_running or t.scheduled_on < 0, "
                    '"killing a queued tasklet that is dead, running or not scheduled")\n'
                    "            hv.list_del_init(t.list)\n"
                ),
                (
                    "        while not hv.list_empty(t.list):\n            hv.spin_unlock_irqrestore(self.tasklet_lock, flags)\n"
                    "            hv.process_pending_softirqs()\n"
                    "            hv.cpu_relax()\n"
                    "            flags = hv.spin_lock_irqsave(self.tasklet_lock)\n"
                ),
            ),
        ),
        clauses("kill-cancels kill-returns"),
    ),
    Mutant("wait for ever", 5, (("while state & RUN:", "while True:"),), clauses("kill-returns")),
    Mutant("return at once", 5, (("while state & RUN:", "while False:"),), clauses("kill-quiesces")),
    Mutant("stay dead", 0, (("        t.is_dead = False\n", ""),), clauses("reuse clients")),
    Mutant("stay dead", 5, (("        t.state.write(0)\n", ""),), clauses("reuse clients")),
    Mutant("no migration", 0, (("elif action in (CPU_UP_CANCELED, CPU_DEAD):", "elif False:"),), clauses("hotplug")),
    Mutant(
        "no migration of the feeder", 5, (("            self.migrate_percpu_tasklets(self.tasklet_feeder[cpu])\n", ""),), clauses("hotplug")
    ),
    # Only static ones are on that list there.
    Mutant(
        "no migration of the old softirq list",
        2,
        (("            self.migrate_tasklets_from_cpu(cpu, self.softirq_tasklet_list[cpu])\n", ""),),
        clauses("hotplug"),
    ),
    Mutant(
        "static ones of one kind",
        0,
        (("        t.is_softirq = True\n        return t\n", "        return t\n"),),
        clauses("static-declaration clients"),
    ),
    Mutant("schedule before boot", 0, (("self.tasklets_initialised and not t.is_dead", "not t.is_dead"),), clauses("before-init")),
    Mutant("schedule before boot", 5, (("if not self.tasklets_initialised:", "if False:"),), clauses("before-init")),
    # As in the posted series: queue it where it is wanted, and look again and again whether it has finished elsewhere.
    Mutant(
        "burn while it runs elsewhere",
        0,
        (
            ("            if not t.is_running:\n", "            if True:\n"),
            (
                "        hv.list_del_init(t.list)\n        hv.BUG_ON(",
                (
                    "        hv.list_del_init(t.list)\n        if t.is_running:\n            self.tasklet_enqueue(t)\n            return\n"
                    "        hv.BUG_ON("
                ),
            ),
            ("        if t.scheduled_on >= 0:\n", "        if False:\n"),
        ),
        clauses("quiet"),
    ),
    Mutant(
        "leave the bit",
        0,
        (
            (
                "            work_to_do.clear_bit(TASKLET_ENQUEUED)\n            hv.raise_softirq(SCHEDULE_SOFTIRQ)\n",
                "            work_to_do.clear_bit(TASKLET_ENQUEUED)\n",
            ),
        ),
        clauses("quiet"),
    ),
    Mutant(
        "clear too late",
        5,
        (
            (
                "            work_to_do.clear_bit(TASKLET_ENQUEUED)\n",
                "            hv.local_irq_enable()\n            work_to_do.clear_bit(TASKLET_ENQUEUED)\n",
            ),
        ),
        clauses("wakeup"),
    ),
    # A kill that marks its victim when it has let go of the lock; one that schedules it looks at the mark under the lock.
    Mutant(
        "mark it dead without the lock",
        0,
        (
            ("        t.is_dead = True\n", ""),
            (
                (
                    "            flags = hv.spin_lock_irqsave(self.tasklet_lock)\n"
                    "        hv.spin_unlock_irqrestore(self.tasklet_lock, flags)\n"
                ),
                (
                    "            flags = hv.spin_lock_irqsave(self.tasklet_lock)\n"
                    "        hv.spin_unlock_irqrestore(self.tasklet_lock, flags)\n        t.is_dead = True\n"
                ),
            ),
        ),
        clauses("no-races kill-quiesces"),
    ),
    # The lists need no lock, but only on their own CPU, with interrupts off.
    Mutant(
        "feed without the lock",
        5,
        (
            (
                "        flags = hv.spin_lock_irqsave(self.feeder_lock)\n        if not",
                "        flags = hv.local_irq_save()\n        if not",
            ),
            (
                "        hv.spin_unlock_irqrestore(self.feeder_lock, flags)\n        return queued",
                "        hv.local_irq_restore(flags)\n        return queued",
            ),
        ),
        clauses("no-races"),
    ),
    # The posted feed: a VCPU tasklet next to a softirq one is linked, but nobody is told.
    Mutant(
        "feed one kind",
        5,
        (
            (
                "        for t in hv.list_owners(self.tasklet_feeder[cpu]):\n",
                "        fed = hv.list_owners(self.tasklet_feeder[cpu])\n        for t in fed:\n",
            ),
            (
                "            self.link(t, cpu)\n        hv.spin_unlock",
                (
                    "            if t.is_softirq or not any(other.is_softirq for other in fed):\n                self.link(t, cpu)\n"
                    "            else:\n                hv.list_add_tail(t.list, self.tasklet_list[cpu])\n        hv.spin_unlock"
                ),
            ),
        ),
        clauses("mixed-feed"),
    ),
    Mutant(
        "kill with interrupts off",
        5,
        (
            (
                "        while state & RUN:\n            hv.cpu_relax()\n            state = t.state.read()\n",
                (
                    "        flags = hv.local_irq_save()\n        while state & RUN:\n            hv.cpu_relax()\n"
                    "            state = t.state.read()\n        hv.local_irq_restore(flags)\n"
                ),
            ),
        ),
        clauses("irqs-off-bounded"),
    ),
)
