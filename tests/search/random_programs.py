"""Small random programs, as data: what each of a few CPUs does, with a device that interrupts them. Nothing in them runs for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from hypothesis import strategies as st

from harness.explored.explored_engine import ExploredEngine
from harness.machine.bit_words import BitWord
from harness.machine.buffered_memory import BufferedMemory
from harness.machine.engine import READ, Process
from harness.machine.machines import fitting
from harness.machine.softirqs import Softirqs
from harness.machine.viewed_memory import ViewedMemory
from harness.search.search import Execute
from stages.hypervisor import NEW_TLBFLUSH_CLOCK_PERIOD_SOFTIRQ, RCU_SOFTIRQ, SCHEDULE_SOFTIRQ, Hypervisor, ListHead, Struct, Word

Op = tuple[Any, ...]
LOCATIONS = 2
LOCKS = 2
BIT_OPERATIONS = ("set_bit", "clear_bit", "test_bit", "test_and_set_bit", "test_and_clear_bit")

word = st.integers(0, LOCATIONS - 1)
value = st.integers(0, 2)

bits = st.one_of(
    st.tuples(st.just("bit"), st.sampled_from(BIT_OPERATIONS), st.integers(0, 2)),
    st.tuples(st.just("bits"), st.sampled_from(("read", "xchg", "fetch_or", "write")), value),
    st.just(("lowest bit",)),
)
memory = st.one_of(
    st.tuples(st.just("read"), word),
    st.tuples(st.just("write"), word, value),
    st.tuples(st.just("cas"), word, value, value),
    st.tuples(st.just("add"), word),
    st.tuples(st.just("append"), word),
    st.tuples(st.just("unlink")),
    st.tuples(st.just("walk"), word),
    bits,
)
# What a loop may do in each turn without going on for ever.
settling = st.one_of(
    st.tuples(st.just("read"), word),
    st.tuples(st.just("cas"), word, st.just(0), st.just(1)),
    st.tuples(st.just("bit"), st.just("set_bit"), st.integers(0, 2)),
)
interrupt = st.tuples(st.just("interrupt"), st.integers(0, 1), st.lists(memory, min_size=1, max_size=2))
awaited = st.tuples(st.just("await"), word, value)
simple = st.one_of(
    memory,
    st.tuples(st.just("locked"), st.integers(0, LOCKS - 1), st.lists(st.one_of(memory, interrupt), max_size=2)),
    awaited,
    st.tuples(st.just("spin"), word, value),
    st.tuples(st.just("wait"), word, value),
    st.tuples(st.just("count"), word, value, st.integers(2, 3), st.lists(memory, max_size=2)),
    st.tuples(st.just("stir"), word, value, st.integers(1, 3)),
    st.tuples(st.just("poll"), word, value, st.lists(settling, max_size=1)),
    st.tuples(st.just("irqs off"), st.lists(memory, max_size=2)),
    interrupt,
    st.tuples(st.just("sleep"), word),
    st.tuples(st.just("softirqs")),
    st.tuples(st.just("kick"), st.integers(0, 1), st.sampled_from((SCHEDULE_SOFTIRQ, RCU_SOFTIRQ))),
    st.tuples(st.just("poll bits"), st.integers(1, 3)),
    st.tuples(st.just("nested"), st.integers(0, LOCKS - 1)),
)
thread = st.lists(simple, min_size=1, max_size=3)
programs = st.tuples(st.lists(thread, min_size=2, max_size=2), st.lists(interrupt, max_size=1))
# Nothing but one word of bits.
bit_thread = st.lists(st.one_of(bits, st.just(("poll bits", 3))), min_size=1, max_size=2)
bit_programs = st.tuples(st.lists(bit_thread, min_size=2, max_size=3), st.just([]))
# What an idle CPU does, who wakes it, and what an interrupt may find.
kicking = st.one_of(
    st.tuples(st.just("kick"), st.integers(0, 1), st.sampled_from((SCHEDULE_SOFTIRQ, RCU_SOFTIRQ))),
    st.tuples(st.just("write"), word, value),
)
sleeping = st.one_of(
    st.tuples(st.just("sleep"), word),
    st.just(("softirqs",)),
    st.builds(lambda x: ("irqs off", [("read", x)]), word),
    kicking,
)
sleep_programs = st.tuples(
    st.lists(st.lists(sleeping, min_size=1, max_size=4), min_size=2, max_size=2),
    st.lists(st.tuples(st.just("interrupt"), st.integers(0, 1), st.lists(kicking, min_size=1, max_size=1)), min_size=1, max_size=1),
)
# Nothing but waits, what ends them, what makes them impossible again, and who interrupts the one that waits.
stored = st.tuples(st.just("write"), word, value)
interrupted = st.tuples(st.just("interrupt"), st.integers(0, 1), st.lists(stored, min_size=1, max_size=1))
waiting = st.one_of(
    awaited,
    stored,
    interrupted,
    st.tuples(st.just("locked"), st.just(0), st.lists(st.one_of(stored, interrupted, awaited), min_size=1, max_size=2)),
)
wait_programs = st.tuples(st.lists(st.lists(waiting, min_size=1, max_size=3), min_size=2, max_size=2), st.lists(interrupted, max_size=1))
# Locks that are taken, and that are tried.
in_trying = st.lists(st.one_of(st.tuples(st.just("read"), word), stored, st.just(("mb",))), max_size=2)
trying = st.one_of(
    st.tuples(st.just("try"), st.just(0), in_trying),
    st.tuples(st.just("try"), st.just(0), in_trying),
    st.tuples(st.just("locked"), st.just(0), in_trying),
    st.just(("held", 0)),
    st.tuples(st.just("read"), word),
    stored,
)
trying_programs = st.tuples(st.lists(st.lists(trying, min_size=1, max_size=2), min_size=2, max_size=3), st.lists(interrupted, max_size=1))
# Where what a CPU finds decides what it does next.
deed = st.one_of(st.tuples(st.just("read"), word), stored, stored)
deeds = st.lists(deed, min_size=1, max_size=2)
deciding = st.one_of(
    st.tuples(st.just("if cas"), word, st.just(0), st.integers(1, 2), deeds),
    st.tuples(st.just("if read"), word, deeds),
    st.tuples(st.just("try"), st.just(0), deeds),
    st.tuples(st.just("locked"), st.just(0), deeds),
    deed,
)
deciding_programs = st.tuples(
    st.lists(st.lists(deciding, min_size=1, max_size=2), min_size=2, max_size=3), st.lists(interrupted, max_size=1)
)
# What tells memory models apart.
fences = st.one_of(st.just(("mb",)), st.just(("wmb",)))
litmus = st.one_of(
    st.tuples(st.just("read"), word),
    st.tuples(st.just("write"), word, st.integers(1, 2)),
    st.tuples(st.just("cas"), word, value, value),
    fences,
)
litmus_programs = st.tuples(st.lists(st.lists(litmus, min_size=1, max_size=4), min_size=2, max_size=3), st.just([]))
# What may show that a store is late: reads and writes of few words, locks and who looks at them, what drains a store buffer, or does not.
access = st.one_of(st.tuples(st.just("read"), word), stored, stored, st.tuples(st.just("cas"), word, value, value))
accessing = st.tuples(st.just("interrupt"), st.integers(0, 1), st.lists(access, min_size=1, max_size=2))
late = st.one_of(
    access,
    access,
    access,
    accessing,
    awaited,
    st.tuples(st.just("given"), word, value),
    st.just(("mb",)),
    st.tuples(st.just("locked"), st.just(0), st.lists(st.one_of(access, accessing), max_size=2)),
    st.tuples(st.just("try"), st.just(0), st.lists(access, max_size=1)),
    st.just(("held", 0)),
    st.just(("mark",)),
    st.tuples(st.just("release"), word, value),
    st.tuples(st.just("irqs off"), st.lists(access, max_size=2)),
    st.tuples(st.just("spin"), word, value),
    st.tuples(st.just("sleep"), word),
    st.tuples(st.just("kick"), st.integers(0, 1), st.sampled_from((SCHEDULE_SOFTIRQ, RCU_SOFTIRQ))),
)
late_programs = st.tuples(st.lists(st.lists(late, min_size=2, max_size=4), min_size=2, max_size=2), st.lists(accessing, max_size=1))
# Lists that a CPU and its handlers change and walk.
linking = st.one_of(st.just(("append", 0)), st.just(("append", 0)), st.just(("unlink",)), st.just(("walk", 0)))
linking_late = st.lists(st.one_of(linking, linking, st.tuples(st.just("irqs off"), st.lists(linking, max_size=2))), min_size=1, max_size=3)
list_programs = st.tuples(
    st.lists(linking_late, min_size=1, max_size=1),
    st.lists(st.tuples(st.just("interrupt"), st.just(0), st.lists(linking, min_size=1, max_size=2)), max_size=2),
)
# What orders in one direction, too.
view_litmus = st.one_of(
    litmus,
    st.tuples(st.just("acquire"), word),
    st.tuples(st.just("release"), word, st.integers(1, 2)),
    st.tuples(st.just("set bit"), word, st.integers(0, 1)),
    st.just(("rmb",)),
)
view_programs = st.tuples(st.lists(st.lists(view_litmus, min_size=1, max_size=4), min_size=2, max_size=3), st.just([]))
Program = tuple[list[list[Op]], list[Op]]


def turned(program: Program) -> Program:
    """The same program of two CPUs with their numbers exchanged."""

    def op(each: Op) -> Op:
        head, *rest = each
        if head in ("interrupt", "kick"):
            rest[0] = 1 - rest[0]
        return head, *([op(inner) for inner in arg] if isinstance(arg, list) else arg for arg in rest)

    cpus, device = program
    return [[op(each) for each in ops] for ops in reversed(cpus)], [op(each) for each in device]


class Item(Struct):
    """An entry of a list, one for each CPU and one for its handlers."""

    list = ListHead.field()


class BufferedSoftirqs(BufferedMemory, Softirqs):
    """CPUs with store buffers."""


class ViewedSoftirqs(ViewedMemory, Softirqs):
    """CPUs that may read older values than the newest."""


class Run:
    """One execution of a random program."""

    def __init__(self, program: Program, engine: ExploredEngine) -> None:
        self.engine = engine
        self.machine = m = fitting(engine, Softirqs, BufferedSoftirqs, ViewedSoftirqs)(engine, len(program[0]))
        hv = cast(Hypervisor, m)
        self.words = [Word(hv, f"x{i}") for i in range(LOCATIONS)]
        self.bits = BitWord(hv, "bits")
        self.marks = Word(hv, "marks")
        self.heads = [ListHead(hv, f"head{i}") for i in range(LOCATIONS)]
        self.items = [Item(hv, f"item{i}") for i in range(2 * len(program[0]))]
        self.linked = [False] * len(self.items)
        self.locks = [m.spinlock(f"lock{i}") for i in range(LOCKS)]
        self.registers: list[list[Any]] = [[] for _ in program[0]]
        for nr in (SCHEDULE_SOFTIRQ, NEW_TLBFLUSH_CLOCK_PERIOD_SOFTIRQ, RCU_SOFTIRQ):
            m.open_softirq(nr, lambda nr=nr: self.note(f"softirq {nr}"))  # type: ignore[misc]
        for cpu, ops in zip(m.cpus, program[0], strict=True):
            cpu.body = self.body(ops)
            engine.add(cpu)
        if program[1]:
            engine.add(Process("device", self.body(program[1])))

    def body(self, ops: list[Op]) -> Callable[[], None]:
        return lambda: self.perform(ops)

    def note(self, found: Any) -> None:
        self.registers[self.engine.current.pid].append(found)

    def perform(self, ops: list[Op]) -> None:
        for op in ops:
            getattr(self, f"do_{op[0].replace(' ', '_')}")(*op[1:])

    def do_read(self, x: int) -> None:
        self.note(self.words[x].read())

    def do_write(self, x: int, value: int) -> None:
        self.words[x].write(value)

    def do_cas(self, x: int, old: int, new: int) -> None:
        self.note(self.words[x].cmpxchg(old, new))

    def do_bit(self, operation: str, number: int) -> None:
        self.note(getattr(self.bits, operation)(number))

    def do_bits(self, operation: str, value: int) -> None:
        self.note(getattr(self.bits, operation)(*[value] * (operation != "read")))

    def do_add(self, x: int) -> None:
        self.note(self.words[x].add(1))

    def do_mb(self) -> None:
        self.engine.fence()

    def do_mark(self) -> None:
        """What a program sees: it is in order with all that others see, and no barrier."""
        self.machine.mark(self.marks)

    def do_wmb(self) -> None:
        self.engine.write_fence()

    def do_rmb(self) -> None:
        self.engine.read_fence()

    def do_acquire(self, x: int) -> None:
        self.note(self.machine.load_acquire(self.words[x]))

    def do_release(self, x: int, value: int) -> None:
        self.machine.store_release(self.words[x], value)

    def do_set_bit(self, x: int, bit: int) -> None:
        self.words[x].set_bit(bit)

    def own_item(self) -> int:
        """The number of the entry that belongs to who is at work."""
        return 2 * self.engine.current.pid + self.machine.in_irq()

    def do_append(self, x: int) -> None:
        me = self.own_item()
        if not self.linked[me]:
            self.linked[me] = True
            self.machine.list_add_tail(self.items[me].list, self.heads[x])

    def do_unlink(self) -> None:
        me = self.own_item()
        if self.linked[me]:
            self.linked[me] = False
            self.machine.list_del_init(self.items[me].list)

    def do_walk(self, x: int) -> None:
        self.note([item.name for item in self.machine.list_owners(self.heads[x])])

    def do_locked(self, lock: int, ops: list[Op]) -> None:
        self.engine.acquire(self.locks[lock], False)
        self.perform(ops)
        self.engine.release(self.locks[lock])

    def do_if_cas(self, x: int, old: int, new: int, ops: list[Op]) -> None:
        found = self.words[x].cmpxchg(old, new)
        self.note(found)
        if found == old:
            self.perform(ops)

    def do_if_read(self, x: int, ops: list[Op]) -> None:
        found = self.words[x].read()
        self.note(found)
        if found:
            self.perform(ops)

    def do_try(self, lock: int, ops: list[Op]) -> None:
        taken = self.engine.try_acquire(self.locks[lock])
        self.note(taken)
        if taken:
            self.perform(ops)
            self.engine.release(self.locks[lock])

    def do_held(self, lock: int) -> None:
        """As `spin_is_locked` looks."""
        self.engine.access(READ, self.locks[lock].cell, False)
        self.note(self.locks[lock].holder is not None)

    def do_nested(self, lock: int) -> None:
        first, second = self.locks[lock], self.locks[1 - lock]
        self.engine.acquire(first, False)
        self.engine.acquire(second, True)
        self.engine.release(second)
        self.engine.release(first)
        self.machine._irqs_go_on()

    def do_irqs_off(self, ops: list[Op]) -> None:
        flags = self.machine.local_irq_save()
        self.perform(ops)
        self.machine.local_irq_restore(flags)

    def do_irqs_on(self) -> None:
        """A handler lets others come in."""
        self.machine.local_irq_enable()

    def do_interrupt(self, cpu: int, ops: list[Op]) -> None:
        self.machine.interrupt(cpu, self.body(ops))

    def do_await(self, x: int, value: int) -> None:
        self.engine.wait(f"x{x}", lambda: self.words[x].value == value, [self.words[x]])

    def do_given(self, x: int, value: int) -> None:
        """As `Bench.given`: nothing is wrong if it never comes."""
        process = self.engine.current
        process.dormant = True
        self.do_await(x, value)
        process.dormant = False
        self.note("given")

    def do_spin(self, x: int, value: int) -> None:
        turns = 0
        while self.words[x].read() < value and turns < 2:
            turns += 1
            self.machine.cpu_relax()
        self.note(turns)

    def do_wait(self, x: int, value: int) -> None:
        while self.words[x].read() < value:
            self.machine.cpu_relax()

    def do_count(self, x: int, value: int, often: int, ops: list[Op]) -> None:
        turns = 0
        while self.words[x].read() < value:
            turns += 1
            if turns % often == 0:
                self.perform(ops)
            self.machine.cpu_relax()

    def do_stir(self, x: int, value: int, most: int) -> None:
        """Do something in each turn that changes what the next one finds, to no end."""
        while self.words[x].read() < value:
            self.note(self.words[1 - x].cmpxchg(most, 0))
            self.words[1 - x].add(1)
            self.machine.cpu_relax()

    def do_poll(self, x: int, value: int, ops: list[Op]) -> None:
        while True:
            self.engine.poll(f"loop{x}")
            if self.words[x].read() >= value:
                return
            self.perform(ops)

    def do_lowest_bit(self) -> None:
        found = self.bits.read()
        lowest = found & -found
        self.note(lowest)
        if lowest & self.bits.low:
            self.engine.looked_only_at(self.bits.parts[1])

    def do_sleep(self, x: int) -> None:
        """As the idle loop does, word x being what there is to do."""
        cpu = self.machine.this_cpu()
        found = self.engine.look_for_work([self.words[x]], cpu.softirqs, cpu.name)
        self.note(found)
        if not found:
            self.engine.halt(lambda: cpu.event_check, [cpu.softirqs], cpu.own_softirqs)

    def do_softirqs(self) -> None:
        self.machine.do_softirq()

    def do_poll_bits(self, mask: int) -> None:
        while True:
            self.engine.poll("bits")
            if self.bits.read() & mask:
                return
            self.bits.clear_bit(2)

    def do_kick(self, cpu: int, nr: int = RCU_SOFTIRQ) -> None:
        self.machine.cpu_raise_softirq(cpu, nr)

    def final(self) -> Any:
        return (*(w.value for w in self.words), self.bits.value), tuple(map(str, self.registers))


def executed_program(program: Program) -> Execute:
    """Make a random program something that a search can execute."""

    def execute(engine: ExploredEngine) -> None:
        run = Run(program, engine)
        engine.run()
        if engine.failure is None and not engine.cut:
            engine.final = run.final()
        engine.close()

    return execute
