"""Breaks of kinds that were reported in public for code like this: these clauses at least must fail."""

from __future__ import annotations

from dataclasses import replace

from tests.tasklets.mutants import Mutant, clauses

# Where the kill of stage 0 takes its victim off its list.
KILL_UNLINKS = (
    "        if not hv.list_empty(t.list):\n"
    "            hv.BUG_ON(t.is_dead or t.is_running or t.scheduled_on < 0, "
    '"killing a queued tasklet that is dead, running or not scheduled")\n'
    "            hv.list_del_init(t.list)\n        t.scheduled_on = -1\n"
)

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
                'queued while it runs")\n            self.tasklet_enqueue(t)\n',
                'queued while it runs")\n            self.tasklet_enqueue(t, again=True)\n',
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
                KILL_UNLINKS,
                (
                    "        while not hv.list_empty(t.list) and t.scheduled_on != hv.smp_processor_id():\n"
                    "            hv.spin_unlock_irqrestore(self.tasklet_lock, flags)\n            hv.cpu_relax()\n"
                    "            flags = hv.spin_lock_irqsave(self.tasklet_lock)\n" + KILL_UNLINKS
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
            (KILL_UNLINKS, ""),
            (
                "        hv.list_del_init(t.list)\n        hv.BUG_ON(t.is_dead or t.is_running or t.scheduled_on != cpu,",
                (
                    "        hv.list_del_init(t.list)\n        if t.is_dead:\n            return\n"
                    "        hv.BUG_ON(t.is_running or t.scheduled_on != cpu,"
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
                KILL_UNLINKS,
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
                "            self.migrate_tasklets_from_cpu(cpu, self.tasklet_list[cpu])\n",
                (
                    "            for own in (self.tasklet_list, self.softirq_tasklet_list):\n"
                    "                for t in self.hv.list_owners(own[self.hv.smp_processor_id()]):\n"
                    "                    self.hv.list_del_init(t.list)\n"
                    "            self.migrate_tasklets_from_cpu(cpu, self.tasklet_list[cpu])\n"
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
                KILL_UNLINKS,
                (
                    "        while not hv.list_empty(t.list) and not hv.cpu_online(t.scheduled_on):\n"
                    "            hv.spin_unlock_irqrestore(self.tasklet_lock, flags)\n            hv.cpu_relax()\n"
                    "            flags = hv.spin_lock_irqsave(self.tasklet_lock)\n" + KILL_UNLINKS
                ),
            ),
        ),
        clauses("hotplug"),
    ),
    # Who finds it queued or running already has ordered nothing.
    Mutant(
        "a mere read before the look",
        5,
        (("state = t.state.fetch_or(0)", "state = t.state.read()"),),
        clauses("visibility"),
    ),
    # A kill finds it on the feeder list when it is there no more.
    Mutant(
        "leave the feeder's mark",
        5,
        (("            t.state.fetch_and(~FED)\n", ""),),
        clauses("kill-releases"),
    ),
    # The kill that finds it on the list of a dead CPU leaves it there.
    Mutant(
        "mark it dead where it is",
        5,
        (("        self.hv.list_del_init(t.list)\n        t.state", "        t.state"),),
        clauses("hotplug"),
    ),
    # A kill asks a CPU that is dead.
    Mutant(
        "ask a dead CPU",
        5,
        ((" or not hv.cpu_online(cpu)):", "):"),),
        clauses("hotplug"),
    ),
    # A kill has returned before the CPU that it asked has answered.
    Mutant(
        "do not wait for the answer",
        5,
        (("wait=True", "wait=False"),),
        clauses("kill-releases"),
    ),
    # It is sent to a CPU that is dead, and whose notifier has been called.
    Mutant(
        "feed a dead CPU",
        5,
        (("        if not hv.cpu_online(cpu):\n            cpu = hv.smp", "        if False:\n            cpu = hv.smp"),),
        clauses("handover"),
    ),
    # It puts itself on the list of its CPU, which has died in its run.
    Mutant(
        "queue it on a CPU that has died",
        5,
        (("        if not hv.cpu_online(cpu):\n            queued", "        if False:\n            queued"),),
        clauses("kill-releases"),
    ),
    # A CPU that has died in a run goes on with its list, which is the notifier's.
    Mutant(
        "take from a list that is lost",
        5,
        (("return hv.cpu_online(hv.smp_processor_id()) and not", "return not"),),
        clauses("kill-releases"),
    ),
    # A kill waits for a while, longer than any run takes in which nothing takes time.
    Mutant(
        "give up the wait",
        0,
        (("        while t.is_running:\n", "        turns = 0\n        while t.is_running and turns < 1_000:\n            turns += 1\n"),),
        clauses("kill-quiesces kill-releases"),
    ),
    Mutant(
        "give up the wait",
        5,
        (("        while state & RUN:\n", "        turns = 0\n        while state & RUN and turns < 1_000:\n            turns += 1\n"),),
        clauses("kill-quiesces kill-releases"),
    ),
    # No CPU is number 0 where interleavings are explored.
    Mutant(
        "forget that a CPU may be number 0",
        0,
        (
            (
                "        t.is_running = False\n        if t.scheduled_on >= 0:\n",
                "        t.is_running = False\n        if t.scheduled_on >= 1:\n",
            ),
        ),
        clauses("self-reschedule"),
    ),
)

# Stage 2 has the mechanism of stage 5 for the softirq kinds: what can be broken there in the same way is.
MIDWAY = tuple(twin for mutant in ADDED if mutant.stage == 5 and (twin := replace(mutant, stage=2)).applies())
