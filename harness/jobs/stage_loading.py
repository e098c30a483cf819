"""Turns the source of a stage into a module: runs or compiles it, and sees that it has the API. To be called in worker processes only.

The code is untrusted, and every load makes a new module, so that no state is carried from one test into the next.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from types import CodeType, ModuleType

from harness.jobs.siblings import admit
from harness.machine.diagnosis import LacksCalled, described
from harness.machine.lacking_api import STAGE_MODULE
from harness.sources.target import Target
from harness.suite.program import SuiteMistake, crash_of_stage, line_of
from harness.suite.registry import suite_named
from harness.suite.stuck import suite_on_watch
from harness.suite.suite import LACKS

MODULE_NAME = STAGE_MODULE
# Less than a stage has to be loaded.
LACKS_CPU_SECONDS, LACKS_REAL_SECONDS = 1.5, 2.0


class NotAStage(Exception):
    """The stage cannot be tested; the message completes "the stage …"."""


class LacksAsked(NotAStage):
    """A program asks for what the stage lacks: it cannot be tested with that one."""


class NeverReturns(Exception):
    """The stage was interrupted in an endless loop of its own; the message is like that of `NotAStage`."""


def load(target: Target, compiled: Callable[[ModuleType], CodeType] | None = None) -> ModuleType:
    """Run the source of `target` as a new module and return it; raise `NotAStage` when it is none. `compiled` is code to run instead."""
    if not suite_named(target.suite).has_stages:
        return ModuleType(MODULE_NAME)
    if target.problem:
        raise NotAStage(target.problem)
    if target.is_c:
        return _load_c(target)
    code = _compile(target.path, target.source)
    module = ModuleType(MODULE_NAME)
    module.__file__ = target.path
    admit(target)
    # Class machinery (dataclasses, typing) looks a module up by name while its body runs.
    sys.modules[MODULE_NAME] = module
    try:
        exec(compiled(module) if compiled else code, module.__dict__)
    except SystemExit as error:
        raise NotAStage(f"exits when it is imported ({_exit_code(error)})") from None
    except BaseException as error:
        raise NotAStage(f"does not import: {describe(error)}") from None
    missing = _lacking(target, module)
    if missing:
        raise NotAStage(f"{LACKS}: {missing}")
    return module


def _lacking(target: Target, module: ModuleType) -> str:
    """What of the API of its suite a module lacks."""
    lacks = suite_named(target.suite).lacks
    try:
        with suite_on_watch(LACKS_CPU_SECONDS, LACKS_REAL_SECONDS):
            missing = lacks(module)
    except BaseException as error:
        violation = crash_of_stage(error)
        unseen = f"does not let anybody see what it has: {describe(error)}"
        raise NotAStage(violation.message if isinstance(violation, LacksCalled) else unseen) from None
    if not isinstance(missing, str):
        raise SuiteMistake(f"{line_of(lacks)}: lacks has to return a text, empty if nothing is missing, and returns {missing!r}")
    return missing


def _load_c(target: Target) -> ModuleType:
    # Who has stages in Python only needs nothing of what it imports.
    from harness.jobs.native_loading import NotNative, load_native

    try:
        module = load_native(target, MODULE_NAME)
    except NotNative as error:
        raise NotAStage(str(error)) from None
    module.__file__ = target.path
    sys.modules[MODULE_NAME] = module
    loaded.in_c = module
    return module


class Loaded:
    """The stage in C that this process has loaded last."""

    in_c: ModuleType | None = None


loaded = Loaded()


def _exit_code(error: SystemExit) -> str:
    return f"exit code {error.code}" if isinstance(error.code, int | str | None) else "with something else than an exit code"


def describe(error: BaseException) -> str:
    """Describe an exception in one line, without addresses."""
    name, detail = described(error)
    return f"{name}: {detail}" if detail else name


@lru_cache(maxsize=16)
def _compile(path: str, source: bytes) -> CodeType:
    """Compile, or raise `NotAStage`; tracebacks name `path`."""
    try:
        return compile(source, path, "exec", dont_inherit=True, optimize=0)
    except SyntaxError as error:
        raise NotAStage(f"is not Python: {error.msg}{f', line {error.lineno}' if error.lineno else ''}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise NotAStage(f"is not Python: {describe(error)}") from None
