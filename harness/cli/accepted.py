"""Reads the changes of the contract that a user accepts: a TOML file of `[[accepted]]` tables."""

from __future__ import annotations

import tomllib
from pathlib import Path

from harness.cli.exit_codes import UsageError
from harness.sources.accepted_changes import TABLES, accepted_changes
from harness.sources.safe_git import NoSource
from harness.sources.sourced_series import SourcedSeries
from harness.suite.suite import Suite
from harness.suite.whole_numbers import quoted
from stages.api import AcceptedChange


def accepted_in(path: str | None, suite: Suite, series: SourcedSeries | None = None) -> tuple[AcceptedChange, ...]:
    """The changes in the file at `path`, none without a file; raises `UsageError`. Without a series, no patch is unknown."""
    if path is None:
        return ()
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    for key in document:
        if key != TABLES:
            raise UsageError(f"{path}: unknown key {quoted(key)}: only [[{TABLES}]] tables are known")
    name, patches = ("", None) if series is None else (series.name, series.every_stage[1:])
    try:
        return accepted_changes(document.get(TABLES, []), suite, name, patches)
    except NoSource as error:
        raise UsageError(f"{path}: {error}") from None
