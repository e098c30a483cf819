"""How a stage in C provides the API of tasklets: Xen's functions and declarations."""

from __future__ import annotations

from collections.abc import Sequence

from harness.native.glue import NativeCall, NativeGlue

# How many tasklets of each kind a program can declare; each has a handle.
DECLARED = 16


def _declarations(kind: str, macro: str, handles: Sequence[int]) -> str:
    """C that declares tasklets, and a function that returns one, given its number."""
    names = [f"machine_declared_{kind}{number}" for number in range(len(handles))]
    declared = "\n".join(f"{macro}({name}, machine_call_back, {handle});" for name, handle in zip(names, handles, strict=True))
    every = ", ".join(f"&{name}" for name in names)
    return f"""
{declared}

struct tasklet *machine_declare_{kind}(unsigned long number)
{{
    static struct tasklet *const every[] = {{ {every} }};

    return number < {len(names)} ? every[number] : NULL;
}}
"""


TEXT = f"""#include <machine.h>
#include <xen/tasklet.h>
{_declarations("tasklet", "DECLARE_TASKLET", range(DECLARED))}
{_declarations("softirq_tasklet", "DECLARE_SOFTIRQ_TASKLET", range(DECLARED, 2 * DECLARED))}"""

GLUE = NativeGlue(
    "TaskletSubsystem",
    {"Tasklet": "tasklet"},
    calls=(
        NativeCall("tasklet_subsys_init"),
        NativeCall("DECLARE_TASKLET", ("machine_declare_tasklet",), declares=0),
        NativeCall("DECLARE_SOFTIRQ_TASKLET", ("machine_declare_softirq_tasklet",), declares=DECLARED),
        NativeCall("tasklet_init"),
        NativeCall("softirq_tasklet_init"),
        # The clients in interrupts use the per-cpu kind where there is one that has to be asked for.
        NativeCall("hvm_irq_tasklet_init", ("percpu_tasklet_init", "softirq_tasklet_init")),
        NativeCall("tasklet_schedule"),
        NativeCall("tasklet_schedule_on_cpu"),
        NativeCall("do_tasklet"),
        NativeCall("tasklet_kill"),
    ),
    text=TEXT,
    words=("tasklet_work_to_do",),
    handles=2 * DECLARED,
)
