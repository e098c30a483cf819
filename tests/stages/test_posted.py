"""The posted series does, step by step, what the description of its patches says; what follows from that is for the harness to find."""

from __future__ import annotations

from typing import Any

import pytest

from harness.machine.diagnosis import BUG, Violation
from harness.machine.machine import Machine
from harness.tasklets.installation import install
from harness.timed.timed_engine import TimedEngine
from stages.hypervisor import CPU_DEAD, SCHEDULE_SOFTIRQ, TASKLET_ENQUEUED
from stages.posted import s1_percpu_softirq as s1
from stages.posted import s2_cross_cpu_feed as s2
from stages.posted import s3_drop_old_softirq as s3
from stages.posted import s4_percpu_schedule as s4
from stages.posted import s5_drop_scaffolding as s5

PATCHES = [s1, s2, s3, s4, s5]
FED = [s2, s3, s4, s5]
LAST = [s4, s5]
SCHED, RUN = 1, 2

each_patch = pytest.mark.parametrize("module", PATCHES, ids=lambda module: module.__name__.rpartition(".")[2])
each_fed = pytest.mark.parametrize("module", FED, ids=lambda module: module.__name__.rpartition(".")[2])
each_last = pytest.mark.parametrize("module", LAST, ids=lambda module: module.__name__.rpartition(".")[2])


class Still:
    """A booted stage on a machine that stands still: CPU 0 calls, and every call takes effect at once."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.hv: Any = Machine(TimedEngine(), 2)
        self.api: Any = install(self.hv, module)
        self.hv.boot(self.api.tasklet_subsys_init)
        self.ran: list[str] = []

    def tasklet(self, name: str, init: str = "hvm_irq_tasklet_init") -> Any:
        t = self.module.Tasklet(self.hv, name)
        getattr(self.api, init)(t, lambda _: self.ran.append(name), None)
        return t

    def queued(self, queue: Any) -> list[str]:
        return [t.name for t in self.hv.list_owners(queue)]

    def raised(self, cpu: int = 0) -> set[int]:
        word = self.hv.cpus[cpu].softirqs.value
        return {nr for nr in range(8) if word >> nr & 1}


def _percpu_softirq(module: Any) -> int:
    """The softirq of per-cpu tasklets at this stage."""
    number: int = getattr(module, "TASKLET_PERCPU_SOFTIRQ", module.TASKLET_SOFTIRQ)
    return number


@each_patch
def test_schedule_sets_sched_records_the_cpu_and_queues_once(module: Any) -> None:
    """Only the call that finds SCHED clear records the CPU, appends, and raises the softirq."""
    still = Still(module)
    t = still.tasklet("t")
    still.api.tasklet_schedule(t)
    still.api.tasklet_schedule_on_cpu(t, 1)
    assert (t.state.read(), t.scheduled_on) == (SCHED, 0)
    assert still.queued(still.api.softirq_list[0]) == ["t"]
    assert still.raised() == {_percpu_softirq(module)}


@each_patch
def test_taking_the_first_of_several_moves_only_the_next_link_of_the_head(module: Any) -> None:
    """No other link is touched; the last one re-initialises the head."""
    still = Still(module)
    first, second = still.tasklet("first"), still.tasklet("second")
    head = still.api.softirq_list[0]
    for t in (first, second):
        still.api.tasklet_schedule(t)
    assert still.api.take_first(head) == (first, True)
    assert (head.next, head.prev) == (second.list, second.list)
    assert (first.list.next, first.list.prev, second.list.prev) == (second.list, head, first.list)
    assert still.api.take_first(head) == (second, False)
    assert (head.next, head.prev) == (head, head)
    assert second.list.next is head
    assert still.api.take_first(head) == (None, False)


@each_patch
def test_a_run_clears_sched_before_the_function_and_run_after_it(module: Any) -> None:
    """Also the softirq is raised again when there are more."""
    still = Still(module)
    states = []
    t, more = still.tasklet("t"), still.tasklet("more")
    t.func = lambda _: states.append(t.state.read())
    for queued in (t, more):
        still.api.tasklet_schedule(queued)
    handler = still.hv.handlers[_percpu_softirq(module)]
    still.hv.cpus[0].softirqs.write(0)
    handler()
    assert states == [RUN]
    assert t.state.read() == 0
    assert still.raised() == {_percpu_softirq(module)}


@each_patch
def test_a_tasklet_that_runs_elsewhere_is_queued_again(module: Any) -> None:
    """If RUN was set already, the tasklet goes back to the list with SCHED set, and the softirq is raised."""
    still = Still(module)
    t = still.tasklet("t")
    still.api.tasklet_schedule(t)
    t.state.set_bit(1)
    still.hv.cpus[0].softirqs.write(0)
    still.hv.handlers[_percpu_softirq(module)]()
    assert still.ran == []
    assert t.state.read() == SCHED | RUN
    assert still.queued(still.api.softirq_list[0]) == ["t"]
    assert still.raised() == {_percpu_softirq(module)}


@each_patch
def test_a_queued_tasklet_without_sched_is_a_bug(module: Any) -> None:
    """The handler clears SCHED and insists that it was set."""
    still = Still(module)
    t = still.tasklet("t")
    still.api.tasklet_schedule(t)
    t.state.write(0)
    with pytest.raises(Violation, match="a queued tasklet that is not scheduled") as caught:
        still.hv.handlers[_percpu_softirq(module)]()
    assert caught.value.kind == BUG


@each_patch
def test_kill_runs_what_is_pending_and_then_sets_dead(module: Any) -> None:
    """While SCHED is set, it processes softirqs; afterwards SCHED is clear and the tasklet is not scheduled any more."""
    still = Still(module)
    t = still.tasklet("t")
    still.api.tasklet_schedule(t)
    still.api.tasklet_kill(t)
    assert still.ran == ["t"]
    assert (t.state.read(), t.is_dead) == (0, True)
    still.api.tasklet_schedule(t)
    assert still.queued(still.api.softirq_list[0]) == []


def test_stage_1_does_not_send_to_another_cpu() -> None:
    """It is not implemented yet: a BUG."""
    still = Still(s1)
    with pytest.raises(Violation, match="not implemented yet") as caught:
        still.api.tasklet_schedule_on_cpu(still.tasklet("t"), 1)
    assert caught.value.kind == BUG


@each_fed
def test_the_feeder_takes_what_is_sent_to_another_cpu(module: Any) -> None:
    """The tasklet is on the other CPU's feeder list, and one function-call IPI is on its way."""
    still = Still(module)
    still.api.tasklet_schedule_on_cpu(still.tasklet("t"), 1)
    assert still.queued(still.api.tasklet_feeder[1]) == ["t"]
    assert still.hv.counts["ipi function-call"] == 1
    assert still.raised(1) == set()


@each_last
@pytest.mark.parametrize(
    ("kinds", "raised", "enqueued"),
    [
        ((), set(), False),
        (("softirq_tasklet_init",), {4}, False),
        (("tasklet_init",), {SCHEDULE_SOFTIRQ}, True),
        (("softirq_tasklet_init", "tasklet_init"), {4}, False),
    ],
)
def test_feeding_sorts_by_kind(module: Any, kinds: tuple[str, ...], raised: set[int], enqueued: bool) -> None:
    """After the loop: TASKLET if any was of softirq kind, otherwise *enqueued* and SCHEDULE; nothing for an empty feeder."""
    still = Still(module)
    for init in kinds:
        still.hv.list_add_tail(still.tasklet(init, init).list, still.api.tasklet_feeder[0])
    still.api.tasklet_feed(None)
    assert still.raised() == raised
    assert still.hv.tasklet_work_to_do[0].test_bit(TASKLET_ENQUEUED) == enqueued
    assert len(still.queued(still.api.softirq_list[0]) + still.queued(still.api.tasklet_list[0])) == len(kinds)


@pytest.mark.parametrize(("module", "percpu"), [(s1, False), (s2, False), (s3, True), (s4, True)])
def test_static_softirq_tasklets_become_per_cpu_at_stage_3(module: Any, percpu: bool) -> None:
    """The declaration sets the flag from stage 3 on."""
    assert Still(module).api.DECLARE_SOFTIRQ_TASKLET("t", lambda _: None, None).is_percpu is percpu


def test_the_declaration_of_vcpu_tasklets_is_not_touched_before_stage_5() -> None:
    """At stage 4 it makes a tasklet that is not per-cpu, which scheduling takes for a BUG; at stage 5 nobody asks."""
    still = Still(s4)
    with pytest.raises(Violation, match="scheduling a tasklet that is not per-cpu"):
        still.api.tasklet_schedule(still.api.DECLARE_TASKLET("t", lambda _: None, None))
    still = Still(s5)
    still.api.tasklet_schedule(still.api.DECLARE_TASKLET("t", lambda _: None, None))
    assert still.queued(still.api.tasklet_list[0]) == ["t"]


@each_patch
def test_the_test_for_dead_comes_before_the_lock(module: Any) -> None:
    """A dead tasklet, of either scheme, costs no lock."""
    still = Still(module)
    for init in ("hvm_irq_tasklet_init", "tasklet_init"):
        t = still.tasklet(init, init)
        t.is_dead = True
        still.api.tasklet_schedule(t)
    assert [name for name in still.hv.counts if name.startswith("lock")] == []


@each_patch
def test_migration_insists_on_the_dead_cpu(module: Any) -> None:
    """What the dead CPU had queued is queued here, with `scheduled_on` set; it is a BUG if it named another CPU."""
    still = Still(module)
    good, bad = still.tasklet("good"), still.tasklet("bad")
    for t, cpu in ((good, 1), (bad, 0)):
        t.scheduled_on = cpu
        still.hv.list_add_tail(t.list, still.api.softirq_list[1])
    with pytest.raises(Violation, match="a tasklet on the list of a CPU that it is not scheduled on"):
        still.api.cpu_callback(CPU_DEAD, 1)
    assert still.queued(still.api.softirq_list[0]) == ["good"]
    assert good.scheduled_on == 0


@each_last
def test_migration_takes_over_the_enqueued_bit(module: Any) -> None:
    """If the dead CPU's bit was set, so is this one's, and SCHEDULE is raised if it was clear."""
    still = Still(module)
    still.hv.tasklet_work_to_do[1].set_bit(TASKLET_ENQUEUED)
    still.api.cpu_callback(CPU_DEAD, 1)
    assert still.hv.tasklet_work_to_do[0].test_bit(TASKLET_ENQUEUED)
    assert still.raised() == {SCHEDULE_SOFTIRQ}


def test_the_old_schemes_stay_until_their_patch() -> None:
    """VCPU tasklets take the global lock until stage 3, and none from stage 4 on."""
    counts = {}
    for module in PATCHES:
        still = Still(module)
        still.api.tasklet_schedule(still.tasklet("t", "tasklet_init"))
        counts[module] = still.hv.counts["lock tasklet_lock"]
    assert list(counts.values()) == [1, 1, 1, 0, 0]
