"""The series as it was posted, step by step; its baseline is that of the `fixed` series."""

from __future__ import annotations

from stages.api import Series, Stage
from stages.fixed import BASELINE

POSTED = Series(
    "posted",
    "the series as a reviewer had it in hand",
    (
        BASELINE,
        Stage(
            1,
            "tasklet: Introduce per-cpu tasklet for softirq.",
            "per-cpu lists, without a lock, for the tasklets of the dpci and event-channel clients",
            "stages.posted.s1_percpu_softirq",
            message=(
                "Each interrupt of a passed-through device takes the global lock three times, whichever guest it is for. Let the "
                "tasklets of the busiest clients do without it.\n\n"
                "Add the per-cpu tasklet: a state word with the bits SCHED and RUN, a list for each CPU that this CPU handles "
                "with interrupts off, and a softirq of its own. The dpci and event-channel clients use it. All other tasklets "
                "stay as they were, but whether one may be scheduled at all is now tested before the lock is taken.\n\n"
                "Scaffolding: percpu_tasklet_init and the BUG_ON against scheduling a per-cpu tasklet on another CPU stay until "
                'the next patch, the softirq TASKLET_PERCPU until "Remove the old-softirq implementation", the BUG_ON against a '
                'per-cpu tasklet of VCPU kind until "Introduce per-cpu tasklet for schedule tasklet", and the flag is_percpu '
                'until "Remove the scaffolding".'
            ),
        ),
        Stage(
            2,
            "tasklet: Add cross CPU feeding of per-cpu tasklets.",
            "a feeder list per CPU, so that all tasklets made by softirq_tasklet_init can be per-cpu",
            "stages.posted.s2_cross_cpu_feed",
            message=(
                "Add a feeder list for each CPU, under one lock for all of them. Whoever schedules a per-cpu tasklet on another "
                "CPU puts it there, and has that CPU move it to its own list by a function-call IPI, which it waits for.\n\n"
                "So every tasklet that softirq_tasklet_init makes is per-cpu, and percpu_tasklet_init goes, with the BUG_ON "
                "against scheduling on another CPU. The softirq tasklets that are declared statically stay old for one more "
                "patch."
            ),
        ),
        Stage(
            3,
            "tasklet: Remove the old-softirq implementation.",
            "no softirq tasklet uses the global lock any more",
            "stages.posted.s3_drop_old_softirq",
            message=(
                "Make the softirq tasklets that are declared statically per-cpu too. Then nobody uses the list and the handler of "
                "the old softirq tasklets: remove them. The softirq TASKLET_PERCPU takes over the name and the number of TASKLET. "
                "Only tasklets of VCPU kind still use the global lock.\n\n"
                "Scaffolding: a BUG_ON in tasklet_enqueue against a softirq tasklet, until the next patch."
            ),
        ),
        Stage(
            4,
            "tasklet: Introduce per-cpu tasklet for schedule tasklet.",
            "the same for tasklets that run in the idle vCPU; the global lock goes",
            "stages.posted.s4_percpu_schedule",
            message=(
                "Make tasklet_list a list that its CPU handles with interrupts off, as softirq_list is, and let feeding sort by "
                "kind. The global lock goes, with the field is_running and the two BUG_ONs about the kind of a tasklet. A CPU "
                'that takes over the tasklets of a dead one takes over its "enqueued" too.\n\n'
                "Scaffolding: scheduling or enqueuing a tasklet that is not per-cpu is a BUG, until the next patch."
            ),
        ),
        Stage(
            5,
            "tasklet: Remove the scaffolding.",
            "is_percpu goes, and every branch that tested it",
            "stages.posted.s5_drop_scaffolding",
            message=("Remove is_percpu, each line that sets it, and the two BUG_ONs that test it. Nothing else changes."),
        ),
    ),
)
