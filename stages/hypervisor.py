"""What a stage may call: the hypervisor it runs on.

A stage declares its memory with the types of `stages.shared_memory`, which are to be had from here too, and calls the methods of
`Hypervisor`. It does nothing else to reach the world, so the same stage runs on any engine. Names are Xen's where Xen has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar, overload

from stages.shared_memory import Cell, Field, ListHead, MemoryAccess, PerCpu, SpinLock, Struct, Word

__all__ = [
    "CPU_DEAD",
    "CPU_UP_CANCELED",
    "CPU_UP_PREPARE",
    "NEW_TLBFLUSH_CLOCK_PERIOD_SOFTIRQ",
    "RCU_SOFTIRQ",
    "SCHEDULE_SOFTIRQ",
    "TASKLET_ENQUEUED",
    "TASKLET_SCHEDULED",
    "TIMER_SOFTIRQ",
    "Cell",
    "Field",
    "Hypervisor",
    "ListHead",
    "PerCpu",
    "SpinLock",
    "Struct",
    "Word",
]

T = TypeVar("T")

TIMER_SOFTIRQ = 0
SCHEDULE_SOFTIRQ = 1
NEW_TLBFLUSH_CLOCK_PERIOD_SOFTIRQ = 2
RCU_SOFTIRQ = 3

CPU_UP_PREPARE = "CPU_UP_PREPARE"
CPU_UP_CANCELED = "CPU_UP_CANCELED"
CPU_DEAD = "CPU_DEAD"

# The two bits of tasklet_work_to_do.
TASKLET_ENQUEUED = 0
TASKLET_SCHEDULED = 1


class Hypervisor(MemoryAccess, Protocol):
    """The environment of a stage (xen-facts: "The environment a tasklet lives in").

    A method that finds its precondition violated ends the execution with a diagnosis: which call, which CPU, what was violated.
    """

    nr_cpus: int
    tasklet_work_to_do: PerCpu[Word]

    # Memory. Stages use the attributes and methods of Struct, Word and ListHead, which end up in the methods of `MemoryAccess`.
    def read_atomic(self, struct: Struct, field: Field[T]) -> T:
        """Marked read of a field: `hv.read_atomic(t, Tasklet.scheduled_on)`."""

    def write_atomic(self, struct: Struct, field: Field[T], value: T) -> None:
        """Marked write of a field."""

    # Barriers. What they order differs from machine to machine; names and meaning are Linux's and Xen's.
    def smp_mb(self) -> None:
        """Full barrier: what this CPU has read and written before it comes before what it reads and writes after it."""

    def smp_rmb(self) -> None:
        """Read barrier: reads before it come before reads after it. No instruction on x86."""

    def smp_wmb(self) -> None:
        """Write barrier: writes before it come before writes after it. No instruction on x86."""

    def smp_mb__before_atomic(self) -> None:
        """Full barrier in front of a `set_bit` or `clear_bit`. No instruction on x86, where that is one itself."""

    def smp_mb__after_atomic(self) -> None:
        """Full barrier behind a `set_bit` or `clear_bit`. No instruction on x86, where that is one itself."""

    @overload
    def smp_load_acquire(self, of: Word) -> int: ...
    @overload
    def smp_load_acquire(self, of: Struct, field: Field[T]) -> T: ...
    def smp_load_acquire(self, of: Struct | Word, field: Field[Any] | None = None) -> Any:
        """Marked read of a word or a field that comes before all that this CPU reads and writes after it."""

    @overload
    def smp_store_release(self, of: Word, value: int, /) -> None: ...
    @overload
    def smp_store_release(self, of: Struct, field: Field[T], value: T, /) -> None: ...
    def smp_store_release(self, of: Struct | Word, field: Any, *value: Any) -> None:
        """Marked write of a word or a field that comes after all that this CPU has read and written before it."""

    def per_cpu(self, name: str, make: Callable[[Hypervisor, str], T]) -> PerCpu[T]:
        """Make one object per possible CPU: `hv.per_cpu("softirq_list", ListHead)`. Lists among them have to be initialised."""

    # Lists.
    def INIT_LIST_HEAD(self, node: ListHead) -> None:
        """Make `node` an empty list of its own."""

    def list_empty(self, head: ListHead) -> bool:
        """Tell whether `head.next` is `head`."""

    def list_add_tail(self, node: ListHead, head: ListHead) -> None:
        """Link `node` in before `head`."""

    def list_del(self, node: ListHead) -> None:
        """Unlink `node` and poison its links."""

    def list_del_init(self, node: ListHead) -> None:
        """Unlink `node` and make it an empty list of its own."""

    def list_first_owner(self, head: ListHead) -> Any:
        """Return the structure that holds the first node of a list that is not empty."""

    def list_owners(self, head: ListHead) -> list[Any]:
        """Return the structures that hold the nodes of a list, first to last, as it is now."""

    # This CPU and its interrupts.
    def smp_processor_id(self) -> int:
        """The number of the CPU that calls."""

    def in_irq(self) -> bool:
        """Tell whether an interrupt handler is running on this CPU."""

    def local_irq_is_enabled(self) -> bool:
        """Tell whether this CPU takes interrupts."""

    def local_irq_disable(self) -> None:
        """Take no interrupts on this CPU."""

    def local_irq_enable(self) -> None:
        """Take interrupts on this CPU, pending ones at once."""

    def local_irq_save(self) -> bool:
        """Disable interrupts; returns the flags to restore (whether they were enabled)."""

    def local_irq_restore(self, flags: bool) -> None:
        """Undo the `local_irq_save` that returned `flags`."""

    def cpu_relax(self) -> None:
        """Wait a moment inside a loop that waits for something to change."""

    # Spinlocks.
    def spinlock(self, name: str) -> SpinLock:
        """Make a spinlock."""

    def spin_lock(self, lock: SpinLock) -> None:
        """Take the lock."""

    def spin_unlock(self, lock: SpinLock) -> None:
        """Release the lock."""

    def spin_lock_irq(self, lock: SpinLock) -> None:
        """Disable interrupts and take the lock; interrupts stay on between attempts."""

    def spin_unlock_irq(self, lock: SpinLock) -> None:
        """Release the lock and enable interrupts."""

    def spin_lock_irqsave(self, lock: SpinLock) -> bool:
        """Disable interrupts and take the lock; interrupts are as before between attempts. Returns the flags."""

    def spin_unlock_irqrestore(self, lock: SpinLock, flags: bool) -> None:
        """Release the lock and restore the flags."""

    # Softirqs, IPIs, hotplug.
    def open_softirq(self, nr: int, handler: Callable[[], None]) -> None:
        """Install the handler of softirq `nr` (0 runs first)."""

    def raise_softirq(self, nr: int) -> None:
        """Mark softirq `nr` pending on this CPU."""

    def cpu_raise_softirq(self, cpu: int, nr: int) -> None:
        """Mark softirq `nr` pending on `cpu`; if it was not and `cpu` is another CPU, send an event-check IPI."""

    def process_pending_softirqs(self) -> None:
        """Run pending softirqs other than SCHEDULE; not in an interrupt, interrupts enabled."""

    def on_selected_cpus(self, cpus: Iterable[int], fn: Callable[[Any], None], arg: Any, wait: bool) -> None:
        """Call `fn(arg)` in interrupt context on each of `cpus` that is online; with `wait`, return when all have finished."""

    def cpu_online(self, cpu: int) -> bool:
        """Tell whether `cpu` is online (a marked read). A CPU goes offline in an interrupt of its own."""

    def register_cpu_notifier(self, callback: Callable[[str, int], None]) -> None:
        """Have `callback(action, cpu)` called when a CPU comes or goes, on a CPU that stays."""

    # Diagnosis.
    def BUG(self, why: str) -> None:
        """Stop: the code has found itself in a state that must not be."""

    def BUG_ON(self, condition: bool, why: str) -> None:
        """`BUG` if `condition` holds."""
