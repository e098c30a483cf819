"""Tasklets: functions that are to run once, soon, on some CPU.

Locking
    `tasklet_lock`, taken with interrupts off, protects every field and every list of the tasklets.

    A function runs with interrupts on and without a lock.
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
)

TASKLET_SOFTIRQ = RCU_SOFTIRQ + 1

BOTH_WORK_BITS = 1 << TASKLET_ENQUEUED | 1 << TASKLET_SCHEDULED


class Tasklet(Struct):
    """A function that is to run once, soon, on some CPU."""

    list = ListHead.field()
    # The CPU that it is to run on, while it is scheduled.
    scheduled_on = Field(-1)
    is_softirq = Field(False)
    is_running = Field(False)
    is_dead = Field(False)
    func = Field[TaskletFunction](lambda _: None)
    data = Field[Any](None)


class TaskletSubsystem:
    """The tasklet code of one machine."""

    def __init__(self, hv: Hypervisor) -> None:
        self.hv = hv
        # Set once at boot, before a second CPU is up.
        self.tasklets_initialised = False
        self.tasklet_lock = hv.spinlock("tasklet_lock")
        self.tasklet_list = hv.per_cpu("tasklet_list", ListHead)
        self.softirq_tasklet_list = hv.per_cpu("softirq_tasklet_list", ListHead)

    # Boot and hotplug.

    def tasklet_subsys_init(self) -> None:
        self.cpu_callback(CPU_UP_PREPARE, self.hv.smp_processor_id())
        self.hv.register_cpu_notifier(self.cpu_callback)
        self.hv.open_softirq(TASKLET_SOFTIRQ, self.tasklet_softirq_action)
        self.tasklets_initialised = True

    def cpu_callback(self, action: str, cpu: int) -> None:
        if action == CPU_UP_PREPARE:
            self.hv.INIT_LIST_HEAD(self.tasklet_list[cpu])
            self.hv.INIT_LIST_HEAD(self.softirq_tasklet_list[cpu])
        elif action in (CPU_UP_CANCELED, CPU_DEAD):
            self.migrate_tasklets_from_cpu(cpu, self.tasklet_list[cpu])
            self.migrate_tasklets_from_cpu(cpu, self.softirq_tasklet_list[cpu])

    def migrate_tasklets_from_cpu(self, cpu: int, queue: ListHead) -> None:
        """Queue on this CPU what the dead `cpu` has left in `queue`."""
        hv = self.hv
        flags = hv.spin_lock_irqsave(self.tasklet_lock)
        while not hv.list_empty(queue):
            t = hv.list_first_owner(queue)
            hv.BUG_ON(t.scheduled_on != cpu, "a tasklet on the list of a CPU that it is not scheduled on")
            hv.list_del_init(t.list)
            t.scheduled_on = hv.smp_processor_id()
            self.tasklet_enqueue(t)
        hv.spin_unlock_irqrestore(self.tasklet_lock, flags)

    # Making tasklets.

    def tasklet_init(self, t: Tasklet, func: TaskletFunction, data: Any) -> None:
        self.hv.INIT_LIST_HEAD(t.list)
        t.scheduled_on = -1
        t.is_softirq = False
        t.is_running = False
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
        return t

    # Scheduling.

    def tasklet_schedule(self, t: Tasklet) -> None:
        self.tasklet_schedule_on_cpu(t, self.hv.smp_processor_id())

    def tasklet_schedule_on_cpu(self, t: Tasklet, cpu: int) -> None:
        hv = self.hv
        flags = hv.spin_lock_irqsave(self.tasklet_lock)
        if self.tasklets_initialised and not t.is_dead:
            t.scheduled_on = cpu
            if not t.is_running:
                hv.list_del_init(t.list)
                self.tasklet_enqueue(t)
        hv.spin_unlock_irqrestore(self.tasklet_lock, flags)

    def tasklet_enqueue(self, t: Tasklet) -> None:
        """Append `t` to the list of the CPU that it is scheduled on; the lock is held."""
        hv = self.hv
        cpu = t.scheduled_on
        if t.is_softirq:
            queue = self.softirq_tasklet_list[cpu]
            was_empty = hv.list_empty(queue)
            hv.list_add_tail(t.list, queue)
            if was_empty:
                hv.cpu_raise_softirq(cpu, TASKLET_SOFTIRQ)
        else:
            hv.list_add_tail(t.list, self.tasklet_list[cpu])
            if not hv.tasklet_work_to_do[cpu].test_and_set_bit(TASKLET_ENQUEUED):
                hv.cpu_raise_softirq(cpu, SCHEDULE_SOFTIRQ)

    # Running.

    def do_tasklet_work(self, queue: ListHead) -> None:
        """Run the first tasklet of this CPU's `queue`; the lock is held before and after, but not while it runs."""
        hv = self.hv
        cpu = hv.smp_processor_id()
        if hv.list_empty(queue) or not hv.cpu_online(cpu):
            return
        t = hv.list_first_owner(queue)
        hv.list_del_init(t.list)
        hv.BUG_ON(t.is_dead or t.is_running or t.scheduled_on != cpu, "a queued tasklet that is dead, running or not scheduled here")
        t.scheduled_on = -1
        t.is_running = True

        hv.spin_unlock_irq(self.tasklet_lock)
        t.func(t.data)
        hv.spin_lock_irq(self.tasklet_lock)

        t.is_running = False
        if t.scheduled_on >= 0:
            hv.BUG_ON(t.is_dead or not hv.list_empty(t.list), "a tasklet that is dead or queued while it runs")
            self.tasklet_enqueue(t)

    def do_tasklet(self) -> None:
        hv = self.hv
        cpu = hv.smp_processor_id()
        work_to_do = hv.tasklet_work_to_do[cpu]
        if work_to_do.read() != BOTH_WORK_BITS:
            return
        hv.spin_lock_irq(self.tasklet_lock)
        self.do_tasklet_work(self.tasklet_list[cpu])
        if hv.list_empty(self.tasklet_list[cpu]):
            work_to_do.clear_bit(TASKLET_ENQUEUED)
            hv.raise_softirq(SCHEDULE_SOFTIRQ)
        hv.spin_unlock_irq(self.tasklet_lock)

    def tasklet_softirq_action(self) -> None:
        hv = self.hv
        queue = self.softirq_tasklet_list[hv.smp_processor_id()]
        hv.spin_lock_irq(self.tasklet_lock)
        self.do_tasklet_work(queue)
        if not hv.list_empty(queue):
            hv.raise_softirq(TASKLET_SOFTIRQ)
        hv.spin_unlock_irq(self.tasklet_lock)

    # Killing.

    def tasklet_kill(self, t: Tasklet) -> None:
        hv = self.hv
        flags = hv.spin_lock_irqsave(self.tasklet_lock)
        if not hv.list_empty(t.list):
            hv.BUG_ON(t.is_dead or t.is_running or t.scheduled_on < 0, "killing a queued tasklet that is dead, running or not scheduled")
            hv.list_del_init(t.list)
        t.scheduled_on = -1
        t.is_dead = True
        while t.is_running:
            hv.spin_unlock_irqrestore(self.tasklet_lock, flags)
            hv.cpu_relax()
            flags = hv.spin_lock_irqsave(self.tasklet_lock)
        hv.spin_unlock_irqrestore(self.tasklet_lock, flags)
