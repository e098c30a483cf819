"""The barriers of the machine's own core, beside those that every machine's locks, atomic operations and interrupts are.

Xen of 2014 ran on x86, where most of them are no instruction, and on ARM, where nobody had tested the series. Where its core lacked one
that ARM needs, no stage is to blame: so the core that is used otherwise has them all, and the core of 2014 lacks those. What Xen of 2014
had is written down from what is known of its sources, not copied; [E] marks a judgement. Which program needs which is in
tests/tasklets/test_core.py.

Three more are in both cores. The CPU that answers a function call has a full barrier before it says so (Xen's `mb`; here the answer is an
atomic operation with a value). Who waits in the core sees what he was told by what he has waited for: for a CPU that dies that is Xen's
`smp_mb` behind the loop; behind the loop of `on_selected_cpus` Xen had none on 64-bit ARM [E], but no program can tell with a stage that
ships, for none reads what the called function has written without a barrier of its own. And a CPU that has come up says so with a release
(Xen's `wmb`), though it has nothing to tell yet: no program can tell that either.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Core:
    """Which barriers a core has.

    `schedule_looks`: the SCHEDULE softirq has a read barrier before it reads the words of what is to be done in the idle vCPU. To clear the
    bit of the softirq orders nothing on ARM; Xen's `schedule` read the word right away [E].

    `death_tells`: what a CPU has done is there for whoever knows that it is dead. On x86 Xen had a barrier on either side of that store; on
    ARM only one behind it, so that it happens before the CPU sleeps for ever [E].

    `online_tells`: what notifiers have prepared is there for the CPU that comes up. In Xen the store that wakes it up is cleaned from the
    cache, behind a `dsb`, or a call of the firmware.

    `offline_tells`: what a CPU has done is there for whoever sees that it is offline. Xen takes a CPU offline in `stop_machine`, where all
    others wait, and each step of that has an `smp_mb`.
    """

    name: str
    schedule_looks: bool = True
    death_tells: bool = True
    online_tells: bool = True
    offline_tells: bool = True


MENDED = Core("mended")
XEN_2014 = Core("2014", schedule_looks=False, death_tells=False)

CORES = {core.name: core for core in (XEN_2014, MENDED)}
