"""How a stage in C provides the API of tasklets: Xen's functions and declarations."""

from __future__ import annotations

from harness.native.glue import NativeCall, NativeGlue

# A static declaration names a variable, but a program makes as many as it wants: each is a copy of one, with its list made its own.
TEXT = """
#include <xen/tasklet.h>

void glue_declare_tasklet(struct tasklet *t, void (*func)(unsigned long), unsigned long data)
{
    DECLARE_TASKLET(declared, func, data);

    *t = declared;
    INIT_LIST_HEAD(&t->list);
}

void glue_declare_softirq_tasklet(struct tasklet *t, void (*func)(unsigned long), unsigned long data)
{
    DECLARE_SOFTIRQ_TASKLET(declared, func, data);

    *t = declared;
    INIT_LIST_HEAD(&t->list);
}
"""

GLUE = NativeGlue(
    text=TEXT,
    struct="tasklet",
    object_name="Tasklet",
    subsystem_name="TaskletSubsystem",
    calls=(
        NativeCall("tasklet_subsys_init", ("tasklet_subsys_init",)),
        NativeCall("DECLARE_TASKLET", ("glue_declare_tasklet",), makes=True),
        NativeCall("DECLARE_SOFTIRQ_TASKLET", ("glue_declare_softirq_tasklet",), makes=True),
        NativeCall("tasklet_init", ("tasklet_init",)),
        NativeCall("softirq_tasklet_init", ("softirq_tasklet_init",)),
        # The clients in interrupts use the per-cpu kind where there is one that has to be asked for.
        NativeCall("hvm_irq_tasklet_init", ("percpu_tasklet_init", "softirq_tasklet_init")),
        NativeCall("tasklet_schedule", ("tasklet_schedule",)),
        NativeCall("tasklet_schedule_on_cpu", ("tasklet_schedule_on_cpu",)),
        NativeCall("do_tasklet", ("do_tasklet",)),
        NativeCall("tasklet_kill", ("tasklet_kill",)),
    ),
    words=("tasklet_work_to_do",),
)
