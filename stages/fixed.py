"""The series as it should have been. A stage is a module; this table gives it its place, and its patch's title and commit message."""

from __future__ import annotations

from stages.api import AcceptedChange, Series, Stage

BASELINE = Stage(
    0,
    "baseline",
    "one global lock for every tasklet",
    "stages.s0_baseline",
    message=(
        "One global lock protects every tasklet of the machine, of softirq kind and of VCPU kind. To schedule a tasklet "
        "takes it once; the CPU that runs the tasklet takes it before the run and again after it. So one tasklet costs "
        "three acquisitions of a lock that all CPUs share."
    ),
    subject="tasklet: Protect every tasklet by one global lock.",
)

# What lists without a lock cost.
WAITS_FOR_INTERRUPTS = (
    "A list that only its own CPU touches cannot be changed by another one, so a kill asks the CPU on whose list its victim is to "
    "unlink it, in an interrupt. It waits until that CPU takes interrupts: not for its softirqs, and not at all for a tasklet that was "
    "sent there and is still on the feeder list. But a CPU that waits for the killer with interrupts off, as in stop_machine, then "
    "waits for ever. In 2008 Xen removed such a wait for another CPU from its kill, because it deadlocked. So nobody may kill what is "
    "queued on a CPU that waits, with interrupts off, for the killer; the global lock needed no such rule."
)

FIXED = Series(
    "fixed",
    "the series as it should have been: no patch breaks what the stage before it kept, but for one change that is declared",
    (
        BASELINE,
        Stage(
            1,
            "tasklet: Introduce per-cpu tasklet for softirq.",
            "per-cpu lists, without a lock, for the tasklets of the dpci and event-channel clients",
            "stages.s1_percpu_softirq",
            message=(
                "Each interrupt of a passed-through device takes the global lock three times, whichever guest it is for. Let the "
                "tasklets of the busiest clients do without it.\n\n"
                "Add the per-cpu tasklet: a state word, a list for each CPU that only this CPU touches, with interrupts off, and "
                "a softirq of its own. The dpci and event-channel clients, which only ever schedule on the CPU that they are on, "
                "use it. All other tasklets stay as they were.\n\n"
                "To kill one that is queued on another CPU, send that CPU an interrupt that unlinks it. The list of a CPU that has gone "
                "offline is under the global lock: there, a kill and the CPU notifier unlink what is left.\n\n"
                "Scaffolding: percpu_tasklet_init and the BUG_ON against scheduling a per-cpu tasklet on another CPU stay until "
                'the next patch, the softirq TASKLET_PERCPU until "Remove the old-softirq implementation", and the flag is_percpu '
                'until "Remove the scaffolding".'
            ),
        ),
        Stage(
            2,
            "tasklet: Add cross CPU feeding of per-cpu tasklets.",
            "a feeder list per CPU, so that all tasklets made by softirq_tasklet_init can be per-cpu",
            "stages.s2_cross_cpu_feed",
            message=(
                "Add a feeder list for each CPU, under one lock for all of them. Whoever schedules a per-cpu tasklet on another "
                "CPU puts it there and raises that CPU's softirq; that CPU moves it to its own list before it looks for work. It "
                "takes the lock only if its tasklet_fed says that there is something. A tasklet that is scheduled on another CPU "
                "while it runs goes there when it has finished, or stays if that CPU has gone offline meanwhile. The lists of CPUs that "
                "are offline are under the new lock too.\n\n"
                "So every tasklet that softirq_tasklet_init makes can be per-cpu, and percpu_tasklet_init goes, with the BUG_ON "
                "against scheduling on another CPU. The softirq tasklets that are declared statically stay old for one more "
                "patch."
            ),
        ),
        Stage(
            3,
            "tasklet: Remove the old-softirq implementation.",
            "no softirq tasklet uses the global lock any more",
            "stages.s3_drop_old_softirq",
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
            "stages.s4_percpu_schedule",
            message=(
                "Make tasklet_list a list that only its CPU touches, as softirq_list is, and let feeding put each tasklet on the "
                'list of its kind. A CPU clears "enqueued" only while it sees, with interrupts off, that the list is empty. Now '
                "every tasklet is per-cpu, the statically declared ones included, and the global lock goes, with the fields and checks "
                "that it protected and the BUG_ON in tasklet_enqueue.\n\n"
                "Scaffolding: nothing branches on is_percpu any more; what is left of it is a BUG_ON in tasklet_schedule_on_cpu, "
                "until the next patch."
            ),
        ),
        Stage(
            5,
            "tasklet: Remove the scaffolding.",
            "is_percpu goes, and every branch that tested it",
            "stages.s5_drop_scaffolding",
            message=(
                "Every tasklet is per-cpu. Remove is_percpu, each line that sets it, and the BUG_ON that tests it. Nothing else changes."
            ),
        ),
    ),
    accepted=tuple(
        AcceptedChange("kill-independent", (kind,), patch, WAITS_FOR_INTERRUPTS, programs=("its-cpu-is-stopped",))
        for kind, patch in (("irq-client", 1), ("softirq", 2), ("vcpu", 4))
    ),
)
