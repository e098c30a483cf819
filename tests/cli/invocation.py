"""What the tests of the command line share."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

# Runs `harness …`, see the fixture of that name.
Harness = Callable[..., "subprocess.CompletedProcess[str]"]

# Appended to a stage: not every execution does the same, and what that depends on is not the stage's own.
WAVERING = """
import sys
schedule = TaskletSubsystem.tasklet_schedule
def waver(self, t):
    sys.turns = getattr(sys, 'turns', 0) + 1
    if sys.turns % 2:
        t.is_softirq = t.is_softirq
    schedule(self, t)
TaskletSubsystem.tasklet_schedule = waver
"""

# Enough to see that a stage keeps a clause, or does not.
QUICK = ("--seeds", "1", "--executions", "500")
