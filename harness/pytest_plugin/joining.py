"""Whether a series takes part in a session of pytest, and which of its tests: by options, by the configuration, and by their names.

What is named on the command line is what is run: files, a series, or tests of it. If nothing is named, the configuration has its say.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from harness.cli.exit_codes import UsageError
from harness.pytest_plugin.asked_series import AskedSeries, Values, asked_series, placed_beside, unknown_of
from harness.pytest_plugin.case_ids import Case, meant
from harness.pytest_plugin.option_rows import FAIL, PARTS, PASSED_ON, SOURCES, UNDECIDED, OptionRow
from harness.pytest_plugin.series_items import SeriesPlugin

# Among the options of pytest, which pytest-xdist hands on to its processes: whether a series takes part, which words name tests of it, and
# whether nothing else is to be run.
DECIDED = "harness_decided"


def join(config: pytest.Config, path: Sequence[str]) -> None:
    """Have the series take part, if it does; raises `pytest.UsageError`."""
    decided = getattr(config.option, DECIDED, None)
    try:
        if decided is None:
            decided = _decided(config)
            setattr(config.option, DECIDED, decided)
        if not decided["takes_part"]:
            return
        asked = asked_series(values_of(config))
        chosen = _chosen(config, asked, decided["words"])
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    if decided["alone"]:
        config.args = []
    where = getattr(config, "workerinput", {}).get("harness_path", path)
    undecided = config.getoption(UNDECIDED.dest) or config.getini(UNDECIDED.dest) or FAIL
    config.pluginmanager.register(SeriesPlugin(config, asked, chosen, undecided, where), SeriesPlugin.NAME)


def _decided(config: pytest.Config) -> dict[str, Any]:
    """Asked once, in the first process: only there is known what was named."""
    named = config.args_source == pytest.Config.ArgsSource.ARGS
    # (What is no file may be a test of the series.)
    words = [word for word in config.args if named and not os.path.lexists(_path_of(config, word))]
    others = [word for word in config.args if named and word not in words]
    about = any(config.getoption(row.dest) for row in (*SOURCES, *PARTS))
    if words and others:
        config.args = others
    return {"takes_part": about or bool(words) or not named, "words": words, "alone": not others and (about or bool(words))}


def _path_of(config: pytest.Config, word: str) -> Path:
    return config.invocation_params.dir / word.partition("::")[0]


def values_of(config: pytest.Config) -> Values:
    """The options, and what the configuration has of those that are not given. Who names a series means none of the configuration's."""
    names_series = any(config.getoption(row.dest) for row in SOURCES)
    values: Values = {}
    for row in PASSED_ON:
        value = config.getoption(row.dest)
        if value is None and not (names_series and row.about_series):
            value = _from_ini(config, row)
        if value is not None:
            values[row.name] = cast("str | list[str] | bool", value)
    if values.get("range") and not names_series:
        # A configuration file speaks of its own repository, wherever pytest is started.
        values.setdefault("repo", str(_directory(config)))
    return values


def _from_ini(config: pytest.Config, row: OptionRow) -> Any:
    value = config.getini(row.dest)
    if isinstance(value, list):
        return [placed_beside(row, word, _directory(config)) for word in value]
    return placed_beside(row, value, _directory(config)) if isinstance(value, str) and value else value


def _directory(config: pytest.Config) -> Path:
    return config.rootpath if config.inipath is None else config.inipath.parent


def _chosen(config: pytest.Config, asked: AskedSeries, words: Sequence[str]) -> Sequence[Case]:
    """The tests that are named, all if there are none; raises `UsageError`."""
    cases = asked.cases
    if not words:
        return cases
    found = {word: meant(word, cases, str(config.invocation_params.dir), str(config.rootpath)) for word in words}
    if unknown := [word for word, them in found.items() if not them]:
        raise UsageError(unknown_of(unknown, cases))
    named = {case for them in found.values() for case in them}
    return [case for case in cases if case in named]
