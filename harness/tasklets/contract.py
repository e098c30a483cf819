"""The contract as a table: each clause, its sentence, and the programs that test it. A reader extends it by adding a row."""

from __future__ import annotations

from harness.suite.clause import NO_RACES, Clause
from harness.suite.clause import clause as clause_of
from harness.suite.program import Program
from harness.tasklets.clauses import clients, hotplug, killing, rescheduling, resting, running, scheduling
from harness.tasklets.tasklet_under_test import ALL


def clause(name: str, sentence: str, programs: tuple[Program, ...]) -> Clause:
    """A clause of this contract."""
    return clause_of(name, sentence, programs, ALL)


CHECKED: tuple[Clause, ...] = (
    clause(
        "exactly-once",
        "An idle tasklet that is scheduled runs exactly once; any number of schedules before it starts count as one.",
        (
            scheduling.scheduled_once,
            scheduling.scheduled_often,
            scheduling.scheduled_next_to_another,
            scheduling.hypercall_and_interrupt,
            scheduling.sent_often,
            scheduling.sent_and_scheduled,
        ),
    ),
    clause(
        "no-lost-schedule",
        "Scheduled while it runs (from its own function, from an interrupt on the same CPU, from another CPU), it runs once more "
        "afterwards. Both kinds.",
        (
            rescheduling.by_itself,
            rescheduling.by_an_interrupt,
            rescheduling.by_another_cpu,
            rescheduling.sent_back,
            rescheduling.by_itself_and_another,
            rescheduling.racing_interrupt,
            rescheduling.racing_cpu,
            rescheduling.racing_send,
        ),
    ),
    clause(
        "self-reschedule",
        "A tasklet that schedules itself n times from its own function runs n+1 times in all, on this CPU or on the CPU that it "
        "names. Both kinds.",
        (
            rescheduling.again_here,
            rescheduling.again_by_number,
            rescheduling.again_elsewhere,
        ),
    ),
    clause(
        "never-concurrent",
        "Its function never runs on two CPUs at once.",
        (
            running.two_cpus_schedule,
            running.two_cpus_send,
            running.elsewhere_while_running,
            running.again_and_elsewhere,
            running.scheduled_in_a_long_run,
            running.sent_in_a_long_run,
        ),
    ),
    clause(
        "runs-where-asked",
        "`tasklet_schedule` runs it on the calling CPU; `tasklet_schedule_on_cpu(t, c)` of an idle tasklet runs it on `c`.",
        (
            scheduling.asked_here,
            scheduling.asked_elsewhere,
            scheduling.asked_elsewhere_busy,
            scheduling.asked_to_itself,
            scheduling.asked_to_move,
        ),
    ),
    clause(
        "context",
        "Softirq kind: in the softirq, interrupts on, not in an interrupt. VCPU kind: from `do_tasklet`, with the idle vCPU "
        "current and both work bits set.",
        (
            running.context_here,
            running.context_interrupt,
            running.context_sent,
        ),
    ),
    clause(
        "fifo",
        "Per CPU and kind, distinct idle tasklets scheduled locally start in the order in which they were scheduled.",
        (
            running.order_of_hypercall,
            running.order_of_function,
            running.order_of_interrupt,
            running.order_while_fed,
        ),
    ),
    clause(
        "one-per-iteration",
        "One softirq handler call, and one `do_tasklet` call, runs at most one tasklet; the rest follow without a further schedule.",
        (
            running.one_of_three,
            running.one_of_two_sent,
            running.one_and_an_interrupt,
        ),
    ),
    clause(
        "wakeup",
        "A VCPU-kind tasklet scheduled at any point around `do_tasklet` (local interrupt, other CPU) still runs; no queue is left "
        "with entries while its CPU sleeps.",
        (
            resting.woken_by_interrupt,
            resting.woken_by_cpu,
            resting.woken_by_function,
            resting.woken_twice,
            resting.woken_again,
            resting.woken_while_running,
        ),
    ),
    clause(
        "mixed-feed",
        "Tasklets of both kinds sent to one CPU by different CPUs all run there.",
        (
            resting.fed_by_two,
            resting.fed_by_two_while_busy,
            resting.fed_next_to_local,
        ),
    ),
    clause(
        "irq-context",
        "Scheduling locally, and on another CPU, works from interrupt handlers and with interrupts off.",
        (
            scheduling.from_an_interrupt,
            scheduling.with_interrupts_off,
            scheduling.interrupted_while_scheduling,
            scheduling.sent_from_an_interrupt,
            scheduling.sent_while_sending,
            scheduling.sent_both_ways,
        ),
    ),
    clause(
        "kill-quiesces",
        "When `tasklet_kill` returns, the tasklet is neither queued nor running; from then on it never runs, whoever schedules "
        "it, however the schedule raced with the kill.",
        (
            killing.scheduled_after_kill,
            killing.scheduled_elsewhere_after_kill,
            killing.sent_after_kill,
            killing.killed_while_scheduled,
            killing.killed_while_sent,
            killing.killed_while_interrupted,
            killing.sent_and_killed,
            killing.killed_while_it_reschedules,
            killing.killed_while_it_comes,
            killing.killed_while_it_nests,
        ),
    ),
    clause(
        "kill-returns",
        "`tasklet_kill` returns in bounded time for a tasklet that is idle, pending here or elsewhere, running elsewhere, or one "
        "that keeps rescheduling itself; also when the caller is itself a tasklet function and the victim is queued behind it; a "
        "second kill is harmless.",
        (
            killing.kill_idle_twice,
            killing.kill_pending_here,
            killing.kill_pending_elsewhere,
            killing.kill_sent,
            killing.kill_running,
            killing.kill_rescheduling,
            killing.kill_from_function,
            killing.kill_each_other,
            killing.kill_together,
        ),
    ),
    clause(
        "kill-cancels",
        "A pending tasklet that has not started when `tasklet_kill` is called does not run at all.",
        (
            killing.cancelled_here,
            killing.cancelled_elsewhere,
            killing.cancelled_after_sending,
            killing.cancelled_behind,
        ),
    ),
    clause(
        "reuse",
        "After `tasklet_kill` and a new init, it can be scheduled again (hypercall continuation does this each time).",
        (
            killing.reused_after_runs,
            killing.reused_unscheduled,
            killing.reused_while_pending,
            killing.reused_by_another,
            killing.reused_elsewhere,
        ),
    ),
    clause(
        "hotplug",
        "After CPU_DEAD, whatever was pending for the dead CPU (its lists and anything fed to it), with any history of scheduling "
        "and running before, runs exactly once on the notifying CPU; the dead CPU can come up again and work.",
        (
            hotplug.dies_with_own,
            hotplug.dies_with_three,
            hotplug.dies_at_any_time,
            hotplug.dies_with_fed,
            hotplug.dies_while_fed,
            hotplug.dies_with_both,
            hotplug.dies_with_one_that_ran,
            hotplug.dies_with_one_that_ran_here,
            hotplug.dies_with_rescheduled,
            hotplug.dies_while_running_another,
            hotplug.dies_with_moved,
            hotplug.dies_with_handed_over,
            hotplug.dies_with_killed,
            hotplug.dies_while_killed,
            hotplug.comes_up_again,
            hotplug.comes_up_and_is_fed,
            hotplug.up_cancelled,
        ),
    ),
    clause(
        "static-declaration",
        "Statically declared tasklets of both kinds work.",
        (
            scheduling.declared_and_scheduled,
            scheduling.declared_and_sent,
            scheduling.declared_and_rescheduled,
            scheduling.declared_next_to_others,
            scheduling.declared_before_boot,
            running.declared_in_context,
        ),
    ),
    clause(
        "nested-softirqs",
        "A function may call `process_pending_softirqs`, also after it has rescheduled itself: that returns, and the tasklet is "
        "not entered a second time meanwhile.",
        (
            running.nested,
            running.nested_after_reschedule,
            running.nested_next_to_another,
            running.nested_and_interrupted,
            running.nested_and_fed,
        ),
    ),
    clause(
        "before-init",
        "Scheduling before `tasklet_subsys_init` is ignored, and the tasklet works normally afterwards.",
        (
            scheduling.too_early,
            scheduling.early_and_again,
            scheduling.declared_early_and_again,
            scheduling.early_and_sent,
        ),
    ),
    clause(
        "quiet",
        "Once nothing is pending: no softirq stays raised, no work bit stays set, no lock is held, and the number of handler "
        "calls per run is bounded (nobody burns a CPU waiting for a function that runs elsewhere).",
        (
            resting.quiet_after_one,
            resting.quiet_after_two,
            resting.quiet_after_sending,
            resting.quiet_after_killing,
            resting.quiet_while_running_elsewhere,
        ),
    ),
    clause(
        "irqs-off-bounded",
        "The function never runs with interrupts off; no CPU waits, with interrupts off, for another CPU other than for a spinlock.",
        (
            resting.bounded_here,
            resting.bounded_after_interrupt,
            resting.bounded_both_ways,
            resting.bounded_interrupt_send,
            resting.bounded_kill,
            resting.bounded_running_elsewhere,
        ),
    ),
    clause(
        "clients",
        "Each client of Xen (hypercall continuation, event channels, and so on) works as described there, alone and next to the others.",
        (
            clients.dpci_one_cpu,
            clients.dpci_two_cpus,
            clients.event_by_timer,
            clients.event_and_destruction,
            clients.microcode_walk,
            clients.microcode_same_cpu,
            clients.microcode_three_cpus,
            clients.continuation_twice,
            clients.continuation_walk,
            clients.stop_one,
            clients.stop_two,
            clients.debug_key_here,
            clients.debug_key_elsewhere,
            clients.debug_key_twice,
            clients.console_one_cpu,
            clients.trace_two_cpus,
            clients.iommu_two_cpus,
            clients.iommu_one_cpu,
            clients.init_sipi,
            clients.init_sipi_and_destruction,
            clients.dpci_next_to_console,
            clients.dpci_next_to_stop_machine,
            clients.dpci_next_to_microcode,
            clients.continuation_next_to_iommu,
        ),
    ),
)

# Every execution of all other programs is searched for data races: `harness.verify.no_races`.
RACES = clause(
    NO_RACES,
    "No two CPUs touch the same plain field or list without ordering between them (happens-before), at least one of them writing. "
    "Fields meant to be read without a lock are read with a marked access.",
    tuple(program for each in CHECKED for program in each.programs),
)

TABLE: tuple[Clause, ...] = (*CHECKED[:-1], RACES, CHECKED[-1])

CLAUSES: dict[str, Clause] = {each.id: each for each in TABLE}
