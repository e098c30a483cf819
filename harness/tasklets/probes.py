"""What a stage does, measured: the probes behind `harness diff` and the `behaviour` of a stage in the JSON.

A probe runs a stage on a quiet machine of two CPUs (timed engine, no jitter) and reports what it saw from outside: counts, an order, a
short text. It never asks which stage it is, and it does not judge: that is the suite's business. What a stage cannot do shows as the
diagnosis ("BUG: …"). A stage that computes for ever without touching the machine is stopped by nobody here: call `probe` in a process
with a time limit, as for everything that runs a stage.

To add a probe, write a function of a `Rig` and add a row to `PROBES`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, cast

from harness.machine.machine import Machine
from harness.suite.probe import Probe, Value
from harness.tasklets.rig import INIT_CALLS, LONG, Rig
from harness.timed.timed_engine import TimedEngine
from stages.api import StageModule
from stages.hypervisor import Word

ROUNDS = 4
EVERY_KIND = tuple(INIT_CALLS)
SENT_ELSEWHERE = ("softirq", "vcpu")


# Counting.


def _count_local(rig: Rig) -> Counter[str]:
    """What happens while one tasklet is scheduled by an interrupt, and runs, ROUNDS times, on a CPU that is idle otherwise."""
    t = rig.tasklet()
    before = Counter(rig.machine.counts)
    for turn in range(ROUNDS):
        rig.after((turn + 1) * LONG, lambda: rig.machine.interrupt(0, lambda: rig.api.tasklet_schedule(t)))
    rig.run()
    return rig.machine.counts - before


def _count_remote(rig: Rig) -> Counter[str]:
    """What happens while CPU 0 has a tasklet run on CPU 1, ROUNDS times."""
    t = rig.tasklet()
    before = Counter(rig.machine.counts)
    counted: Counter[str] = Counter()

    def program() -> None:
        for turn in range(ROUNDS):
            rig.api.tasklet_schedule_on_cpu(t, 1)
            rig.wait(rig.progress, turn + 1)
            rig.settle()
        counted.update(rig.machine.counts - before)

    rig.on(0, program)
    rig.run()
    return counted


def _per_run(happen: Callable[[Rig], Counter[str]], pattern: str) -> Callable[[Rig], str]:
    """A measure: the counts whose names match `pattern` (its group is the name to show), per run."""

    def measured(rig: Rig) -> str:
        counted = happen(rig)
        if not rig.runs:
            return "never runs"
        names = _softirq_names(rig.module)
        matches = [(re.fullmatch(pattern, key), number) for key, number in sorted(counted.items())]
        shown = [f"{names.get(found[1], found[1])} {number / len(rig.runs):.4g}" for found, number in matches if found]
        return ", ".join(shown) or "none"

    return measured


def _softirq_names(module: StageModule) -> dict[str, str]:
    """What the stage calls its _softirqs, by number."""
    numbers = {name: value for name, value in sorted(vars(module).items()) if name.endswith("_SOFTIRQ") and isinstance(value, int)}
    return {str(value): name.removesuffix("_SOFTIRQ") for name, value in numbers.items()}


def _irqs_off_local(rig: Rig) -> int:
    """Interrupts off only by the stage: CPU 0 schedules from its guest, and runs."""
    t = rig.tasklet()
    rig.on(0, lambda: rig.api.tasklet_schedule(t))
    rig.run()
    return _longest_irqs_off(rig)


def _irqs_off_remote(rig: Rig) -> int:
    t = rig.tasklet()
    rig.on(0, lambda: rig.api.tasklet_schedule_on_cpu(t, 1))
    rig.run()
    return _longest_irqs_off(rig)


def _longest_irqs_off(rig: Rig) -> int:
    return max(cpu.irqs_off_longest for cpu in rig.machine.cpus)


# Scheduling what is pending, or runs.


def _order_of_three(rig: Rig) -> str:
    t0, t1 = rig.tasklet("t0"), rig.tasklet("t1")

    def program() -> None:
        for t in (t0, t1, t0):
            rig.api.tasklet_schedule(t)

    rig.on(0, program)
    rig.run()
    return " ".join(name for name, _ in rig.runs) or "none runs"


def _second_from_here(rig: Rig) -> str:
    """It is pending on CPU 0, which then asks for a run on CPU 1."""
    return _second_schedule(rig, 0, 1)


def _second_from_there(rig: Rig) -> str:
    """It is pending on CPU 1, which is held; then CPU 0 asks for a run on CPU 0."""
    rig.hold(1)
    return _second_schedule(rig, 1, 0)


def _second_schedule(rig: Rig, first: int, second: int) -> str:
    t = rig.tasklet()

    def program() -> None:
        rig.api.tasklet_schedule_on_cpu(t, first)
        rig.api.tasklet_schedule_on_cpu(t, second)

    rig.on(0, program)
    rig.run()
    outcomes = {(second,): "moved", (first,): "ignored", (): "lost"}
    return outcomes.get(tuple(rig.where()), f"runs on CPUs {rig.where()}")


def _scheduled_while_running(rig: Rig) -> tuple[Counter[str], int, list[int]]:
    """It runs on CPU 0 for a LONG time; early in it, an interrupt on CPU 1 schedules it there.

    Returns the counts of that time, the softirqs that the schedule call itself raised, and where it ran.
    """
    ended = rig.word("the end of the first run")
    t = rig.tasklet(body=lambda: rig.wait(ended))
    machine = rig.machine
    before: Counter[str] = Counter()
    during: Counter[str] = Counter()
    raised: list[int] = []

    def schedule() -> None:
        before.update(machine.counts)
        rig.api.tasklet_schedule_on_cpu(t, 1)
        raised.append(_softirqs(machine.counts - before, "raised"))

    def end() -> None:
        during.update(machine.counts - before)
        ended.write(1)

    rig.after(LONG, lambda: machine.interrupt(0, lambda: rig.api.tasklet_schedule(t)))
    rig.after(2 * LONG, lambda: machine.interrupt(1, schedule))
    rig.after(3 * LONG, end)
    rig.run()
    return during, raised[0], rig.where()


def _softirqs(counted: Mapping[str, int], what: str) -> int:
    """How many softirqs were `what` ("raised" or "handled")."""
    return sum(number for key, number in counted.items() if key.startswith("softirq ") and key.endswith(what))


def _who_queues_again(rig: Rig) -> str:
    _, raised, _ = _scheduled_while_running(rig)
    return "the scheduling CPU" if raised else "the running CPU"


def _where_again(rig: Rig) -> str:
    _, _, cpus = _scheduled_while_running(rig)
    places = {0: "the CPU that it ran on", 1: "the CPU that asked"}
    return ", ".join(places[cpu] for cpu in cpus[1:]) or "never again"


def _handled_while_running(rig: Rig) -> str:
    """A CPU that polls does so at a rate that depends on every access: many calls are told to one digit."""
    during, _, _ = _scheduled_while_running(rig)
    number = _softirqs(during, "handled")
    return str(number) if number <= 10 else f"about {float(f'{number:.0e}'):.0f}"


def _burst(rig: Rig) -> int:
    """Softirq handler calls for ROUNDS tasklets that are scheduled together."""
    queued = [rig.tasklet(f"t{number}") for number in range(ROUNDS)]

    def schedule() -> None:
        for t in queued:
            rig.api.tasklet_schedule(t)

    rig.after(LONG, lambda: rig.machine.interrupt(0, schedule))
    before = Counter(rig.machine.counts)
    rig.run()
    return _softirqs(rig.machine.counts - before, "handled")


# Killing.


def _kill(rig: Rig, t: Any, other_is_free: Word, schedule: Callable[[], None]) -> str:
    """CPU 0 has `t` scheduled and kills it; report whether kill waited for CPU 1 to be free, and whether and when the function ran."""
    seen: list[tuple[bool, bool]] = []

    def program() -> None:
        schedule()
        rig.api.tasklet_kill(t)
        seen.append((bool(other_is_free.value), bool(rig.runs)))

    rig.on(0, program)
    rig.run()
    waited, ran_first = seen[0]
    ran = "it runs first" if ran_first else "it runs later" if rig.runs else "it never runs"
    return f"{'waits for the other CPU' if waited else 'returns at once'}, {ran}"


def _kill_pending_here(rig: Rig) -> str:
    t = rig.tasklet()
    return _kill(rig, t, rig.hold(1), lambda: rig.api.tasklet_schedule(t))


def _kill_pending_elsewhere(rig: Rig) -> str:
    t = rig.tasklet()
    return _kill(rig, t, rig.hold(1), lambda: rig.api.tasklet_schedule_on_cpu(t, 1))


def _kill_running_elsewhere(rig: Rig) -> str:
    """The function is on CPU 1, where it takes a LONG time."""
    ended = rig.word("the end of the run")
    t = rig.tasklet(body=lambda: rig.wait(ended))
    rig.on(1, lambda: rig.api.tasklet_schedule(t))
    rig.after(LONG, lambda: ended.write(1))
    started: list[bool] = []

    def program() -> None:
        rig.wait(rig.progress)
        rig.api.tasklet_kill(t)
        started.append(bool(ended.value))

    rig.on(0, program)
    rig.run()
    return "waits until it has returned" if started[0] else "returns while it runs"


# Names.


def _calls(rig: Rig) -> list[str]:
    return sorted(name for name, value in vars(type(rig.api)).items() if callable(value) and not name.startswith("_"))


def _fields(rig: Rig) -> list[str]:
    return [field.name for field in rig.module.Tasklet.declared]


def _state(rig: Rig) -> list[str]:
    return sorted(name for name in vars(rig.api) if not name.startswith("_") and name != "hv")


def _opened(rig: Rig) -> list[str]:
    """The softirqs that the stage opens: those that a machine without one does not have."""
    without = Machine(TimedEngine(), 2).handlers
    names = _softirq_names(rig.module)
    return [f"{names.get(str(number), 'softirq')} {number}" for number in sorted(rig.machine.handlers) if number not in without]


# The table.


def _row(name: str, sentence: str, kinds: tuple[str, ...], measure: Callable[[Rig], Value], unit: str = "") -> Probe:
    """A probe that is made on a rig."""
    return Probe(name, sentence, kinds, lambda module, kind: measure(Rig(cast(StageModule, module), kind)), unit)


LOCK = "lock (.*)"
IPI = "ipi (.*)"
RAISED = r"softirq (\d+) raised"
HANDLED = r"softirq (\d+) handled"

PROBES: tuple[Probe, ...] = (
    _row("locks per local run", "acquisitions of each lock, an interrupt schedules it", EVERY_KIND, _per_run(_count_local, LOCK)),
    _row("locks per remote run", "acquisitions of each lock, another CPU schedules it", SENT_ELSEWHERE, _per_run(_count_remote, LOCK)),
    _row("IPIs per remote run", "IPIs of each type, another CPU schedules it", SENT_ELSEWHERE, _per_run(_count_remote, IPI)),
    _row("softirqs raised per local run", "times that each is raised", EVERY_KIND, _per_run(_count_local, RAISED)),
    _row("softirqs raised per remote run", "times that each is raised", SENT_ELSEWHERE, _per_run(_count_remote, RAISED)),
    _row("handler calls per local run", "calls of each softirq's handler", EVERY_KIND, _per_run(_count_local, HANDLED)),
    _row("handler calls per remote run", "calls of each softirq's handler", SENT_ELSEWHERE, _per_run(_count_remote, HANDLED)),
    _row("handler calls for 4 at once", "calls of softirq handlers, one interrupt schedules four", EVERY_KIND, _burst),
    _row("pending here, scheduled elsewhere", "what becomes of it", SENT_ELSEWHERE, _second_from_here),
    _row("pending elsewhere, scheduled here", "what becomes of it", SENT_ELSEWHERE, _second_from_there),
    _row("order after t0 t1 t0", "the order in which they run, scheduled on one CPU", EVERY_KIND, _order_of_three),
    _row("running, scheduled elsewhere: queued by", "the CPU that raises a softirq for it", SENT_ELSEWHERE, _who_queues_again),
    _row("running, scheduled elsewhere: next on", "the CPU on which it runs next", SENT_ELSEWHERE, _where_again),
    _row("running, scheduled elsewhere: handler calls", f"while it goes on for {LONG} cycles", SENT_ELSEWHERE, _handled_while_running),
    _row("kill of one pending here", "whether kill waits, whether it runs", EVERY_KIND, _kill_pending_here),
    _row("kill of one pending elsewhere", "whether kill waits for that CPU, whether it runs", SENT_ELSEWHERE, _kill_pending_elsewhere),
    _row("kill of one running elsewhere", "whether kill waits for the end of the run", EVERY_KIND, _kill_running_elsewhere),
    _row("interrupts off, local", "longest stretch: schedule on the own CPU, and run", EVERY_KIND, _irqs_off_local, "cycles"),
    _row("interrupts off, remote", "longest stretch: schedule on another CPU, and run", SENT_ELSEWHERE, _irqs_off_remote, "cycles"),
    _row("calls", "public calls of the subsystem", (), _calls),
    _row("fields", "fields of a tasklet", (), _fields),
    _row("state", "locks, lists and flags of the subsystem", (), _state),
    _row("softirqs opened", "names and numbers", (), _opened),
)
