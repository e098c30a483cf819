"""A suite for deferred work: functions that are to run once, soon, on a chosen CPU, in a softirq. docs/your-own-suite.md.

A stage has a class `Work`, made as `Work(hv, name)`, and a class `WorkQueue`, made as `WorkQueue(hv)`, with these calls:

    boot(), init_work(work, function)   on CPU 0, before the others are up; make a work idle
    queue_work_on(cpu, work)        have `function()` run; False if that was to be done already. Another CPU: with interrupts on
    flush_work(work)                return when it is neither queued nor running
    cancel_work_sync(work)          the same, but one that is queued is dropped: True
"""

# mypy: disable-error-code="func-returns-value"
from __future__ import annotations

from types import ModuleType
from typing import Any

from harness.suite import Action, Bench, Engine, NativeCall, NativeGlue, Suite, WordNames, by_id, clause, nested, no_races, programs_on

KINDS = ("work",)
# The API: in C, `boot` is `workqueue_init`, and the other calls have the same names.
CALLS = (NativeCall("boot", ("workqueue_init",)), *map(NativeCall, ("init_work", "queue_work_on", "flush_work", "cancel_work_sync")))
API = NativeGlue("WorkQueue", {"Work": "work"}, CALLS)
# What values are called in counterexamples.
WORDS = (
    WordNames(r".*\.state", bits=("PENDING", "WORK_PENDING"), prefix="WORK_"),
    WordNames(r".*\.(running_)?on", is_cpu=True),
    WordNames(r"softirqs of CPU\d+", bits=("WORK_SOFTIRQ", "SCHEDULE_SOFTIRQ"), suffix="_SOFTIRQ"),
)


class WorkUnderTest:
    """A work: how often it has been queued anew, and where it has run. Each event is an operation, for the search to order."""

    def __init__(self, bench: WorkBench, name: str, function: Action) -> None:
        self.bench, self.name, self.function = bench, name, function
        self.events = bench.notes(f"runs of {name}")
        self.queued, self.running, self.cpus = 0, 0, list[int]()
        self.work: Any = bench.allocate(lambda hv: bench.module.Work(hv, name))
        bench.queue.init_work(self.work, self.run)

    def run(self) -> None:
        self.events.add("begins")
        self.bench.expect(not self.running, f"{self.name} runs on two CPUs at once")
        self.running += 1
        self.cpus.append(self.bench.this_cpu())
        self.function()
        self.events.add("ends")
        self.running -= 1


class WorkBench(Bench):
    """A machine with a booted work queue."""

    def __init__(self, module: ModuleType, kind: str, engine: Engine, cpus: int, hotplug: bool) -> None:
        super().__init__(module, kind, engine, cpus, hotplug)
        self.queue: Any = self.install(module.WorkQueue)
        self.bring_up(self.queue.boot)

    def work(self, name: str = "w", function: Action = lambda: None) -> WorkUnderTest:
        return WorkUnderTest(self, name, function)

    def put(self, w: WorkUnderTest, cpu: int) -> None:
        # (Not `queued += …`, which would read before others do.)
        if self.queue.queue_work_on(self.cpu_number(cpu), w.work):
            w.queued += 1

    def cancel(self, w: WorkUnderTest) -> None:
        if self.queue.cancel_work_sync(w.work):
            w.queued -= 1
        self.expect_quiet(w, "cancel_work_sync")

    def expect_quiet(self, w: WorkUnderTest, call: str) -> None:
        w.events.add(f"{call} has returned")
        self.expect(not w.running, f"{w.name} runs after {call}")

    def expect_runs(self, w: WorkUnderTest, *cpus: int) -> None:
        """Afterwards, it must have run once for each time that it was queued and not cancelled; on these CPUs, if any are named."""
        self.afterwards(lambda: self.expect(len(w.cpus) == w.queued, f"{w.name} ran on CPUs {w.cpus}; queued, not cancelled: {w.queued}"))
        self.afterwards(lambda: self.expect(not cpus or w.cpus == list(cpus), f"{w.name} ran on CPUs {w.cpus}, not {list(cpus)}"))


program = programs_on(WorkBench, *KINDS)
nested(WorkUnderTest.run.__code__, lambda frame: f"{frame.f_locals['self'].name} runs")


@program()
def queued_here_and_there(b: WorkBench) -> None:
    """One CPU queues a work for itself, and one for another CPU, which is idle."""
    v, w = b.work("v"), b.work("w")
    b.cpu(0, lambda: (b.put(v, 0), b.put(w, 1)))
    b.expect_runs(v, 0)
    b.expect_runs(w, 1)


@program()
def queued_by_two(b: WorkBench) -> None:
    """Two CPUs queue the same work for themselves: it runs for each, or once for both, and never on both at once."""
    w = b.work()
    b.cpu(0, lambda: b.put(w, 0))
    b.cpu(1, lambda: b.put(w, 1))
    b.expect_runs(w)


@program()
def queued_in_interrupt(b: WorkBench) -> None:
    """An interrupt queues it on the CPU that does the same."""
    w = b.work()
    b.cpu(0, lambda: b.put(w, 0))
    b.interrupts(0, lambda: b.put(w, 0))
    b.expect_runs(w)


@program()
def flushed(b: WorkBench) -> None:
    """Who has queued it elsewhere waits for it."""
    w = b.work()
    b.cpu(0, lambda: (b.put(w, 1), b.queue.flush_work(w.work), b.expect_quiet(w, "flush_work"), b.expect(w.cpus != [], "it has not run")))
    b.expect_runs(w, 1)


@program()
def cancelled(b: WorkBench) -> None:
    """It is cancelled by the CPU that has queued it, for another one and then for itself, and queued again."""
    w = b.work()
    b.cpu(0, lambda: (b.put(w, 1), b.cancel(w), b.put(w, 0), b.cancel(w), b.put(w, 0)))
    b.expect_runs(w)


@program()
def cancelled_while_running(b: WorkBench) -> None:
    """It runs on another CPU when it is cancelled."""
    begun = b.flag("begun")
    w = b.work(function=lambda: begun.write(1))
    b.cpu(0, lambda: (b.given(begun), b.cancel(w)))
    b.cpu(1, lambda: b.put(w, 1))
    b.expect_runs(w)


CLAUSES = (
    clause("once", "A work that is queued runs once, where it was queued, and never twice at a time.",
           (queued_here_and_there, queued_by_two, queued_in_interrupt), KINDS),
    clause("flush", "When `flush_work` returns, what was queued before has run.", (flushed,), KINDS),
    clause("cancel", "When `cancel_work_sync` returns, the work does not run, and will not before it is queued again.",
           (cancelled, cancelled_while_running), KINDS),
)  # fmt: skip


SUITE = Suite("workqueue", "deferred work on softirqs and IPIs", KINDS, by_id(*CLAUSES, no_races(CLAUSES, KINDS)),
              lacks=API.lacks, native=API, words=WORDS)  # fmt: skip
