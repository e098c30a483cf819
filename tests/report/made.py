"""What the tests of the reports share."""

from __future__ import annotations

from collections.abc import Callable

from harness.results import StageResult

# Makes the results of a stage, see the fixture `stage`.
MakeStage = Callable[..., StageResult]
