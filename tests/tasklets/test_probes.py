"""The behaviour probes: what they measure on the stages, on stages that were changed, and on stages that cannot do it."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from harness.measure.behaviour import differences, probe
from harness.suite.probe import Probe
from harness.suite.program import SuiteMistake
from harness.tasklets.probes import PROBES
from harness.tasklets.quiet_testbed import QuietTestbed
from stages import FIXED, POSTED, s0_baseline, s5_drop_scaffolding

STAGES = [pytest.param(stage.module, id=f"{series.name}-{stage.index}") for series in (FIXED, POSTED) for stage in series.stages]
KINDS = ("softirq", "vcpu", "irq-client")


def measured(module: Any) -> dict[str, Any]:
    """All probes on a stage, given as a module or by its name."""
    return probe(PROBES, importlib.import_module(module) if isinstance(module, str) else module)


def changed(base: Any, **calls: Callable[..., Any]) -> Any:
    """A stage like `base`, but with some calls replaced."""
    return SimpleNamespace(**{**vars(base), "TaskletSubsystem": type("Changed", (base.TaskletSubsystem,), calls)})


@pytest.mark.parametrize("module", STAGES)
def test_every_stage_is_measured_by_the_same_probes(module: str) -> None:
    """The names, their order and the sorts of values are the same on all stages, and JSON keeps them."""
    found = measured(module)
    assert list(found) == [f"{row.name} ({kind})" if kind else row.name for row in PROBES for kind in row.kinds or ("",)]
    assert json.loads(json.dumps(found)) == found
    assert all(isinstance(value, int | str | list) for value in found.values())
    assert all(len(value) < 100 and ".py" not in value for value in found.values() if isinstance(value, str))


@pytest.mark.parametrize("module", STAGES)
def test_a_measurement_can_be_repeated(module: str) -> None:
    """The machine is quiet and without jitter: the same stage gives the same values."""
    assert json.dumps(measured(module)) == json.dumps(measured(module))


def test_the_baseline_takes_its_lock_three_times() -> None:
    """Schedule, before the run, after the run: each takes the global lock, whatever the kind and wherever it is scheduled."""
    found = measured(s0_baseline)
    assert {found[f"locks per local run ({kind})"] for kind in KINDS} == {"tasklet_lock 3"}
    assert {found[f"locks per remote run ({kind})"] for kind in KINDS[:2]} == {"tasklet_lock 3"}


def test_the_interrupt_clients_leave_the_lock_first() -> None:
    """From stage 1 on they take no lock; from stage 4 on nobody takes the global one."""
    found = [measured(stage.module) for stage in FIXED.stages]
    assert [stage["locks per local run (irq-client)"] for stage in found] == ["tasklet_lock 3"] + ["none"] * 5
    users = [any("tasklet_lock" in str(value) for name, value in stage.items() if name.startswith("locks")) for stage in found]
    assert users == [True, True, True, True, False, False]


def test_scaffolding_shows_as_it_comes_and_goes() -> None:
    """The names that two neighbours do not share are in their difference."""
    found = [measured(stage.module) for stage in FIXED.stages]
    first = {name: (before, after) for name, before, after in differences(found[0], found[1])}
    second = {name: (before, after) for name, before, after in differences(found[1], found[2])}
    assert "percpu_tasklet_init" in first["calls"][1]
    assert first["fields"] == ("–", "state, is_percpu")
    assert first["softirqs opened"] == ("TASKLET 4", "TASKLET_PERCPU 4, TASKLET 5")
    assert second["calls"][0] == "percpu_tasklet_init"


def test_the_last_patch_of_the_fixed_series_changes_nothing_but_a_field() -> None:
    """Taking the scaffolding away is no change of behaviour."""
    before, after = (measured(stage.module) for stage in FIXED.stages[4:])
    assert differences(before, after) == [("fields", "is_percpu", "–")]


def test_the_order_is_what_happened() -> None:
    """Baseline: a second schedule moves a pending tasklet to the end of the list; with a `state` word it changes nothing."""
    assert measured(s0_baseline)["order after t0 t1 t0 (softirq)"] == "t1 t0"
    assert measured(s5_drop_scaffolding)["order after t0 t1 t0 (softirq)"] == "t0 t1"


def test_locks_are_counted_not_declared() -> None:
    """A stage that takes one more lock when it schedules shows it, under the lock's name."""

    def tasklet_schedule(self: Any, t: Any) -> None:
        if not hasattr(self, "extra_lock"):
            self.extra_lock = self.hv.spinlock("extra_lock")
        flags = self.hv.spin_lock_irqsave(self.extra_lock)
        self.hv.spin_unlock_irqrestore(self.extra_lock, flags)
        s0_baseline.TaskletSubsystem.tasklet_schedule(self, t)

    found = measured(changed(s0_baseline, tasklet_schedule=tasklet_schedule))
    assert found["locks per local run (softirq)"] == "extra_lock 1, tasklet_lock 3"
    assert found["locks per remote run (softirq)"] == "tasklet_lock 3"


def test_handler_calls_are_counted() -> None:
    """A stage that raises its softirq once too often costs one more call of its handler."""

    def tasklet_softirq_action(self: Any) -> None:
        first = not self.hv.list_empty(self.softirq_tasklet_list[self.hv.smp_processor_id()])
        s0_baseline.TaskletSubsystem.tasklet_softirq_action(self)
        if first:
            self.hv.raise_softirq(s0_baseline.TASKLET_SOFTIRQ)

    found = measured(changed(s0_baseline, tasklet_softirq_action=tasklet_softirq_action))
    assert found["handler calls per local run (softirq)"] == "TASKLET 2"
    assert found["softirqs raised per local run (softirq)"] == "TASKLET 2"


def test_a_kill_that_does_nothing_is_seen() -> None:
    """Kill is judged by what runs afterwards and by when it returns."""
    found = measured(changed(s0_baseline, tasklet_kill=lambda self, t: None))
    assert found["kill of one pending here (softirq)"] == "returns at once, it runs later"
    assert found["kill of one pending elsewhere (vcpu)"] == "returns at once, it runs later"
    assert found["kill of one running elsewhere (softirq)"] == "returns while it runs"


def test_a_kill_that_runs_the_tasklet_is_seen() -> None:
    """Whether the function runs before kill returns is told from whether it runs at all."""

    def tasklet_kill(self: Any, t: Any) -> None:
        self.hv.process_pending_softirqs()
        s0_baseline.TaskletSubsystem.tasklet_kill(self, t)

    found = measured(changed(s0_baseline, tasklet_kill=tasklet_kill))
    assert found["kill of one pending here (softirq)"] == "returns at once, it runs first"
    assert found["kill of one pending here (vcpu)"] == "returns at once, it never runs"


def test_a_kill_that_waits_for_the_other_cpu_is_seen() -> None:
    """In the posted patches it does until its victim has run there; in ours, an interrupt on that CPU unlinks it."""
    found = measured(s5_drop_scaffolding)
    assert found["kill of one pending here (softirq)"] == "returns at once, it never runs"
    assert found["kill of one pending elsewhere (softirq)"] == "returns at once, it never runs"
    found = measured(POSTED.stages[-1].module)
    assert found["kill of one pending elsewhere (softirq)"] == "waits for the other CPU, it runs first"


@pytest.mark.parametrize(("module", "expected"), [(s0_baseline, "moved"), (s5_drop_scaffolding, "ignored")])
def test_a_second_schedule_moves_it_or_not(module: Any, expected: str) -> None:
    """Where it runs says which of two schedules counted, whichever CPU it was pending on."""
    found = measured(module)
    for kind in ("softirq", "vcpu"):
        assert found[f"pending here, scheduled elsewhere ({kind})"] == expected
        assert found[f"pending elsewhere, scheduled here ({kind})"] == expected


@pytest.mark.parametrize(
    ("cpu_named", "softirq", "queued_by", "runs_next_on"),
    [
        (1, False, "the running CPU", "the CPU that asked"),
        (0, False, "the running CPU", "the CPU that it ran on"),
        (-1, False, "the running CPU", "never again"),
        (1, True, "the scheduling CPU", "the CPU that asked"),
    ],
)
def test_scheduled_while_it_runs(cpu_named: int, softirq: bool, queued_by: str, runs_next_on: str) -> None:
    """Who raises a softirq for it, and where it runs next, are told apart, on baselines that were changed in just that."""

    def tasklet_schedule_on_cpu(self: Any, t: Any, cpu: int) -> None:
        running = t.is_running
        s0_baseline.TaskletSubsystem.tasklet_schedule_on_cpu(self, t, cpu)
        if running:
            t.scheduled_on = cpu_named
            if softirq:
                self.hv.raise_softirq(s0_baseline.TASKLET_SOFTIRQ)

    found = measured(changed(s0_baseline, tasklet_schedule_on_cpu=tasklet_schedule_on_cpu))
    assert found["running, scheduled elsewhere: queued by (softirq)"] == queued_by
    assert found["running, scheduled elsewhere: next on (softirq)"] == runs_next_on
    assert found["running, scheduled elsewhere: handler calls (softirq)"] == str(int(softirq))


def test_polling_for_the_end_of_a_run_is_seen() -> None:
    """A handler that raises itself until the function has returned elsewhere is called again and again; the number is rounded."""
    elsewhere: list[Any] = []

    def tasklet_schedule_on_cpu(self: Any, t: Any, cpu: int) -> None:
        s0_baseline.TaskletSubsystem.tasklet_schedule_on_cpu(self, t, cpu)
        if t.is_running:
            elsewhere[:] = [t]
            self.hv.raise_softirq(s0_baseline.TASKLET_SOFTIRQ)

    def tasklet_softirq_action(self: Any) -> None:
        s0_baseline.TaskletSubsystem.tasklet_softirq_action(self)
        if elsewhere and elsewhere[0].is_running:
            self.hv.raise_softirq(s0_baseline.TASKLET_SOFTIRQ)

    polling = changed(s0_baseline, tasklet_schedule_on_cpu=tasklet_schedule_on_cpu, tasklet_softirq_action=tasklet_softirq_action)
    calls = measured(polling)["running, scheduled elsewhere: handler calls (softirq)"]
    assert calls.startswith("about ")
    assert int(calls.removeprefix("about ")) >= 100


def test_kill_of_the_baseline_unlinks_at_once() -> None:
    """Under one lock, kill takes a pending tasklet off any list, and waits only for one that runs."""
    found = measured(s0_baseline)
    assert {found[f"kill of one pending {place} (vcpu)"] for place in ("here", "elsewhere")} == {"returns at once, it never runs"}
    assert found["kill of one running elsewhere (vcpu)"] == "waits until it has returned"


def test_interrupts_off_is_a_stretch_of_time() -> None:
    """A stage that keeps interrupts off for longer shows more cycles."""

    def tasklet_schedule_on_cpu(self: Any, t: Any, cpu: int) -> None:
        flags = self.hv.local_irq_save()
        for _ in range(100):
            self.hv.cpu_relax()
        s0_baseline.TaskletSubsystem.tasklet_schedule_on_cpu(self, t, cpu)
        self.hv.local_irq_restore(flags)

    name = "interrupts off, local (softirq)"
    slow = changed(s0_baseline, tasklet_schedule_on_cpu=tasklet_schedule_on_cpu)
    assert measured(slow)[name] > measured(s0_baseline)[name] + 1000


def _bug(self: Any, *_: Any) -> None:
    self.hv.BUG("not implemented")


def _raise(self: Any, *_: Any) -> None:
    raise ValueError("a stage's own mistake")


def _exit(self: Any, *_: Any) -> None:
    print("nobody must see this")
    sys.exit(3)


def _recurse(self: Any, *_: Any) -> None:
    _recurse(self)


def _spin(self: Any, *_: Any) -> None:
    while True:
        self.hv.cpu_relax()


def _lock_twice(self: Any, *_: Any) -> None:
    self.hv.spin_lock_irqsave(self.tasklet_lock)
    self.hv.spin_lock_irqsave(self.tasklet_lock)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (_bug, "BUG: CPU0: not implemented"),
        (_raise, "crash: ValueError: a stage's own mistake"),
        (_exit, "crash: SystemExit: 3"),
        (_recurse, "crash: RecursionError"),
        (_spin, "no progress: "),
        (_lock_twice, "lock misuse: CPU0: takes tasklet_lock, which it holds already"),
    ],
)
def test_a_stage_that_cannot_do_it_yields_its_diagnosis(
    fault: Callable[..., None], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A BUG, an exception, an exit, a recursion, a loop or a deadlock is a short text, other probes go on, and nothing is printed."""
    found = measured(changed(s0_baseline, tasklet_kill=fault))
    assert found["kill of one pending here (softirq)"].startswith(expected)
    assert found["locks per local run (softirq)"] == "tasklet_lock 3"
    assert capsys.readouterr() == ("", "")


def test_a_stage_that_fails_at_boot_yields_its_diagnosis() -> None:
    """Also what needs no run is asked of a booted stage only."""
    found = measured(changed(s0_baseline, tasklet_subsys_init=_raise))
    assert set(found.values()) == {"crash: ValueError: a stage's own mistake"}


def test_a_row_is_all_that_a_new_probe_needs() -> None:
    """A row added to the table is measured, once for each of its kinds."""
    row = Probe("CPUs", "how many CPUs there are", ("softirq", "vcpu"), lambda module, kind: len(QuietTestbed(module, kind).machine.cpus))
    assert probe((row,), s0_baseline) == {"CPUs (softirq)": 2, "CPUs (vcpu)": 2}


@pytest.mark.parametrize("value", [None, 1.5, [1], print])
def test_a_probe_returns_what_can_be_compared(value: Any) -> None:
    """Anything else is the suite's mistake, with its line, and no stage's."""
    row = Probe("p", "Nothing.", (), lambda module, kind: value)
    with pytest.raises(
        SuiteMistake, match=r"^suite test_probes.py:\d+: probe 'p' has to return a whole number, a text or a list of texts, and "
    ):
        probe([row], ModuleType("none"))


def test_names_of_probes_are_distinct() -> None:
    """No probe hides another one in the JSON."""
    assert len({row.name for row in PROBES}) == len(PROBES)


def test_differences_show_both_sides() -> None:
    """Equal values are left out, a probe that only one side has is shown with a dash, and lists by what the other lacks."""
    before = {"same": 1, "number": 1, "names": ["a", "b"], "gone": "x"}
    after = {"same": 1, "number": 2, "names": ["b", "c"], "new": 0}
    assert differences(before, after) == [("number", "1", "2"), ("names", "a", "c"), ("gone", "x", "–"), ("new", "–", "0")]
