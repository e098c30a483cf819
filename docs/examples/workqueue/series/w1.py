"""Deferred work: functions that are to run once, soon, in a softirq of a chosen CPU. Each list has a lock.

Who sets the bit PENDING of a work owns it: nobody else puts it on a list before the bit is clear again.
"""

from __future__ import annotations

from collections.abc import Callable

from stages.hypervisor import RCU_SOFTIRQ, Field, Hypervisor, ListHead, SpinLock, Struct, Word

WORK_SOFTIRQ = RCU_SOFTIRQ + 1
PENDING = 0
NOWHERE = -1


class Work(Struct):
    """A function that is to run. `on`: on whose list it is; `running_on`: who runs it. Both change with that CPU's lock held."""

    list = ListHead.field()
    state = Word.field()
    on = Field(NOWHERE)
    running_on = Field(NOWHERE)
    func = Field[Callable[[], None]](lambda: None)


class WorkQueue:
    """The works of one machine."""

    def __init__(self, hv: Hypervisor) -> None:
        self.hv = hv
        self.locks = hv.per_cpu("work_lock", lambda hv, name: hv.spinlock(name))
        self.lists = hv.per_cpu("work_list", ListHead)

    def boot(self) -> None:
        self.prepare("", self.hv.smp_processor_id())
        self.hv.register_cpu_notifier(self.prepare)
        self.hv.open_softirq(WORK_SOFTIRQ, self.run_works)

    def prepare(self, action: str, cpu: int) -> None:
        self.hv.INIT_LIST_HEAD(self.lists[cpu])

    def lock_of(self, cpu: int) -> SpinLock:
        return self.locks[cpu]

    def init_work(self, work: Work, func: Callable[[], None]) -> None:
        self.hv.INIT_LIST_HEAD(work.list)
        work.state.write(0)
        self.hv.write_atomic(work, Work.on, NOWHERE)
        self.hv.write_atomic(work, Work.running_on, NOWHERE)
        work.func = func

    def queue_work_on(self, cpu: int, work: Work) -> bool:
        if work.state.test_and_set_bit(PENDING):
            return False
        # Where it runs, it comes again: so it never runs twice at a time.
        running = self.hv.read_atomic(work, Work.running_on)
        if running == NOWHERE or not self.insert(running, work, again=True):
            self.insert(cpu, work)
        return True

    def insert(self, cpu: int, work: Work, again: bool = False) -> bool:
        """Put it on a list; `again`: if it still runs there."""
        flags = self.hv.spin_lock_irqsave(self.lock_of(cpu))
        fits = not again or self.hv.read_atomic(work, Work.running_on) == cpu
        if fits:
            self.hv.list_add_tail(work.list, self.lists[cpu])
            self.hv.write_atomic(work, Work.on, cpu)
        self.hv.spin_unlock_irqrestore(self.lock_of(cpu), flags)
        if fits:
            self.hv.cpu_raise_softirq(cpu, WORK_SOFTIRQ)
        return fits

    def run_works(self) -> None:
        cpu = self.hv.smp_processor_id()
        lock = self.lock_of(cpu)
        self.hv.spin_lock_irq(lock)
        while not self.hv.list_empty(self.lists[cpu]):
            work = self.hv.list_first_owner(self.lists[cpu])
            self.hv.list_del_init(work.list)
            self.hv.write_atomic(work, Work.on, NOWHERE)
            self.hv.write_atomic(work, Work.running_on, cpu)
            func = work.func
            work.state.test_and_clear_bit(PENDING)
            self.hv.spin_unlock_irq(lock)
            func()
            self.hv.spin_lock_irq(lock)
            self.hv.smp_store_release(work, Work.running_on, NOWHERE)
        self.hv.spin_unlock_irq(lock)

    def flush_work(self, work: Work) -> None:
        while self.hv.smp_load_acquire(work.state) != 0 or self.hv.smp_load_acquire(work, Work.running_on) != NOWHERE:
            self.hv.process_pending_softirqs()
            self.hv.cpu_relax()

    def cancel_work_sync(self, work: Work) -> bool:
        queued = self.grab(work)
        while self.hv.smp_load_acquire(work, Work.running_on) != NOWHERE:
            self.hv.cpu_relax()
        work.state.test_and_clear_bit(PENDING)
        return queued

    def grab(self, work: Work) -> bool:
        """Get hold of the bit PENDING, and take the work off its list; whether it was on one."""
        while work.state.test_and_set_bit(PENDING):
            cpu = self.hv.read_atomic(work, Work.on)
            if cpu != NOWHERE and self.remove(cpu, work):
                return True
            # Somebody is about to put it on a list, or to run it.
            self.hv.cpu_relax()
        return False

    def remove(self, cpu: int, work: Work) -> bool:
        """Take it off a list, if it is on that one."""
        flags = self.hv.spin_lock_irqsave(self.lock_of(cpu))
        there = self.hv.read_atomic(work, Work.on) == cpu
        if there:
            self.hv.list_del_init(work.list)
            self.hv.write_atomic(work, Work.on, NOWHERE)
        self.hv.spin_unlock_irqrestore(self.lock_of(cpu), flags)
        return there
