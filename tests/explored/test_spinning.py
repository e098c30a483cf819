"""Loops that wait without `cpu_relax`: correct stages with such loops are good, and nobody takes long to see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.verify.verdicts import FAIL, PASS
from tests.explored.test_turns import NEVER_ENDS, judged

WITHOUT_RELAX = {
    0: ("global", (("            hv.cpu_relax()\n            flags", "            flags"),)),
    5: ("percpu", (("            hv.cpu_relax()\n            state", "            state"),)),
}


@pytest.mark.parametrize("stage", WITHOUT_RELAX)
def test_a_kill_that_never_relaxes_is_judged_as_any_other(stage: int, tmp_path: Path) -> None:
    """It is good, although the program waits for it to wait; and bad where it waits for ever."""
    loop, edits = WITHOUT_RELAX[stage]
    for result in judged(tmp_path, "never relaxes", stage, edits):
        assert (result.verdict, result.failure, result.complete) == (PASS, None, True)
    for result in judged(tmp_path, "never relaxes for ever", stage, edits + NEVER_ENDS[loop]):
        assert result.verdict == FAIL
