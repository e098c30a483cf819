"""Runs a test function that is marked `interleavings`: once for each interleaving, in a process of its own, and says what came of it."""

from __future__ import annotations

import hashlib
import inspect
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pytest

from harness.pytest_plugin.forked import Broken, Lost, forked
from harness.pytest_plugin.function_machine import KIND
from harness.pytest_plugin.function_search import ESCAPES, HOLDS, OPEN, UNSOUND, FunctionResult, FunctionSearch, Wanted
from harness.pytest_plugin.marked_models import FIXTURE, MARKER, MODEL, Misused, model_of
from harness.pytest_plugin.option_rows import REACHED, REMARK
from harness.pytest_plugin.replayed_test import SERIES, ReplayPlugin, replaying_command
from harness.report.looks import NARROW, Looks
from harness.search.replay_string import Replay, encode, source_mark
from harness.verify.verdicts import Failure

ROOT = Path(__file__).parents[2]
MOST_CPUS = 4
MOST = 10**9


class NotYet:
    """Stands for the machine where there is none: fixtures run once, and a machine is made for each execution."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"there is a machine only while the test function runs: use machine.{name} there, and not in a fixture")


def run_interleavings(item: pytest.Function) -> None:
    """Pass, fail or skip, as the executions of the function say."""
    result = _result(item)
    item.user_properties += [(name, text) for name, text in ((REACHED, result.reached), (REMARK, result.remark)) if text]
    if result.outcome == ESCAPES:
        (pytest.xfail if result.escaped == pytest.xfail.Exception.__name__ else pytest.skip)(result.reason)
    if result.outcome != HOLDS:
        pytest.fail("\n\n".join(_parts(item, result)), pytrace=False)


def wanted_of(item: pytest.Function) -> Wanted:
    """The arguments of the marker; raises `Misused`."""
    marker = item.get_closest_marker(MARKER)
    assert marker is not None
    known = [field.name for field in fields(Wanted)]
    given = dict(marker.kwargs)
    if marker.args or (unknown := [name for name in given if name not in known]):
        wrong = f"does not know {unknown[0]!r}" if not marker.args else "takes no arguments without a name"
        raise Misused(f"@pytest.mark.{MARKER} {wrong}: it takes {', '.join(known)}")
    for name, (least, most) in {"cpus": (1, MOST_CPUS), "executions": (1, MOST), "preemptions": (0, 100), "steps": (1, MOST)}.items():
        value = given.get(name, least)
        if type(value) is not int or not least <= value <= most:
            raise Misused(f"@pytest.mark.{MARKER}: {name}={value!r} is no whole number from {least} to {most}")
    if FIXTURE not in item.fixturenames:
        raise Misused(f"a test that is marked with @pytest.mark.{MARKER} takes the fixture `{FIXTURE}`, on which it builds its program")
    if inspect.iscoroutinefunction(item.obj):
        raise Misused(f"a coroutine cannot be marked with @pytest.mark.{MARKER}")
    return Wanted(**{**given, MODEL: model_of(item, marker)})


def _result(item: pytest.Function) -> FunctionResult:
    """What became of it, also where it became nothing."""
    try:
        return _executed(item, wanted_of(item))
    except Misused as error:
        return FunctionResult(UNSOUND, str(error))
    except Lost as error:
        return FunctionResult(UNSOUND, f"the test {error}")
    except Broken as error:
        return FunctionResult(UNSOUND, f"internal error, please report it:\n{error}")


def _executed(item: pytest.Function, wanted: Wanted) -> FunctionResult:
    arguments = {name: item.funcargs[name] for name in inspect.signature(item.obj).parameters if name in item.funcargs}

    def function(machine: Any) -> None:
        item.obj(**{**arguments, FIXTURE: machine})

    search = FunctionSearch(item.name, function, item.module, wanted, partial(_as_pytest_shows, item))
    replaying = item.config.pluginmanager.get_plugin(ReplayPlugin.NAME)
    looks = Looks(max(item.config.get_terminal_writer().fullwidth, NARROW))
    work = partial(search.searched, looks) if replaying is None else partial(search.replayed, replaying.replay, looks)
    result = forked(work)
    assert isinstance(result, FunctionResult)
    return result


def _as_pytest_shows(item: pytest.Function, error: BaseException) -> str:
    """An exception with the lines of the test, and without those of the machine."""
    found = pytest.ExceptionInfo.from_exception(error)
    own = found.traceback.filter(lambda entry: not Path(entry.path).is_relative_to(ROOT / "harness"))
    if own:
        found.traceback = own
    text = str(found.getrepr(style="long", abspath=False))
    # (Of the first line, the blanks are stripped.)
    return text if text.startswith((">", "E")) else f"    {text}"


def _parts(item: pytest.Function, result: FunctionResult) -> list[str]:
    """What is shown of a test that does not pass, in paragraphs."""
    parts = [result.reason, result.raised, result.execution.rstrip("\n"), f"({result.reached})" if result.reached else ""]
    if result.failure is not None and result.failure.engine:
        parts.append(replaying_command(item.config, replay_of(item, result.failure)))
    if result.outcome in (OPEN, UNSOUND):
        parts[1:3] = []
    return [part for part in parts if part]


def replay_of(item: pytest.Function, failure: Failure) -> str:
    """The replay string of an execution: its clause is the file of the test, and its program the rest of the test's name."""
    file, _, name = item.nodeid.partition("::")
    mark = source_mark(hashlib.sha256(item.path.read_bytes()).hexdigest())
    how = (failure.engine, failure.seed, dict(failure.deviations), failure.steps)
    return encode(Replay(SERIES, 0, file, KIND, name, *how, source=mark, model=failure.model))
