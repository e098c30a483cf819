"""Tasklets: functions that are to run once, soon, on some CPU.

Locking
    A CPU touches its `softirq_list` and `tasklet_list` with interrupts off and without a lock.
    The bits of the `state` word of a tasklet are changed by atomic operations.

    One global `feeder_lock`, taken with interrupts off, protects all feeder lists. The function-call IPI is sent after the lock has been
    released, and waited for. Moving what a dead CPU has left takes the lock too.

    A function runs with interrupts on and without a lock.

The state word: SCHED, set by whoever schedules it and cleared before it runs, and RUN, set while it runs::

        idle --- schedule ---> SCHED --- work: set RUN ---> SCHED,RUN --- clear SCHED ---> RUN --- function, clear RUN ---> idle
                                                                ^                           |
                                                                +------- schedule ----------+
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

# The bits of the state word.
TASKLET_STATE_SCHED = 0
TASKLET_STATE_RUN = 1


class Tasklet(Struct):
    """A function that is to run once, soon, on some CPU."""

    list = ListHead.field()
    state = Word.field()
    is_percpu = Field(False)
    # The CPU that it is to run on, while it is scheduled.
    scheduled_on = Field(-1)
    is_softirq = Field(False)
    is_dead = Field(False)
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
            self.migrate_tasklets_from_cpu(cpu, self.tasklet_list[cpu])
            self.migrate_tasklets_from_cpu(cpu, self.softirq_list[cpu])
            self.migrate_tasklets_from_cpu(cpu, self.tasklet_feeder[cpu])
            if self.hv.tasklet_work_to_do[cpu].test_bit(TASKLET_ENQUEUED):
                self.vcpu_work_enqueued()

    def migrate_tasklets_from_cpu(self, cpu: int, queue: ListHead) -> None:
        """Queue on this CPU what the dead `cpu` has left in `queue`."""
        hv = self.hv
        flags = hv.spin_lock_irqsave(self.feeder_lock)
        while not hv.list_empty(queue):
            t = hv.list_first_owner(queue)
            hv.BUG_ON(t.scheduled_on != cpu, "a tasklet on the list of a CPU that it is not scheduled on")
            t.scheduled_on = hv.smp_processor_id()
            hv.list_del(t.list)
            self.tasklet_enqueue(t)
        hv.spin_unlock_irqrestore(self.feeder_lock, flags)

    # Making tasklets.

    def tasklet_init(self, t: Tasklet, func: TaskletFunction, data: Any) -> None:
        self.hv.INIT_LIST_HEAD(t.list)
        t.state.write(0)
        t.is_percpu = True
        t.scheduled_on = -1
        t.is_softirq = False
        t.is_dead = False
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
        t.is_percpu = True
        return t

    # Scheduling.

    def tasklet_schedule(self, t: Tasklet) -> None:
        self.tasklet_schedule_on_cpu(t, self.hv.smp_processor_id())

    def tasklet_schedule_on_cpu(self, t: Tasklet, cpu: int) -> None:
        if not self.tasklets_initialised or t.is_dead:
            return
        self.hv.BUG_ON(not t.is_percpu, "scheduling a tasklet that is not per-cpu")
        if not t.state.test_and_set_bit(TASKLET_STATE_SCHED):
            t.scheduled_on = cpu
            self.tasklet_enqueue(t)

    def tasklet_enqueue(self, t: Tasklet) -> None:
        """Append `t` to the list of this CPU, or feed it to another one."""
        hv = self.hv
        cpu = t.scheduled_on
        hv.BUG_ON(not t.is_percpu, "enqueuing a tasklet that is not per-cpu")
        hv.INIT_LIST_HEAD(t.list)
        if cpu != hv.smp_processor_id():
            flags = hv.spin_lock_irqsave(self.feeder_lock)
            hv.list_add_tail(t.list, self.tasklet_feeder[cpu])
            hv.spin_unlock_irqrestore(self.feeder_lock, flags)
            hv.on_selected_cpus([cpu], self.tasklet_feed, None, wait=True)
            return
        flags = hv.local_irq_save()
        if t.is_softirq:
            hv.list_add_tail(t.list, self.softirq_list[cpu])
            hv.raise_softirq(TASKLET_SOFTIRQ)
        else:
            hv.list_add_tail(t.list, self.tasklet_list[cpu])
            self.vcpu_work_enqueued()
        hv.local_irq_restore(flags)

    def vcpu_work_enqueued(self) -> None:
        """Set *enqueued* for this CPU; have it schedule if it was not set."""
        hv = self.hv
        if not hv.tasklet_work_to_do[hv.smp_processor_id()].test_and_set_bit(TASKLET_ENQUEUED):
            hv.raise_softirq(SCHEDULE_SOFTIRQ)

    def tasklet_feed(self, _: Any) -> None:
        """The IPI: move what other CPUs have fed to this one to its own lists."""
        hv = self.hv
        cpu = hv.smp_processor_id()
        feeder = self.tasklet_feeder[cpu]
        flags = hv.spin_lock_irqsave(self.feeder_lock)
        if not hv.list_empty(feeder):
            softirq = False
            while not hv.list_empty(feeder):
                t = hv.list_first_owner(feeder)
                hv.list_del(t.list)
                if t.is_softirq:
                    softirq = True
                    hv.list_add_tail(t.list, self.softirq_list[cpu])
                else:
                    hv.list_add_tail(t.list, self.tasklet_list[cpu])
            if softirq:
                hv.raise_softirq(TASKLET_SOFTIRQ)
            else:
                self.vcpu_work_enqueued()
        hv.spin_unlock_irqrestore(self.feeder_lock, flags)

    # Running.

    def take_first(self, queue: ListHead) -> tuple[Tasklet | None, bool]:
        """Take the first entry of this CPU's `queue`: the tasklet, or None, and whether there are more; interrupts are off."""
        hv = self.hv
        if hv.list_empty(queue):
            return None, False
        first = queue.next
        t: Tasklet = first.owner
        if first is queue.prev:
            hv.INIT_LIST_HEAD(queue)
            return t, False
        queue.next = first.next
        return t, True

    def do_tasklet_work(self, queue: ListHead) -> bool:
        """Run the first tasklet of this CPU's `queue`; True if all is done: there was none, or no other."""
        hv = self.hv
        hv.local_irq_disable()
        t, more = self.take_first(queue)
        hv.local_irq_enable()
        if t is None:
            return True
        if not t.state.test_and_set_bit(TASKLET_STATE_RUN):
            hv.BUG_ON(not t.state.test_and_clear_bit(TASKLET_STATE_SCHED), "a queued tasklet that is not scheduled")
            t.func(t.data)
            t.state.clear_bit(TASKLET_STATE_RUN)
            if more:
                hv.raise_softirq(TASKLET_SOFTIRQ)
            return not more
        # It runs on another CPU.
        hv.local_irq_disable()
        hv.INIT_LIST_HEAD(t.list)
        hv.list_add_tail(t.list, queue)
        hv.raise_softirq(TASKLET_SOFTIRQ)
        hv.local_irq_enable()
        return False

    def do_tasklet(self) -> None:
        hv = self.hv
        cpu = hv.smp_processor_id()
        work_to_do = hv.tasklet_work_to_do[cpu]
        if work_to_do.read() != BOTH_WORK_BITS:
            return
        if self.do_tasklet_work(self.tasklet_list[cpu]):
            work_to_do.clear_bit(TASKLET_ENQUEUED)
            hv.raise_softirq(SCHEDULE_SOFTIRQ)

    def tasklet_softirq_action(self) -> None:
        self.do_tasklet_work(self.softirq_list[self.hv.smp_processor_id()])

    # Killing.

    def tasklet_kill(self, t: Tasklet) -> None:
        hv = self.hv
        while t.state.test_and_set_bit(TASKLET_STATE_SCHED):
            hv.process_pending_softirqs()
            while t.state.test_bit(TASKLET_STATE_SCHED):
                hv.process_pending_softirqs()
        while t.state.test_bit(TASKLET_STATE_RUN):
            hv.cpu_relax()
        t.state.clear_bit(TASKLET_STATE_SCHED)
        t.is_dead = True
