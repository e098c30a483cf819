"""The contract as a table: the clauses in their order. A reader extends it by a module in `clauses` and a row here."""

from __future__ import annotations

from harness.suite.clause import Clause, by_id, no_races
from harness.tasklets.clauses import (
    before_init,
    clients,
    context,
    exactly_once,
    fifo,
    handover,
    hotplug,
    irq_context,
    irqs_off_bounded,
    kill_cancels,
    kill_independent,
    kill_quiesces,
    kill_releases,
    kill_returns,
    mixed_feed,
    nested_softirqs,
    never_concurrent,
    no_lost_schedule,
    one_per_iteration,
    progress,
    quiet,
    reuse,
    runs_where_asked,
    self_reschedule,
    static_declaration,
    visibility,
    wakeup,
)
from harness.tasklets.tasklet_under_test import ALL

CHECKED: tuple[Clause, ...] = (
    exactly_once.CLAUSE,
    no_lost_schedule.CLAUSE,
    self_reschedule.CLAUSE,
    never_concurrent.CLAUSE,
    runs_where_asked.CLAUSE,
    context.CLAUSE,
    fifo.CLAUSE,
    one_per_iteration.CLAUSE,
    wakeup.CLAUSE,
    mixed_feed.CLAUSE,
    irq_context.CLAUSE,
    kill_quiesces.CLAUSE,
    kill_returns.CLAUSE,
    kill_cancels.CLAUSE,
    reuse.CLAUSE,
    hotplug.CLAUSE,
    static_declaration.CLAUSE,
    nested_softirqs.CLAUSE,
    before_init.CLAUSE,
    quiet.CLAUSE,
    irqs_off_bounded.CLAUSE,
    visibility.CLAUSE,
    kill_independent.CLAUSE,
    kill_releases.CLAUSE,
    progress.CLAUSE,
    handover.CLAUSE,
    clients.CLAUSE,
)

# `harness.verify.no_races` searches for them.
RACES = no_races(CHECKED, ALL)

TABLE: tuple[Clause, ...] = (*CHECKED[:-1], RACES, CHECKED[-1])

CLAUSES: dict[str, Clause] = by_id(*TABLE)
