"""What the tests of the command line share."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

# Runs `harness …`, see the fixture of that name.
Harness = Callable[..., "subprocess.CompletedProcess[str]"]

# Enough to see that a stage keeps a clause, or does not.
QUICK = ("--seeds", "1", "--executions", "500")
