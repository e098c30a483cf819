"""The testbed of the probes: what ran is noted, time passes, what goes wrong is raised."""

from __future__ import annotations

import pytest

from harness.machine.diagnosis import ASSERTION, Violation
from harness.tasklets.quiet_testbed import LONG, QuietTestbed
from harness.tasklets.tasklet_under_test import SOFTIRQ
from stages import s5_drop_scaffolding


def test_runs_are_noted_with_their_cpus() -> None:
    """In their order, and the body is called after that."""
    bed = QuietTestbed(s5_drop_scaffolding, SOFTIRQ)
    seen: list[int] = []
    t, u = bed.noted("t", lambda: seen.append(len(bed.runs))), bed.noted("u")
    bed.after(LONG, lambda: bed.interrupt(1, lambda: bed.schedule(t)))
    bed.after(2 * LONG, lambda: bed.interrupt(0, lambda: (bed.schedule(u), bed.schedule(t))))
    bed.run()
    assert bed.runs == [("t", 1), ("u", 0), ("t", 0)]
    assert bed.where("t") == [1, 0]
    assert (seen, bed.progress.value) == ([1, 3], 3)


def test_a_cpu_that_is_held_runs_nothing_meanwhile() -> None:
    """It does when it is free."""
    bed = QuietTestbed(s5_drop_scaffolding, SOFTIRQ)
    free = bed.hold(1, 3 * LONG)
    seen: list[tuple[int, int]] = []
    t = bed.noted(body=lambda: seen.append((free.value, bed.engine.now() // (3 * LONG))))
    bed.after(LONG, lambda: bed.interrupt(1, lambda: bed.schedule(t)))
    bed.run()
    assert seen == [(1, 1)]


def test_what_is_diagnosed_is_raised() -> None:
    """A probe reports it instead of a figure."""
    bed = QuietTestbed(s5_drop_scaffolding, SOFTIRQ)
    bed.cpu(0, lambda: bed.expect(False, "told so"))
    with pytest.raises(Violation) as raised:
        bed.run()
    assert (raised.value.kind, raised.value.message) == (ASSERTION, "CPU0: told so")
