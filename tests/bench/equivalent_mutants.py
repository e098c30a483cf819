"""Mutants of the shipped stages that do the same as the stage, as far as anything is promised, and why.

By the function that is changed and what is changed there, without the line; `THERE` needs the line too, and says so of one stage.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.bench.mutation_operators import Mutation

Change = tuple[str, str]

REASONS: Mapping[str, tuple[Change, ...]] = {
    "both are set up before anybody looks at either": (
        ("__init__", "swap self.hv = hv and the next"),
        ("__init__", "swap self.tasklets_initialised = False and the next"),
        ("__init__", "swap self.tasklet_lock = hv.spinlock('tasklet_lock') and the next"),
        ("__init__", "swap self.tasklet_list = hv.per_cpu('tasklet_list', ListHead) and the next"),
        ("__init__", "swap self.softirq_list = hv.per_cpu('softirq_list', ListHead) and the next"),
        ("__init__", "swap self.softirq_tasklet_list = hv.per_cpu('softirq_tasklet_list', ListHead) and the next"),
        ("__init__", "swap self.feeder_lock = hv.spinlock('feeder_lock') and the next"),
        ("__init__", "swap self.tasklet_feeder = hv.per_cpu('tasklet_feeder', ListHead) and the next"),
        ("tasklet_subsys_init", "swap self.hv.open_softirq(TASKLET_SOFTIRQ, self.tasklet_softirq_action) and the next"),
        ("tasklet_subsys_init", "swap self.hv.open_softirq(TASKLET_PERCPU_SOFTIRQ, self.tasklet_softirq_percpu_action) and the next"),
        ("cpu_callback", "swap self.hv.INIT_LIST_HEAD(self.tasklet_list[cpu]) and the next"),
        ("cpu_callback", "swap self.hv.INIT_LIST_HEAD(self.softirq_list[cpu]) and the next"),
        ("cpu_callback", "swap self.hv.INIT_LIST_HEAD(self.softirq_tasklet_list[cpu]) and the next"),
    ),
    "no other CPU comes up meanwhile": (
        ("tasklet_subsys_init", "swap self.cpu_callback(CPU_UP_PREPARE, self.hv.smp_processor_id()) and the next"),
        ("tasklet_subsys_init", "swap self.hv.register_cpu_notifier(self.cpu_callback) and the next"),
    ),
    "nobody else has the tasklet yet": (
        ("tasklet_init", "swap self.hv.INIT_LIST_HEAD(t.list) and the next"),
        ("tasklet_init", "swap t.state.write(0) and the next"),
        ("tasklet_init", "swap t.scheduled_on = -1 and the next"),
        ("tasklet_init", "swap t.is_percpu = False and the next"),
        ("tasklet_init", "swap t.is_softirq = False and the next"),
        ("tasklet_init", "swap t.is_running = False and the next"),
        ("tasklet_init", "swap t.is_dead = False and the next"),
        ("tasklet_init", "swap t.func = func and the next"),
        ("DECLARE_TASKLET", "swap t.func = func and the next"),
    ),
    "which list of a dead CPU comes first is promised to nobody": (
        ("cpu_callback", "swap self.migrate_tasklets_from_cpu(cpu, self.tasklet_list[cpu]) and the next"),
        ("cpu_callback", "swap self.migrate_tasklets_from_cpu(cpu, self.softirq_tasklet_list[cpu]) and the next"),
        ("cpu_callback", "swap self.migrate_percpu_tasklets(self.tasklet_list[cpu]) and the next"),
        ("cpu_callback", "swap self.migrate_percpu_tasklets(self.softirq_list[cpu]) and the next"),
    ),
    "whoever looks at either takes the lock that is held here": (
        ("migrate_tasklets_from_cpu", "swap hv.list_del_init(t.list) and the next"),
        ("do_tasklet_work", "swap t.scheduled_on = -1 and the next"),
        ("tasklet_kill", "swap t.scheduled_on = -1 and the next"),
        ("move_here", "swap t.state.xchg(sched_on(hv.smp_processor_id())) and the next"),
        ("move_here", "swap hv.list_add_tail(t.list, self.softirq_list[hv.smp_processor_id()]) and the next"),
        ("take_feed", "swap hv.list_del(t.list) and the next"),
        ("take_feed", "swap t.state.fetch_and(~FED) and the next"),
        ("feed", "swap hv.list_add_tail(t.list, self.tasklet_feeder[cpu]) and the next"),
    ),
    "the mark only saves the taking of the lock": (
        ("take_feed", "drop self.tasklet_fed[cpu].write(0)"),
        ("take_feed", "drop return"),
        ("take_feed", "1 for 0"),
    ),
    "whoever has set the mark before that holds the lock, and what he feeds is found under it": (
        ("take_feed", "swap flags = hv.spin_lock_irqsave(self.feeder_lock) and the next"),
    ),
    "any negative number is no CPU": (
        ("do_tasklet_work", "2 for 1"),
        ("tasklet_kill", "2 for 1"),
        ("tasklet_init", "2 for 1"),
    ),
    "whoever looks at the mark only asks whether it is 0": (("feed", "2 for 1"),),
    "nobody looks at the links of a tasklet that is on no list": (("tasklet_init", "drop self.hv.INIT_LIST_HEAD(t.list)"),),
    "what is neither dead nor queued is idle, with a state of 0, or runs": (
        ("tasklet_schedule_on_cpu", "only state of state & RUN"),
        ("schedule_percpu", "only state of state & RUN"),
    ),
    "the kill that has marked it is still under way, and cancels it where it is now": (("move_here", "drop return"),),
    "nobody but another kill looks at a dead one, and its memory is the owner's when all of them have returned": (
        ("discard", "swap self.hv.list_del_init(t.list) and the next"),
    ),
    "how it waits is promised to nobody": (
        ("tasklet_kill", "drop hv.cpu_relax()"),
        ("tasklet_kill", "swap hv.cpu_relax() and the next"),
        ("kill_percpu", "drop hv.cpu_relax()"),
        ("kill_percpu", "swap hv.cpu_relax() and the next"),
    ),
    "take_feed switches interrupts off itself": (("tasklet_softirq_percpu_action", "swap self.take_feed() and the next"),),
    "whoever puts something on the list raises the softirq as well, and one that is raised in vain finds nothing": (
        ("tasklet_softirq_percpu_action", "drop hv.local_irq_disable() (2)"),
    ),
    "what follows touches nothing that the per-CPU code looks at": (("tasklet_kill", "drop return"),),
    "there the function ends anyway": (("take", "drop return None"),),
    "the caller does not look at that bit": (("cancel", "only t.state.fetch_or(DEAD) of t.state.fetch_or(DEAD) | DEAD"),),
    "the second one is a local variable": (("cancel", "swap self.discard(t) and the next"),),
    "the first one is a local variable": (
        ("tasklet_softirq_action", "swap queue = self.softirq_list[hv.smp_processor_id()] and the next"),
        ("tasklet_softirq_percpu_action", "swap queue = self.softirq_list[hv.smp_processor_id()] and the next"),
        ("tasklet_softirq_action", "swap queue = self.softirq_tasklet_list[hv.smp_processor_id()] and the next"),
    ),
    "interrupts are off, and the softirq is this CPU's own": (
        ("do_tasklet", "swap work_to_do.clear_bit(TASKLET_ENQUEUED) and the next"),
        ("queue", "swap hv.list_add_tail(t.list, self.softirq_list[cpu]) and the next"),
    ),
}
THERE: Mapping[tuple[int, str], str] = {
    (0, "tasklet_init:87: drop t.scheduled_on = -1"): "to schedule it sets that before anybody looks at it",
    (0, "do_tasklet_work:150: only hv.list_empty(queue)"): "under the lock, a CPU that is going offline may still run it",
    (2, "do_tasklet_work:319: only hv.list_empty(queue)"): "under the lock, a CPU that is going offline may still run it",
    (2, "softirq_tasklet_init:175: False for True"): "where a per-CPU one goes does not depend on its kind yet, and nobody reads that",
    (2, "softirq_tasklet_init:173: drop t.is_softirq = True"): "as above",
    (2, "softirq_tasklet_init:173: swap t.is_softirq = True and the next"): "nobody else has the tasklet yet",
    (2, "softirq_tasklet_init:173: swap self.tasklet_init(t, func, data) and the next"): "as above: then it is of no kind, and per-CPU",
    (2, "tasklet_init:162: drop t.scheduled_on = -1"): "to schedule it sets that before anybody looks at it",
}

_BY_CHANGE = {change: reason for reason, changes in REASONS.items() for change in changes}


def reason(stage: int, mutant: Mutation) -> str:
    """Why a mutant does the same as its stage; "" if nobody knows that it does."""
    return THERE.get((stage, mutant.name), "") or _BY_CHANGE.get((mutant.where, mutant.what), "")
