"""Has one execution of one test function executed again, by its replay string, and nothing else.

The string has the path of the test's file from the rootdir of pytest, as the names of tests do.
"""

from __future__ import annotations

import hashlib
import os
import shlex

import pytest

from harness.pytest_plugin.option_rows import REPLAY
from harness.search.replay_string import Replay, ReplayError, decode, source_mark

# What stands in place of a series.
SERIES = "pytest"


class ReplayPlugin:
    """Raises `pytest.UsageError` for a string that is none, or is about a stage, or about a file that is not there."""

    NAME = "harness-replay"

    def __init__(self, config: pytest.Config, string: str) -> None:
        try:
            self.replay: Replay = decode(string)
        except ReplayError as error:
            raise pytest.UsageError(f"{REPLAY.option}: {error}") from None
        if self.replay.series != SERIES:
            raise pytest.UsageError(f"{REPLAY.option}: the string is about a stage of a series: harness replay {string}")
        if not (config.rootpath / self.replay.clause).exists():
            where = f"no file {self.replay.clause} is below rootdir {config.rootpath}"
            raise pytest.UsageError(f"{REPLAY.option}: {where}; go where the string is from, or name that directory with --rootdir DIR")
        config.args = [str(config.rootpath / f"{self.replay.clause}::{self.replay.program}")]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            if item.get_closest_marker("interleavings") is None:
                raise pytest.UsageError(f"{REPLAY.option}: {item.nodeid} is not marked with @pytest.mark.interleavings any more")

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> list[str]:
        """What to know before anything else about an execution that may not be what was recorded."""
        other = any(source_mark(hashlib.sha256(item.path.read_bytes()).hexdigest()) != self.replay.source for item in items)
        return [f"harness: recorded when {self.replay.clause} had another content: it may be another execution now"] * other


def replaying_command(config: pytest.Config, string: str) -> str:
    """What to paste where pytest was started: with the same rootdir, and the same configuration, which it may not find without files."""
    here, found = config.invocation_params.dir, config.inipath
    around = (here, *here.parents)
    is_found = found is not None and found.parent == config.rootpath and config.rootpath in around
    words = [] if is_found or config.rootpath == here else ["--rootdir", os.path.relpath(config.rootpath, here)]
    if found is not None and found.parent not in around:
        words += ["-c", os.path.relpath(found, here)]
    return shlex.join(["pytest", *words, REPLAY.option, string])
