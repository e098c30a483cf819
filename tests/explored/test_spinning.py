"""Loops that wait without `cpu_relax`: correct stages with such loops are good, and nobody takes long to see it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.verify.verdicts import FAIL, PASS
from tests.explored.test_turns import NEVER_ENDS, judged

Loops = Mapping[int, tuple[str, tuple[tuple[str, str], ...]]]

WITHOUT_RELAX: Loops = {
    0: ("global", (("            hv.cpu_relax()\n            flags", "            flags"),)),
    5: ("percpu", (("            hv.cpu_relax()\n            state", "            state"),)),
}

UNLOCK, RELAX, LOCK = (
    "            hv.spin_unlock_irqrestore(self.tasklet_lock, flags)\n",
    "            hv.cpu_relax()\n",
    "            flags = hv.spin_lock_irqsave(self.tasklet_lock)\n",
)
WHILE_RUN, READ = "        while state & RUN:\n", "            state = t.state.read()\n"
# The same, and nothing can interrupt it: at stage 0 the lock is released in each turn, as before, but interrupts stay off.
INTERRUPTS_OFF: Loops = {
    0: (
        "global",
        ((UNLOCK + RELAX + LOCK, "            hv.spin_unlock(self.tasklet_lock)\n            hv.spin_lock(self.tasklet_lock)\n"),),
    ),
    5: (
        "percpu",
        ((WHILE_RUN + RELAX + READ, f"        flags = hv.local_irq_save()\n{WHILE_RUN}{READ}        hv.local_irq_restore(flags)\n"),),
    ),
}


@pytest.mark.parametrize("loops", [WITHOUT_RELAX, INTERRUPTS_OFF], ids=["interruptible", "with interrupts off"])
@pytest.mark.parametrize("stage", WITHOUT_RELAX)
def test_a_kill_that_never_relaxes_is_judged_as_any_other(stage: int, loops: Loops, tmp_path: Path) -> None:
    """It is good, although the program waits for it to wait; and bad where it waits for ever."""
    loop, edits = loops[stage]
    for result in judged(tmp_path, "never relaxes", stage, edits):
        assert (result.verdict, result.failure, result.complete) == (PASS, None, True)
    for result in judged(tmp_path, "never relaxes for ever", stage, edits + NEVER_ENDS[loop]):
        assert result.verdict == FAIL
