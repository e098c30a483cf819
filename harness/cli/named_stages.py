"""The stages that `explore`, `diff` and `perf` name one by one: by numbers, in a series that ships or in a directory, or by files."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace

from harness.cli.native_request import NO_NATIVE, NativeRequest, target_named
from harness.cli.selection import chosen, series_named, ships, stage_number, stages_numbered
from harness.cli.series_source import NO_SOURCE, SourceRequest, sourced
from harness.sources.target import Target


def series_source(name: str, native: NativeRequest) -> SourceRequest:
    """What `--series NAME` says of where the stages are from."""
    return replace(NO_SOURCE, series=name, native=native)


def numbered(name: str, wanted: Sequence[int], native: NativeRequest, suite: str | None) -> list[Target]:
    """The stages with these numbers, all if there are none, in the order of the series; raises `UsageError`."""
    if ships(name):
        return stages_numbered(series_named(name), wanted, native)
    series = sourced(series_source(name, native), suite).series
    return chosen(series.name, series.targets, wanted)


def stage_or_file(name: str, word: str, native: NativeRequest, suite: str | None) -> Target:
    """The stage with that number, or the one in that file; raises `UsageError`."""
    if re.fullmatch("[0-9]+", word):
        return numbered(name, [stage_number(word)], native, suite)[0]
    require_series(name)
    return target_named(word, native)


def suite_of_series(name: str, native: NativeRequest) -> str:
    """The suite that a series is tested with; raises `UsageError`."""
    return series_named(name).suite if ships(name) else sourced(series_source(name, native)).series.suite


def require_series(name: str) -> None:
    """See that there is such a series, also where only files are named; raises `UsageError`."""
    if not os.path.isdir(name):
        suite_of_series(name, NO_NATIVE)
