"""Tasklets: functions that are to run once, soon, on some CPU.

Locking
    The `softirq_list` and `tasklet_list` of a CPU that is online belong to that CPU, which touches them with interrupts off. A CPU goes
    offline in an interrupt of its own, so never within such a section; each section looks whether it has. *Enqueued* is cleared only where
    the CPU has seen, in the same section, that it has nothing in its `tasklet_list`.
    The `state` word of a tasklet, changed atomically, says who may touch the rest of it. Nobody spins while another CPU runs a tasklet,
    except in `tasklet_kill`, which asks the CPU that has its victim queued to unlink it in an interrupt.

    One global `feeder_lock`, taken with interrupts off, protects all feeder lists, and the lists of CPUs that are offline. Whoever queues a
    tasklet on another CPU changes its state, links it and writes `tasklet_fed` (the sign for that CPU to take the lock at all) in one
    critical section. Local scheduling and running take no lock.

    A function runs with interrupts on and without a lock.

The state word: SCHED, RUN, DEAD, and above them the CPU that it is scheduled on::

                 schedule(c)               take                  schedule(c)
        idle ------------------> SCHED,c ---------> RUN --------------------------> RUN,SCHED,c
         ^                         |  ^              | |                                 | |
         |                         |  +--------------|-|------------- finish ------------+ |
         +------------------------ | ---- finish ----+ |                                   |
                                   | kill              | kill                         kill |
                                   v                   v                                   v
                              SCHED,c,DEAD         RUN,DEAD                        RUN,SCHED,c,DEAD
                                   | discard           | finish                            | finish
                                   +-------> DEAD <----+-----------------------------------+

    "Queued" is SCHED without RUN; it has FED as well while it is on the feeder list of that CPU. DEAD never goes away, and nothing
    schedules a dead tasklet. Only its kill takes SCHED from one that is queued, here or in an interrupt on the CPU that has it; `take`, or
    the migration from a dead CPU, may have unlinked it before. A second schedule of a queued tasklet changes nothing, but is as much of a
    barrier as the first.
"""

from __future__ import annotations

from typing import Any

from stages.api import TaskletFunction
from stages.hypervisor import (
    CPU_DEAD,
    CPU_UP_CANCELED,
    CPU_UP_PREPARE,
    RCU_SOFTIRQ,
    SCHEDULE_SOFTIRQ,
    TASKLET_ENQUEUED,
    TASKLET_SCHEDULED,
    Field,
    Hypervisor,
    ListHead,
    Struct,
    Word,
)

TASKLET_SOFTIRQ = RCU_SOFTIRQ + 1

BOTH_WORK_BITS = 1 << TASKLET_ENQUEUED | 1 << TASKLET_SCHEDULED

# The state word.
SCHED = 1 << 0
RUN = 1 << 1
DEAD = 1 << 2
FED = 1 << 3
CPU_SHIFT = 8


def sched_on(cpu: int) -> int:
    """The state of a tasklet that is queued on `cpu`, on one of its own lists."""
    return SCHED | cpu << CPU_SHIFT


def is_queued(state: int) -> bool:
    return state & (SCHED | RUN) == SCHED


class Tasklet(Struct):
    """A function that is to run once, soon, on some CPU."""

    list = ListHead.field()
    state = Word.field()
    is_softirq = Field(False)
    func = Field[TaskletFunction](lambda _: None)
    data = Field[Any](None)


class TaskletSubsystem:
    """The tasklet code of one machine."""

    def __init__(self, hv: Hypervisor) -> None:
        self.hv = hv
        # Set once at boot, before a second CPU is up.
        self.tasklets_initialised = False
        self.tasklet_list = hv.per_cpu("tasklet_list", ListHead)
        self.softirq_list = hv.per_cpu("softirq_list", ListHead)
        self.feeder_lock = hv.spinlock("feeder_lock")
        self.tasklet_feeder = hv.per_cpu("tasklet_feeder", ListHead)
        self.tasklet_fed = hv.per_cpu("tasklet_fed", Word)

    # Boot and hotplug.

    def tasklet_subsys_init(self) -> None:
        self.cpu_callback(CPU_UP_PREPARE, self.hv.smp_processor_id())
        self.hv.register_cpu_notifier(self.cpu_callback)
        self.hv.open_softirq(TASKLET_SOFTIRQ, self.tasklet_softirq_action)
        self.tasklets_initialised = True

    def cpu_callback(self, action: str, cpu: int) -> None:
        if action == CPU_UP_PREPARE:
            self.hv.INIT_LIST_HEAD(self.tasklet_list[cpu])
            self.hv.INIT_LIST_HEAD(self.softirq_list[cpu])
            self.hv.INIT_LIST_HEAD(self.tasklet_feeder[cpu])
        elif action in (CPU_UP_CANCELED, CPU_DEAD):
            self.migrate_percpu_tasklets(self.tasklet_list[cpu])
            self.migrate_percpu_tasklets(self.softirq_list[cpu])
            self.migrate_percpu_tasklets(self.tasklet_feeder[cpu])

    def migrate_percpu_tasklets(self, queue: ListHead) -> None:
        """Queue on this CPU what a dead CPU has left in `queue`."""
        hv = self.hv
        flags = hv.spin_lock_irqsave(self.feeder_lock)
        while not hv.list_empty(queue):
            t = hv.list_first_owner(queue)
            hv.list_del_init(t.list)
            self.move_here(t)
        hv.spin_unlock_irqrestore(self.feeder_lock, flags)

    def move_here(self, t: Tasklet) -> None:
        """Queue on this CPU a tasklet that was queued on a dead one, unless it was killed; the lock is held."""
        hv = self.hv
        if t.state.read() & DEAD:
            return
        t.state.xchg(sched_on(hv.smp_processor_id()))
        self.link(t, hv.smp_processor_id())
        if t.is_softirq:
            hv.raise_softirq(TASKLET_SOFTIRQ)

    # Making tasklets.

    def tasklet_init(self, t: Tasklet, func: TaskletFunction, data: Any) -> None:
        self.hv.INIT_LIST_HEAD(t.list)
        t.state.write(0)
        t.is_softirq = False
        t.func = func
        t.data = data

    def softirq_tasklet_init(self, t: Tasklet, func: TaskletFunction, data: Any) -> None:
        self.tasklet_init(t, func, data)
        t.is_softirq = True

    def hvm_irq_tasklet_init(self, t: Tasklet, func: TaskletFunction, data: Any) -> None:
        self.softirq_tasklet_init(t, func, data)

    def DECLARE_TASKLET(self, name: str, func: TaskletFunction, data: Any) -> Tasklet:
        t = Tasklet(self.hv, name)
        t.func = func
        t.data = data
        return t

    def DECLARE_SOFTIRQ_TASKLET(self, name: str, func: TaskletFunction, data: Any) -> Tasklet:
        t = self.DECLARE_TASKLET(name, func, data)
        t.is_softirq = True
        return t

    # Scheduling.

    def tasklet_schedule(self, t: Tasklet) -> None:
        self.tasklet_schedule_on_cpu(t, self.hv.smp_processor_id())

    def tasklet_schedule_on_cpu(self, t: Tasklet, cpu: int) -> None:
        """Queue an idle tasklet on `cpu`; leave a note on one that runs; nothing for one that is queued or dead."""
        if not self.tasklets_initialised:
            return
        while True:
            # A read that is a full barrier, whatever it finds: what the caller has written is seen by the run that is to come, also where
            # nothing is left to do here. With a mere read, that could still be in the store buffer when the run has begun.
            state = t.state.fetch_or(0)
            if state & DEAD or is_queued(state):
                return
            if state & RUN:
                if t.state.cmpxchg(state, RUN | sched_on(cpu)) == state:
                    return
            elif self.queue(t, state, cpu):
                return

    def queue(self, t: Tasklet, state: int, cpu: int) -> bool:
        """Move `t` from `state` to queued on `cpu`, state and list together; False if the state has changed meanwhile."""
        hv = self.hv
        if cpu != hv.smp_processor_id():
            return self.feed(t, state, cpu)
        flags = hv.local_irq_save()
        if not hv.cpu_online(cpu):
            queued = self.feed(t, state, cpu)
        elif queued := t.state.cmpxchg(state, sched_on(cpu)) == state:
            self.link(t, cpu)
            if t.is_softirq:
                hv.raise_softirq(TASKLET_SOFTIRQ)
        hv.local_irq_restore(flags)
        return queued

    def link(self, t: Tasklet, cpu: int) -> None:
        """Append `t`, which is queued on this CPU, to the list of its kind; the scheduler looks at one of them; interrupts are off."""
        hv = self.hv
        if t.is_softirq:
            hv.list_add_tail(t.list, self.softirq_list[cpu])
        else:
            hv.list_add_tail(t.list, self.tasklet_list[cpu])
            if not hv.tasklet_work_to_do[cpu].test_and_set_bit(TASKLET_ENQUEUED):
                hv.raise_softirq(SCHEDULE_SOFTIRQ)

    def feed(self, t: Tasklet, state: int, cpu: int) -> bool:
        """As `queue`, on another CPU; if that is offline, on this one, which leaves it to the notifier if it goes the same way."""
        hv = self.hv
        flags = hv.spin_lock_irqsave(self.feeder_lock)
        if not hv.cpu_online(cpu):
            cpu = hv.smp_processor_id()
        queued = t.state.cmpxchg(state, FED | sched_on(cpu)) == state
        if queued:
            hv.list_add_tail(t.list, self.tasklet_feeder[cpu])
            self.tasklet_fed[cpu].write(1)
            hv.cpu_raise_softirq(cpu, TASKLET_SOFTIRQ)
        hv.spin_unlock_irqrestore(self.feeder_lock, flags)
        return queued

    def take_feed(self) -> None:
        """Move what other CPUs have fed to this one to its own list."""
        hv = self.hv
        cpu = hv.smp_processor_id()
        # On ARM, to clear the bit of the softirq orders nothing: this could still read what was there before the feed
        # (asked-elsewhere-busy).
        hv.smp_rmb()
        if not self.tasklet_fed[cpu].read():
            return
        flags = hv.spin_lock_irqsave(self.feeder_lock)
        self.tasklet_fed[cpu].write(0)
        for t in hv.list_owners(self.tasklet_feeder[cpu]):
            hv.list_del(t.list)
            t.state.fetch_and(~FED)
            self.link(t, cpu)
        hv.spin_unlock_irqrestore(self.feeder_lock, flags)

    # Running.

    def has_work(self, queue: ListHead) -> bool:
        """Tell whether there is something in this CPU's `queue`; if it is offline, that is its concern no more; interrupts are off."""
        hv = self.hv
        return hv.cpu_online(hv.smp_processor_id()) and not hv.list_empty(queue)

    def take(self, queue: ListHead) -> Tasklet | None:
        """Unlink the first tasklet of this CPU's `queue` and mark it running; None if there is none, or a dead one; interrupts are off."""
        hv = self.hv
        if not self.has_work(queue):
            return None
        t: Tasklet = hv.list_first_owner(queue)
        hv.list_del_init(t.list)
        if t.state.cmpxchg(queued := sched_on(hv.smp_processor_id()), RUN) == queued:
            return t
        # Dead; the rest is up to its kill.
        return None

    def finish(self, t: Tasklet) -> None:
        """The function has returned: queue `t` again if somebody has scheduled it meanwhile."""
        while True:
            state = t.state.read()
            if state & SCHED and not state & DEAD:
                if self.queue(t, state, state >> CPU_SHIFT):
                    return
            elif t.state.cmpxchg(state, state & DEAD) == state:
                return

    def do_tasklet_work(self, queue: ListHead) -> None:
        """Run the first tasklet of this CPU's `queue`; interrupts are off before and after, but not while it runs."""
        hv = self.hv
        t = self.take(queue)
        hv.local_irq_enable()
        if t:
            t.func(t.data)
            self.finish(t)
        hv.local_irq_disable()

    def do_tasklet(self) -> None:
        hv = self.hv
        cpu = hv.smp_processor_id()
        work_to_do = hv.tasklet_work_to_do[cpu]
        if work_to_do.read() != BOTH_WORK_BITS:
            return
        hv.local_irq_disable()
        self.do_tasklet_work(self.tasklet_list[cpu])
        if not self.has_work(self.tasklet_list[cpu]):
            work_to_do.clear_bit(TASKLET_ENQUEUED)
            hv.raise_softirq(SCHEDULE_SOFTIRQ)
        hv.local_irq_enable()

    def tasklet_softirq_action(self) -> None:
        hv = self.hv
        queue = self.softirq_list[hv.smp_processor_id()]
        self.take_feed()
        hv.local_irq_disable()
        self.do_tasklet_work(queue)
        if self.has_work(queue):
            hv.raise_softirq(TASKLET_SOFTIRQ)
        hv.local_irq_enable()

    # Killing.

    def discard(self, t: Tasklet) -> None:
        """Unlink `t`, which is dead and queued, if nobody has; its list is the caller's to touch; interrupts are off."""
        self.hv.list_del_init(t.list)
        t.state.fetch_and(DEAD)

    def cancel(self, t: Tasklet) -> int:
        """Mark `t` dead; if it is queued, unlink it, unless only another CPU may touch that list. Returns the state."""
        hv = self.hv
        flags = hv.spin_lock_irqsave(self.feeder_lock)
        state = t.state.fetch_or(DEAD) | DEAD
        cpu = state >> CPU_SHIFT
        if is_queued(state) and (state & FED or cpu == hv.smp_processor_id() or not hv.cpu_online(cpu)):
            self.discard(t)
            state = DEAD
        hv.spin_unlock_irqrestore(self.feeder_lock, flags)
        return state

    def tasklet_kill(self, t: Tasklet) -> None:
        hv = self.hv
        while is_queued(state := self.cancel(t)):
            # Needs no more of that CPU than that it takes interrupts. If it goes offline before that, the next turn finds it so.
            hv.on_selected_cpus([state >> CPU_SHIFT], self.discard, t, wait=True)
        while state & RUN:
            hv.cpu_relax()
            state = t.state.read()
        # On ARM, what the last run has written could be missed by whoever has killed it otherwise (seen-by-its-killer).
        hv.smp_rmb()
