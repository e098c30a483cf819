"""What is wrong in the posted series, one fault at a time, each with the change of the stage's source that mends it and nothing else.

`FINDINGS` says for each paragraph of `stages/posted/findings.toml` which of these faults are behind it: with them mended, every program of
that clause passes, for every kind. `test_mends.py` checks both that, and that it takes all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.jobs.stage_loading import load
from harness.sources.single_file import target_of_file
from harness.tasklets.tasklet_under_test import IRQ_CLIENT, SENT, SOFTIRQ, VCPU
from harness.verify.deepening import Effort
from stages.api import StageModule
from stages.posted import POSTED


@dataclass(frozen=True)
class Fault:
    """`what` is wrong since patch `stage`; `edits`: pairs of a text that is there once and what stands in its place in the mended copy.

    `cures`: the findings of that patch that this fault makes up alone.
    """

    name: str
    stage: int
    what: str
    edits: tuple[tuple[str, str], ...]
    cures: tuple[str, ...] = ()


# Exhausts every program that is not listed as open.
USUAL = Effort(executions=3_000, preemptions=0, samples=50, simplify=0, accept_bound=0)
# For those that are, and for a clause that all programs speak of: a glance.
BRIEF = Effort(executions=60, preemptions=0, samples=50, simplify=0, accept_bound=0)


@dataclass(frozen=True)
class Finding:
    """A clause that is violated for `kinds` since patch `stage`, because of `faults`. With them mended, it holds for every kind."""

    clause: str
    stage: int
    kinds: tuple[str, ...]
    faults: tuple[Fault, ...]
    # Programs, with the kind, for which not all executions are looked at on the mended copy; `glance`: none is looked at so closely.
    open_ends: tuple[tuple[str, str], ...] = ()
    glance: bool = False
    # Clauses that are still violated there, so that an owner looks at a tasklet which is used after its kill: their programs are left out.
    apart_from: tuple[str, ...] = ()


def mended(stage: int, faults: Sequence[Fault], directory: Path) -> StageModule:
    """Load a copy of a posted stage in which these faults are mended, written into `directory`."""
    source = POSTED.stages[stage].path.read_text(encoding="utf-8")
    for fault in faults:
        assert fault.stage == stage, f"{fault.name} is mended in stage {fault.stage}"
        for old, new in fault.edits:
            assert source.count(old) == 1, f"{fault.name}: stage {stage} has {source.count(old)} times {old!r}"
            source = source.replace(old, new)
    path = directory / f"{'_'.join(['mended', str(stage), *(fault.name for fault in faults)]).replace('-', '_')}.py"
    path.write_text(source, encoding="utf-8")
    return load(target_of_file(str(path)))


# Patch 1.

DEAD_LATE = Fault(
    "dead-late",
    1,
    "kill of a per-cpu tasklet sets dead when it has let go of SCHED, so that until then everybody may schedule its victim",
    (
        (
            "        hv = self.hv\n        while t.state.test_and_set_bit",
            "        hv = self.hv\n        t.is_dead = True\n        while t.state.test_and_set_bit",
        ),
        (
            "        t.state.clear_bit(TASKLET_STATE_SCHED)\n        t.is_dead = True\n",
            "        t.state.clear_bit(TASKLET_STATE_SCHED)\n",
        ),
    ),
)
TESTED_EARLY = Fault(
    "tested-early",
    1,
    "for the old kinds, whether a tasklet is dead is tested before the lock is taken, and not again",
    (
        (
            "        flags = hv.spin_lock_irqsave(self.tasklet_lock)\n        t.scheduled_on = cpu\n",
            (
                "        flags = hv.spin_lock_irqsave(self.tasklet_lock)\n"
                "        if t.is_dead:\n"
                "            hv.spin_unlock_irqrestore(self.tasklet_lock, flags)\n"
                "            return\n"
                "        t.scheduled_on = cpu\n"
            ),
        ),
    ),
    cures=("irqs-off-bounded", "visibility", "kill-releases"),
)
TESTED_BEFORE_SCHED = Fault(
    "tested-before-sched",
    1,
    "for the per-cpu kind, whether a tasklet is dead is tested before SCHED is taken, and not again",
    (
        (
            "            if not t.state.test_and_set_bit(TASKLET_STATE_SCHED):\n",
            (
                "            if not t.state.test_and_set_bit(TASKLET_STATE_SCHED):\n"
                "                if t.is_dead:\n"
                "                    t.state.clear_bit(TASKLET_STATE_SCHED)\n"
                "                    return\n"
            ),
        ),
    ),
)
RUN_THOUGH_DEAD = Fault(
    "run-though-dead",
    1,
    "the handler runs whatever it finds on its list, dead or not",
    (("            t.func(t.data)\n", "            if not t.is_dead:\n                t.func(t.data)\n"),),
)
RAISED_LATE = Fault(
    "raised-late",
    1,
    "when there are more, the handler raises its softirq after the function has returned, so that the function cannot wait for them",
    (
        (
            "        if not t.state.test_and_set_bit(TASKLET_STATE_RUN):\n",
            (
                "        if more:\n"
                "            hv.raise_softirq(TASKLET_PERCPU_SOFTIRQ)\n"
                "        if not t.state.test_and_set_bit(TASKLET_STATE_RUN):\n"
            ),
        ),
        ("            if more:\n                hv.raise_softirq(TASKLET_PERCPU_SOFTIRQ)\n        else:\n", "        else:\n"),
    ),
)
SPINS_ON_RUN = Fault(
    "spins-on-run",
    1,
    "the handler that finds RUN set queues the tasklet again for itself, at once, instead of leaving that to whoever runs it",
    (
        ("TASKLET_STATE_RUN = 1\n", "TASKLET_STATE_RUN = 1\nRUN, AGAIN = 1 << 1, 1 << 2\n"),
        ("            t.state.clear_bit(TASKLET_STATE_RUN)\n", "            self.end(t)\n"),
        (
            (
                "            # It runs on another CPU.\n"
                "            hv.local_irq_disable()\n"
                "            hv.INIT_LIST_HEAD(t.list)\n"
                "            hv.list_add_tail(t.list, queue)\n"
                "            hv.raise_softirq(TASKLET_PERCPU_SOFTIRQ)\n"
                "            hv.local_irq_enable()\n"
            ),
            (
                "            # Whoever runs it queues it again; if that has just ended, it is queued here.\n"
                "            if not t.state.fetch_or(AGAIN) & RUN:\n"
                "                self.end(t)\n"
                "            if more:\n"
                "                hv.raise_softirq(TASKLET_PERCPU_SOFTIRQ)\n"
                "\n"
                "    def end(self, t: Tasklet) -> None:\n"
                "        if t.state.fetch_and(~(RUN | AGAIN)) & AGAIN:\n"
                "            t.scheduled_on = self.hv.smp_processor_id()\n"
                "            self.tasklet_enqueue(t)\n"
            ),
        ),
    ),
    cures=("nested-softirqs",),
)
HALF_UNLINKED = Fault(
    "half-unlinked",
    1,
    "taking the first of several moves the head's next link only; the second one still points back to the first",
    (("        queue.next = first.next\n", "        hv.list_del_init(first)\n"),),
)
WAITS_FOR_THE_DEAD = Fault(
    "waits-for-the-dead",
    1,
    "kill waits for a pending tasklet to run also if the CPU on whose list it is has died",
    (
        (
            "            while t.state.test_bit(TASKLET_STATE_SCHED):\n                hv.process_pending_softirqs()\n",
            (
                "            while t.state.test_bit(TASKLET_STATE_SCHED):\n"
                "                hv.process_pending_softirqs()\n"
                "                flags = hv.spin_lock_irqsave(self.tasklet_lock)\n"
                "                if not hv.cpu_online(t.scheduled_on):\n"
                "                    hv.list_del_init(t.list)\n"
                "                    t.state.clear_bit(TASKLET_STATE_SCHED)\n"
                "                hv.spin_unlock_irqrestore(self.tasklet_lock, flags)\n"
            ),
        ),
    ),
)
PLAIN_DEAD = Fault(
    "plain-dead",
    1,
    "is_dead is written and read by different CPUs, with plain accesses that no lock orders",
    (
        (
            "if not self.tasklets_initialised or t.is_dead:",
            "if not self.tasklets_initialised or self.hv.read_atomic(t, Tasklet.is_dead):",
        ),
        (
            "        t.state.clear_bit(TASKLET_STATE_SCHED)\n        t.is_dead = True\n",
            "        t.state.clear_bit(TASKLET_STATE_SCHED)\n        hv.write_atomic(t, Tasklet.is_dead, True)\n",
        ),
        (
            "        t.scheduled_on = -1\n        t.is_dead = True\n",
            "        t.scheduled_on = -1\n        hv.write_atomic(t, Tasklet.is_dead, True)\n",
        ),
    ),
    cures=("no-races",),
)

# Patch 2.

WAITS_FOR_FEED = Fault(
    "waits-for-feed",
    2,
    "who schedules on another CPU sends it a function call and waits for it, which nobody may with interrupts off",
    (
        (
            "            hv.on_selected_cpus([cpu], self.tasklet_feed, None, wait=True)\n",
            "            hv.cpu_raise_softirq(cpu, TASKLET_PERCPU_SOFTIRQ)\n",
        ),
        (
            "        queue = self.softirq_list[hv.smp_processor_id()]\n",
            "        queue = self.softirq_list[hv.smp_processor_id()]\n        self.tasklet_feed(None)\n",
        ),
    ),
    cures=("irq-context",),
)

# Patch 4.

DONE_EARLY = Fault(
    "done-early",
    4,
    "do_tasklet clears enqueued by what it saw on the list before the function ran",
    (
        (
            (
                "        if self.do_tasklet_work(self.tasklet_list[cpu]):\n"
                "            work_to_do.clear_bit(TASKLET_ENQUEUED)\n"
                "            hv.raise_softirq(SCHEDULE_SOFTIRQ)\n"
            ),
            (
                "        self.do_tasklet_work(self.tasklet_list[cpu])\n"
                "        hv.local_irq_disable()\n"
                "        if hv.list_empty(self.tasklet_list[cpu]):\n"
                "            work_to_do.clear_bit(TASKLET_ENQUEUED)\n"
                "            hv.raise_softirq(SCHEDULE_SOFTIRQ)\n"
                "        hv.local_irq_enable()\n"
            ),
        ),
    ),
    cures=("no-lost-schedule", "self-reschedule", "wakeup", "progress"),
)
ONE_KIND_TOLD = Fault(
    "one-kind-told",
    4,
    "a feed that has moved tasklets of both kinds raises TASKLET and does not set enqueued",
    (
        ("            softirq = False\n", "            softirq = vcpu = False\n"),
        (
            "                else:\n                    hv.list_add_tail(",
            "                else:\n                    vcpu = True\n                    hv.list_add_tail(",
        ),
        (
            "            else:\n                self.vcpu_work_enqueued()\n",
            "            if vcpu:\n                self.vcpu_work_enqueued()\n",
        ),
    ),
)
WAITS_FOR_VCPU = Fault(
    "waits-for-vcpu",
    4,
    "kill waits for a pending tasklet to run by processing softirqs, in which one of VCPU kind does not run",
    (
        (
            "            while t.state.test_bit(TASKLET_STATE_SCHED):\n                hv.process_pending_softirqs()\n",
            (
                "            while t.state.test_bit(TASKLET_STATE_SCHED):\n"
                "                hv.process_pending_softirqs()\n"
                "                self.do_tasklet_work(self.tasklet_list[hv.smp_processor_id()])\n"
            ),
        ),
    ),
)
FLAG_FORGOTTEN = Fault(
    "flag-forgotten",
    4,
    "the macro that declares VCPU tasklets does not make them per-cpu, and scheduling insists on that",
    (
        (
            "        t = Tasklet(self.hv, name)\n",
            "        t = Tasklet(self.hv, name)\n        t.is_percpu = True\n",
        ),
    ),
    cures=("static-declaration", "before-init"),
)

FAULTS = (
    *(
        DEAD_LATE,
        TESTED_EARLY,
        TESTED_BEFORE_SCHED,
        RUN_THOUGH_DEAD,
        RAISED_LATE,
        SPINS_ON_RUN,
        HALF_UNLINKED,
        WAITS_FOR_THE_DEAD,
        PLAIN_DEAD,
    ),
    WAITS_FOR_FEED,
    *(DONE_EARLY, ONE_KIND_TOLD, WAITS_FOR_VCPU, FLAG_FORGOTTEN),
)

# The findings.

ALL = (SOFTIRQ, VCPU, IRQ_CLIENT)

# Findings that are explained and not mended, with the patch: a small edit does not do it.
BY_DESIGN = (("kill-independent", 1),)

FINDINGS = (
    Finding("kill-quiesces", 1, ALL, (DEAD_LATE, TESTED_EARLY, TESTED_BEFORE_SCHED, SPINS_ON_RUN, HALF_UNLINKED)),
    Finding("kill-returns", 1, ALL, (RAISED_LATE, DEAD_LATE, TESTED_EARLY), (("kill-together-elsewhere", IRQ_CLIENT),)),
    Finding("kill-cancels", 1, (IRQ_CLIENT,), (DEAD_LATE, RUN_THOUGH_DEAD, RAISED_LATE)),
    Finding("hotplug", 1, (IRQ_CLIENT,), (HALF_UNLINKED, WAITS_FOR_THE_DEAD)),
    Finding("nested-softirqs", 1, (IRQ_CLIENT,), (SPINS_ON_RUN,)),
    Finding("quiet", 1, ALL, (SPINS_ON_RUN, TESTED_EARLY)),
    Finding("irqs-off-bounded", 1, SENT, (TESTED_EARLY,)),
    Finding("visibility", 1, SENT, (TESTED_EARLY,)),
    Finding("kill-releases", 1, SENT, (TESTED_EARLY,), (("released-after-it-rescheduled", IRQ_CLIENT),)),
    Finding("no-races", 1, ALL, (PLAIN_DEAD,), glance=True, apart_from=("kill-quiesces", "visibility")),
    Finding("clients", 1, (VCPU, IRQ_CLIENT), (DEAD_LATE, TESTED_EARLY, TESTED_BEFORE_SCHED), (("debug-key-twice", VCPU),)),
    Finding("irq-context", 2, (SOFTIRQ,), (WAITS_FOR_FEED,)),
    Finding("no-lost-schedule", 4, (VCPU,), (DONE_EARLY,)),
    Finding("self-reschedule", 4, (VCPU,), (DONE_EARLY,)),
    Finding("wakeup", 4, (VCPU,), (DONE_EARLY,)),
    Finding("progress", 4, (VCPU,), (DONE_EARLY,)),
    Finding("mixed-feed", 4, (SOFTIRQ, VCPU), (ONE_KIND_TOLD, DONE_EARLY), (("fed-next-to-local", SOFTIRQ), ("fed-next-to-local", VCPU))),
    Finding("reuse", 4, (VCPU,), (WAITS_FOR_VCPU, DONE_EARLY)),
    Finding("static-declaration", 4, (SOFTIRQ, VCPU), (FLAG_FORGOTTEN,)),
    Finding("before-init", 4, (VCPU,), (FLAG_FORGOTTEN,)),
)
