"""What reports say of a run that somebody has interrupted: what it lacks is not there, and nothing is made up for it."""

from __future__ import annotations

from typing import Final

TITLE: Final = "the run was interrupted"
# Of one in which not everything was tested.
TESTS_LACKING: Final = f"{TITLE}: the tests that it lacks were not run"
# Of one in which everything was tested, and not everything that is to be shown was executed again.
EXECUTIONS_LACKING: Final = f"{TITLE} when everything was tested: the executions that it lacks were not looked at"
# Of a failure whose execution was to show a line.
NO_LINE: Final = f"(at no line: {TITLE} before the execution was looked at)"
