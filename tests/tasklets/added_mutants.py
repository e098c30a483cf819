"""Breaks of kinds that were reported in public for code like this: these clauses at least must fail."""

from __future__ import annotations

from tests.tasklets.mutants import Mutant, clauses

ADDED = (
    # Kill has returned when the CPU that ran it lets go of the lock; then it looks whether it is to run once more.
    Mutant(
        "look once more",
        0,
        (
            (
                "        t.is_running = False\n        if t.scheduled_on >= 0:\n",
                (
                    "        t.is_running = False\n"
                    "        hv.spin_unlock_irq(self.tasklet_lock)\n"
                    "        hv.spin_lock_irq(self.tasklet_lock)\n"
                    "        if t.scheduled_on >= 0:\n"
                ),
            ),
        ),
        clauses("kill-releases"),
    ),
    Mutant(
        "look once more",
        5,
        (
            (
                "            elif t.state.cmpxchg(state, state & DEAD) == state:\n                return\n",
                "            elif t.state.cmpxchg(state, state & DEAD) == state:\n                t.state.read()\n                return\n",
            ),
        ),
        clauses("kill-releases"),
    ),
    # What has rescheduled itself comes first.
    Mutant(
        "queue it again in front",
        0,
        (
            ("def tasklet_enqueue(self, t: Tasklet)", "def tasklet_enqueue(self, t: Tasklet, again: bool = False)"),
            ("hv.list_add_tail(t.list, queue)", "hv.list_add_tail(t.list, queue.next if again else queue)"),
            (
                "hv.list_add_tail(t.list, self.tasklet_list[cpu])",
                "hv.list_add_tail(t.list, self.tasklet_list[cpu].next if again else self.tasklet_list[cpu])",
            ),
            (
                "        if t.scheduled_on >= 0:\n            self.tasklet_enqueue(t)\n",
                "        if t.scheduled_on >= 0:\n            self.tasklet_enqueue(t, again=True)\n",
            ),
        ),
        clauses("progress"),
    ),
    Mutant(
        "queue it again in front",
        5,
        (
            ("def link(self, t: Tasklet, cpu: int)", "def link(self, t: Tasklet, cpu: int, again: int = 0)"),
            (
                "            self.link(t, cpu)\n            if t.is_softirq:\n",
                "            self.link(t, cpu, state & RUN)\n            if t.is_softirq:\n",
            ),
            (
                "hv.list_add_tail(t.list, self.softirq_list[cpu])",
                "hv.list_add_tail(t.list, self.softirq_list[cpu].next if again else self.softirq_list[cpu])",
            ),
            (
                "hv.list_add_tail(t.list, self.tasklet_list[cpu])",
                "hv.list_add_tail(t.list, self.tasklet_list[cpu].next if again else self.tasklet_list[cpu])",
            ),
        ),
        clauses("progress"),
    ),
    # The feeder waits until this CPU has nothing else to do.
    Mutant(
        "feed an empty list only",
        5,
        (
            (
                "        if not self.tasklet_fed[cpu].read():\n            return\n",
                (
                    "        if not self.tasklet_fed[cpu].read():\n            return\n"
                    "        if not hv.list_empty(self.softirq_list[cpu]):\n            return\n"
                ),
            ),
        ),
        clauses("progress"),
    ),
    # A look without the lock whether there is anything to do.
    Mutant(
        "look before the lock",
        0,
        (
            (
                "        flags = hv.spin_lock_irqsave(self.tasklet_lock)\n        if self.tasklets_initialised",
                (
                    "        if not hv.list_empty(t.list):\n            return\n"
                    "        flags = hv.spin_lock_irqsave(self.tasklet_lock)\n        if self.tasklets_initialised"
                ),
            ),
        ),
        clauses("visibility"),
    ),
    # A kill that leaves it to the CPU of its victim to unlink it.
    Mutant(
        "wait for its CPU",
        0,
        (
            (
                "        if not hv.list_empty(t.list):\n            hv.list_del_init(t.list)\n        t.scheduled_on = -1\n",
                (
                    "        while not hv.list_empty(t.list) and t.scheduled_on != hv.smp_processor_id():\n"
                    "            hv.spin_unlock_irqrestore(self.tasklet_lock, flags)\n            hv.cpu_relax()\n"
                    "            flags = hv.spin_lock_irqsave(self.tasklet_lock)\n"
                    "        if not hv.list_empty(t.list):\n            hv.list_del_init(t.list)\n        t.scheduled_on = -1\n"
                ),
            ),
        ),
        clauses("kill-independent"),
    ),
    # The barrier comes after the look, where it orders nothing.
    Mutant(
        "a barrier too late",
        0,
        (
            (
                "        flags = hv.spin_lock_irqsave(self.tasklet_lock)\n        if self.tasklets_initialised",
                (
                    "        if not hv.list_empty(t.list):\n"
                    "            hv.tasklet_work_to_do[hv.smp_processor_id()].fetch_or(0)\n            return\n"
                    "        flags = hv.spin_lock_irqsave(self.tasklet_lock)\n        if self.tasklets_initialised"
                ),
            ),
        ),
        clauses("visibility"),
    ),
    # A drain that stops early.
    Mutant(
        "take two of what was fed",
        5,
        (("in hv.list_owners(self.tasklet_feeder[cpu]):", "in hv.list_owners(self.tasklet_feeder[cpu])[:2]:"),),
        clauses("exactly-once mixed-feed"),
    ),
    # The victim stays where it is, and does not run.
    Mutant(
        "leave the dead in the list",
        0,
        (
            ("        if not hv.list_empty(t.list):\n            hv.list_del_init(t.list)\n        t.scheduled_on = -1\n", ""),
            (
                "        hv.list_del_init(t.list)\n        t.scheduled_on = -1\n        t.is_running = True\n",
                (
                    "        hv.list_del_init(t.list)\n        if t.is_dead:\n            return\n"
                    "        t.scheduled_on = -1\n        t.is_running = True\n"
                ),
            ),
        ),
        clauses("kill-quiesces kill-releases"),
    ),
    # What stands behind a killed one is lost.
    Mutant(
        "drop what is behind",
        0,
        (
            (
                "        if not hv.list_empty(t.list):\n            hv.list_del_init(t.list)\n        t.scheduled_on = -1\n",
                (
                    "        if not hv.list_empty(t.list):\n            hv.list_del_init(t.list)\n"
                    "            lists = self.softirq_tasklet_list if t.is_softirq else self.tasklet_list\n"
                    "            if t.scheduled_on != hv.smp_processor_id():\n"
                    "                for other in hv.list_owners(lists[t.scheduled_on])[1:]:\n"
                    "                    hv.list_del_init(other.list)\n"
                    "        t.scheduled_on = -1\n"
                ),
            ),
        ),
        clauses("kill-quiesces kill-cancels"),
    ),
    # A dead CPU leaves its work to the CPU that has booted the machine, whoever is told of its death.
    Mutant(
        "migrate to the first CPU",
        0,
        (("            t.scheduled_on = hv.smp_processor_id()\n", "            t.scheduled_on = 61\n"),),
        clauses("hotplug"),
    ),
    # It forgets what it has itself when it gets more.
    Mutant(
        "migrate into an empty list",
        0,
        (
            (
                "            self.migrate_tasklets_from_cpu(self.tasklet_list[cpu])\n",
                (
                    "            for own in (self.tasklet_list, self.softirq_tasklet_list):\n"
                    "                for t in self.hv.list_owners(own[self.hv.smp_processor_id()]):\n"
                    "                    self.hv.list_del_init(t.list)\n"
                    "            self.migrate_tasklets_from_cpu(self.tasklet_list[cpu])\n"
                ),
            ),
        ),
        clauses("hotplug"),
    ),
    # A kill that leaves it to the notifier to unlink what is pending on a dead CPU.
    Mutant(
        "wait for the notifier",
        0,
        (
            (
                "        if not hv.list_empty(t.list):\n            hv.list_del_init(t.list)\n        t.scheduled_on = -1\n",
                (
                    "        while not hv.list_empty(t.list) and not hv.cpu_online(t.scheduled_on):\n"
                    "            hv.spin_unlock_irqrestore(self.tasklet_lock, flags)\n            hv.cpu_relax()\n"
                    "            flags = hv.spin_lock_irqsave(self.tasklet_lock)\n"
                    "        if not hv.list_empty(t.list):\n            hv.list_del_init(t.list)\n        t.scheduled_on = -1\n"
                ),
            ),
        ),
        clauses("hotplug"),
    ),
)
