"""What a stage does, measured: the probes behind `harness diff` and the `behaviour` of a stage in the JSON.

A probe runs a stage on a quiet machine of two CPUs (timed engine, no jitter) and reports what it saw from outside: counts, an order, a
short text. It never asks which stage it is, and it does not judge: that is the suite's business. What a stage cannot do shows as the
diagnosis ("BUG: …"). A stage that computes for ever without touching the machine is stopped by nobody here: call `probe` in a process
with a time limit, as for everything that runs a stage.

To add a probe, write a function of a `QuietTestbed` and add a row to `PROBES`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import cast

from harness.machine.machine import Machine
from harness.suite.probe import Probe, Value
from harness.tasklets.quiet_testbed import LONG, QuietTestbed
from harness.tasklets.tasklet_under_test import ALL, SENT, TaskletUnderTest
from harness.timed.timed_engine import TimedEngine
from stages.api import StageModule
from stages.hypervisor import Word

ROUNDS = 4


# Counting.


def _count_local(bed: QuietTestbed) -> Counter[str]:
    """What happens while one tasklet is scheduled by an interrupt, and runs, ROUNDS times, on a CPU that is idle otherwise."""
    t = bed.noted()
    before = Counter(bed.machine.counts)
    for turn in range(ROUNDS):
        bed.after((turn + 1) * LONG, lambda: bed.interrupt(0, lambda: bed.schedule(t)))
    bed.run()
    return bed.machine.counts - before


def _count_remote(bed: QuietTestbed) -> Counter[str]:
    """What happens while CPU 0 has a tasklet run on CPU 1, ROUNDS times."""
    t = bed.noted()
    before = Counter(bed.machine.counts)
    counted: Counter[str] = Counter()

    def program() -> None:
        for turn in range(ROUNDS):
            bed.schedule_on(t, 1)
            bed.until(bed.progress, turn + 1)
            bed.settle()
        counted.update(bed.machine.counts - before)

    bed.cpu(0, program)
    bed.run()
    return counted


def _per_run(happen: Callable[[QuietTestbed], Counter[str]], pattern: str) -> Callable[[QuietTestbed], str]:
    """A measure: the counts whose names match `pattern` (its group is the name to show), per run."""

    def measured(bed: QuietTestbed) -> str:
        counted = happen(bed)
        if not bed.runs:
            return "never runs"
        names = _softirq_names(bed.module)
        matches = [(re.fullmatch(pattern, key), number) for key, number in sorted(counted.items())]
        shown = [f"{names.get(found[1], found[1])} {number / len(bed.runs):.4g}" for found, number in matches if found]
        return ", ".join(shown) or "none"

    return measured


def _softirq_names(module: StageModule) -> dict[str, str]:
    """What the stage calls its softirqs, by number."""
    numbers = {name: value for name, value in sorted(vars(module).items()) if name.endswith("_SOFTIRQ") and isinstance(value, int)}
    return {str(value): name.removesuffix("_SOFTIRQ") for name, value in numbers.items()}


def _irqs_off_local(bed: QuietTestbed) -> int:
    """Interrupts off only by the stage: CPU 0 schedules from its guest, and runs."""
    t = bed.noted()
    bed.cpu(0, lambda: bed.schedule(t))
    bed.run()
    return _longest_irqs_off(bed)


def _irqs_off_remote(bed: QuietTestbed) -> int:
    t = bed.noted()
    bed.cpu(0, lambda: bed.schedule_on(t, 1))
    bed.run()
    return _longest_irqs_off(bed)


def _longest_irqs_off(bed: QuietTestbed) -> int:
    return max(cpu.irqs_off_longest for cpu in bed.machine.cpus)


# Scheduling what is pending, or runs.


def _order_of_three(bed: QuietTestbed) -> str:
    t0, t1 = bed.noted("t0"), bed.noted("t1")

    def program() -> None:
        for t in (t0, t1, t0):
            bed.schedule(t)

    bed.cpu(0, program)
    bed.run()
    return " ".join(name for name, _ in bed.runs) or "none runs"


def _second_from_here(bed: QuietTestbed) -> str:
    """It is pending on CPU 0, which then asks for a run on CPU 1."""
    return _second_schedule(bed, 0, 1)


def _second_from_there(bed: QuietTestbed) -> str:
    """It is pending on CPU 1, which is held; then CPU 0 asks for a run on CPU 0."""
    bed.hold(1)
    return _second_schedule(bed, 1, 0)


def _second_schedule(bed: QuietTestbed, first: int, second: int) -> str:
    t = bed.noted()

    def program() -> None:
        bed.schedule_on(t, first)
        bed.schedule_on(t, second)

    bed.cpu(0, program)
    bed.run()
    outcomes = {(second,): "moved", (first,): "ignored", (): "lost"}
    return outcomes.get(tuple(bed.where()), f"runs on CPUs {bed.where()}")


def _scheduled_while_running(bed: QuietTestbed) -> tuple[Counter[str], int, list[int]]:
    """It runs on CPU 0 for a LONG time; early in it, an interrupt on CPU 1 schedules it there.

    Returns the counts of that time, the softirqs that the schedule call itself raised, and where it ran.
    """
    ended = bed.flag("the end of the first run")
    t = bed.noted(body=lambda: bed.until(ended))
    machine = bed.machine
    before: Counter[str] = Counter()
    during: Counter[str] = Counter()
    raised: list[int] = []

    def schedule() -> None:
        before.update(machine.counts)
        bed.schedule_on(t, 1)
        raised.append(_softirqs(machine.counts - before, "raised"))

    def end() -> None:
        during.update(machine.counts - before)
        ended.write(1)

    bed.after(LONG, lambda: bed.interrupt(0, lambda: bed.schedule(t)))
    bed.after(2 * LONG, lambda: bed.interrupt(1, schedule))
    bed.after(3 * LONG, end)
    bed.run()
    return during, raised[0], bed.where()


def _softirqs(counted: Mapping[str, int], what: str) -> int:
    """How many softirqs were `what` ("raised" or "handled")."""
    return sum(number for key, number in counted.items() if key.startswith("softirq ") and key.endswith(what))


def _who_queues_again(bed: QuietTestbed) -> str:
    _, raised, _ = _scheduled_while_running(bed)
    return "the scheduling CPU" if raised else "the running CPU"


def _where_again(bed: QuietTestbed) -> str:
    _, _, cpus = _scheduled_while_running(bed)
    places = {0: "the CPU that it ran on", 1: "the CPU that asked"}
    return ", ".join(places[cpu] for cpu in cpus[1:]) or "never again"


def _handled_while_running(bed: QuietTestbed) -> str:
    """A CPU that polls does so at a rate that depends on every access: many calls are told to one digit."""
    during, _, _ = _scheduled_while_running(bed)
    number = _softirqs(during, "handled")
    return str(number) if number <= 10 else f"about {float(f'{number:.0e}'):.0f}"


def _burst(bed: QuietTestbed) -> int:
    """Softirq handler calls for ROUNDS tasklets that are scheduled together."""
    queued = [bed.noted(f"t{number}") for number in range(ROUNDS)]

    def schedule() -> None:
        for t in queued:
            bed.schedule(t)

    bed.after(LONG, lambda: bed.interrupt(0, schedule))
    before = Counter(bed.machine.counts)
    bed.run()
    return _softirqs(bed.machine.counts - before, "handled")


# Killing.


def _kill(bed: QuietTestbed, t: TaskletUnderTest, other_is_free: Word, schedule: Callable[[], None]) -> str:
    """CPU 0 has `t` scheduled and kills it; report whether kill waited for CPU 1 to be free, and whether and when the function ran."""
    seen: list[tuple[bool, bool]] = []

    def program() -> None:
        schedule()
        bed.kill(t)
        seen.append((bool(other_is_free.value), bool(bed.runs)))

    bed.cpu(0, program)
    bed.run()
    waited, ran_first = seen[0]
    ran = "it runs first" if ran_first else "it runs later" if bed.runs else "it never runs"
    return f"{'waits for the other CPU' if waited else 'returns at once'}, {ran}"


def _kill_pending_here(bed: QuietTestbed) -> str:
    t = bed.noted()
    return _kill(bed, t, bed.hold(1), lambda: bed.schedule(t))


def _kill_pending_elsewhere(bed: QuietTestbed) -> str:
    t = bed.noted()
    return _kill(bed, t, bed.hold(1), lambda: bed.schedule_on(t, 1))


def _kill_running_elsewhere(bed: QuietTestbed) -> str:
    """The function is on CPU 1, where it takes a LONG time."""
    ended = bed.flag("the end of the run")
    t = bed.noted(body=lambda: bed.until(ended))
    bed.cpu(1, lambda: bed.schedule(t))
    bed.after(LONG, lambda: ended.write(1))
    started: list[bool] = []

    def program() -> None:
        bed.until(bed.progress)
        bed.kill(t)
        started.append(bool(ended.value))

    bed.cpu(0, program)
    bed.run()
    return "waits until it has returned" if started[0] else "returns while it runs"


# Names.


def _calls(bed: QuietTestbed) -> list[str]:
    return sorted(name for name, value in vars(type(bed.api)).items() if callable(value) and not name.startswith("_"))


def _fields(bed: QuietTestbed) -> list[str]:
    return [field.name for field in bed.module.Tasklet.declared]


def _state(bed: QuietTestbed) -> list[str]:
    return sorted(name for name in vars(bed.api) if not name.startswith("_") and name != "hv")


def _opened(bed: QuietTestbed) -> list[str]:
    """The softirqs that the stage opens: those that a machine without one does not have."""
    without = Machine(TimedEngine(), 2).handlers
    names = _softirq_names(bed.module)
    return [f"{names.get(str(number), 'softirq')} {number}" for number in sorted(bed.machine.handlers) if number not in without]


# The table.


def _row(name: str, sentence: str, kinds: tuple[str, ...], measure: Callable[[QuietTestbed], Value], unit: str = "") -> Probe:
    """A probe that is made on a quiet testbed."""
    return Probe(name, sentence, kinds, lambda module, kind: measure(QuietTestbed(cast(StageModule, module), kind)), unit)


LOCK = "lock (.*)"
IPI = "ipi (.*)"
RAISED = r"softirq (\d+) raised"
HANDLED = r"softirq (\d+) handled"

PROBES: tuple[Probe, ...] = (
    _row("locks per local run", "acquisitions of each lock, an interrupt schedules it", ALL, _per_run(_count_local, LOCK)),
    _row("locks per remote run", "acquisitions of each lock, another CPU schedules it", SENT, _per_run(_count_remote, LOCK)),
    _row("IPIs per remote run", "IPIs of each type, another CPU schedules it", SENT, _per_run(_count_remote, IPI)),
    _row("softirqs raised per local run", "times that each is raised", ALL, _per_run(_count_local, RAISED)),
    _row("softirqs raised per remote run", "times that each is raised", SENT, _per_run(_count_remote, RAISED)),
    _row("handler calls per local run", "calls of each softirq's handler", ALL, _per_run(_count_local, HANDLED)),
    _row("handler calls per remote run", "calls of each softirq's handler", SENT, _per_run(_count_remote, HANDLED)),
    _row("handler calls for 4 at once", "calls of softirq handlers, one interrupt schedules four", ALL, _burst),
    _row("pending here, scheduled elsewhere", "what becomes of it", SENT, _second_from_here),
    _row("pending elsewhere, scheduled here", "what becomes of it", SENT, _second_from_there),
    _row("order after t0 t1 t0", "the order in which they run, scheduled on one CPU", ALL, _order_of_three),
    _row("running, scheduled elsewhere: queued by", "the CPU that raises a softirq for it", SENT, _who_queues_again),
    _row("running, scheduled elsewhere: next on", "the CPU on which it runs next", SENT, _where_again),
    _row("running, scheduled elsewhere: handler calls", f"while it goes on for {LONG} cycles", SENT, _handled_while_running),
    _row("kill of one pending here", "whether kill waits, whether it runs", ALL, _kill_pending_here),
    _row("kill of one pending elsewhere", "whether kill waits for that CPU, whether it runs", SENT, _kill_pending_elsewhere),
    _row("kill of one running elsewhere", "whether kill waits for the end of the run", ALL, _kill_running_elsewhere),
    _row("interrupts off, local", "longest stretch: schedule on the own CPU, and run", ALL, _irqs_off_local, "cycles"),
    _row("interrupts off, remote", "longest stretch: schedule on another CPU, and run", SENT, _irqs_off_remote, "cycles"),
    _row("calls", "public calls of the subsystem", (), _calls),
    _row("fields", "fields of a tasklet", (), _fields),
    _row("state", "locks, lists and flags of the subsystem", (), _state),
    _row("softirqs opened", "names and numbers", (), _opened),
)
