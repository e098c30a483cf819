"""Turns a file into a stage: reads it, runs it as a module, sees that it has the API. To be called in worker processes only.

The code is untrusted, and every load makes a new module, so that no state is carried from one test into the next.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType, ModuleType

from harness.suite.registry import suite_named
from harness.suite.suite import Suite
from stages.api import DEFAULT_SUITE, Series

MODULE_NAME = "stage_under_test"
NO_SERIES = "-"


class NotAStage(Exception):
    """The file cannot be tested; the message completes "FILE cannot be tested: it …"."""


class NeverReturns(Exception):
    """The stage was interrupted in an endless loop of its own; the message is like that of `NotAStage`."""


@dataclass(frozen=True)
class Target:
    """A stage to test: its place in the output, and its file."""

    index: int
    title: str
    module: str
    path: str
    # The name of the series; `NO_SERIES` for a file that belongs to none.
    series: str = NO_SERIES
    # The name of the suite to test it with.
    suite: str = DEFAULT_SUITE

    @property
    def label(self) -> str:
        """What tables and messages call it."""
        return self.module if self.module == self.path else f"stage {self.index}"


def targets_of_series(series: Series) -> list[Target]:
    """The targets for all stages of a series."""
    return [Target(stage.index, stage.title, stage.module, str(stage.path), series.name, series.suite) for stage in series.stages]


def target_of_file(path: str, suite: str = DEFAULT_SUITE) -> Target:
    """The target for a module in any file, which need not exist, to be tested with a suite."""
    return Target(0, Path(path).name, path, path, suite=suite)


def target_of_suite(suite: Suite) -> Target:
    """The target for a suite without stages."""
    return Target(0, suite.name, suite.name, suite.name, suite=suite.name)


def load(target: Target) -> ModuleType:
    """Run the file of `target` as a new module and return it; raise `NotAStage` when it is none."""
    if not suite_named(target.suite).has_stages:
        return ModuleType(MODULE_NAME)
    code = _compile(target.path)
    module = ModuleType(MODULE_NAME)
    module.__file__ = target.path
    # Class machinery (dataclasses, typing) looks a module up by name while its body runs.
    sys.modules[MODULE_NAME] = module
    try:
        exec(code, module.__dict__)
    except SystemExit as error:
        raise NotAStage(f"exits when it is imported (exit code {error.code})") from None
    except BaseException as error:
        raise NotAStage(f"does not import: {describe(error)}") from None
    if missing := suite_named(target.suite).lacks(module):
        raise NotAStage(f"lacks the API of a stage: {missing}")
    return module


def describe(error: BaseException) -> str:
    """Describe an exception in one line, without addresses."""
    first = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


@lru_cache(maxsize=16)
def _compile(path: str) -> CodeType:
    """Read and compile `path`, or raise `NotAStage`."""
    try:
        source = Path(path).read_bytes()
    except FileNotFoundError:
        raise NotAStage("is missing") from None
    except IsADirectoryError:
        raise NotAStage("is a directory") from None
    except (OSError, ValueError) as error:
        raise NotAStage(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        return compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise NotAStage(f"is not Python: {error.msg}{f', line {error.lineno}' if error.lineno else ''}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise NotAStage(f"is not Python: {describe(error)}") from None
