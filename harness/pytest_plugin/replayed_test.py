"""Has one execution of one test function executed again, by its replay string, and nothing else."""

from __future__ import annotations

import hashlib

import pytest

from harness.pytest_plugin.option_rows import REPLAY
from harness.search.replay_string import Replay, ReplayError, decode, source_mark

# What stands in place of a series.
SERIES = "pytest"


class ReplayPlugin:
    """Raises `pytest.UsageError` for a string that is none, or is about a stage."""

    NAME = "harness-replay"

    def __init__(self, config: pytest.Config, string: str) -> None:
        try:
            self.replay: Replay = decode(string)
        except ReplayError as error:
            raise pytest.UsageError(f"{REPLAY.option}: {error}") from None
        if self.replay.series != SERIES:
            raise pytest.UsageError(f"{REPLAY.option}: the string is about a stage of a series: harness replay {string}")
        config.args = [str(config.rootpath / f"{self.replay.clause}::{self.replay.program}")]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            if item.get_closest_marker("interleavings") is None:
                raise pytest.UsageError(f"{REPLAY.option}: {item.nodeid} is not marked with @pytest.mark.interleavings any more")

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> list[str]:
        """What to know before anything else about an execution that may not be what was recorded."""
        marks = {source_mark(hashlib.sha256(item.path.read_bytes()).hexdigest()) for item in items}
        other = marks != {self.replay.source}
        return [f"harness: recorded when {self.replay.clause} had another content: it may be another execution now"] * other
