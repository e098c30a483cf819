"""What pytest loads: options, configuration, markers and the fixture. Whatever does more is imported when somebody asks for it.

So nothing of the harness is imported that coverage could miss, nor anything that takes long, in a session which has no use for it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from harness.isolation import without_here
from harness.pytest_plugin.option_rows import (
    FAIL,
    FLAG,
    IN_MARKER,
    MANY,
    PASSED_ON,
    REMARK,
    REPLAY,
    SKIP,
    SOURCES,
    TEXT,
    UNDECIDED,
    WORDS,
    OptionRow,
)

# Where modules come from before pytest puts the directories of tests there.
PATH = without_here()
MARKERS = (
    "harness(series, stage, clause, kind, model): a test of a series, by the options --harness-…",
    "interleavings(model, cpus=2, …): execute this function's program under every interleaving, for each model; see docs/pytest.md",
)

_ARGPARSE: dict[str, dict[str, Any]] = {
    TEXT: {},
    MANY: {"action": "append"},
    WORDS: {"nargs": "+", "action": "extend"},
    FLAG: {"action": "store_true"},
}
_INI = {TEXT: "string", MANY: "args", WORDS: "args", FLAG: "bool"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Each option may stand in the configuration of pytest as well, by the same name."""
    group = parser.getgroup("harness", "series of patches (docs/pytest.md)")
    for row in (*PASSED_ON, UNDECIDED):
        how = dict(_ARGPARSE[row.form])
        if row.form != FLAG:
            how["metavar"] = row.metavar
        group.addoption(row.option, dest=row.dest, default=None, help=row.text, **how)
        parser.addini(row.dest, f"as {row.option}", type=_INI[row.form], default=None)  # type: ignore[arg-type]
    group.addoption(REPLAY.option, dest=REPLAY.dest, default=None, metavar=REPLAY.metavar, help=REPLAY.text)


def pytest_configure(config: pytest.Config) -> None:
    """Take part if a series is named."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if config.getoption(UNDECIDED.dest) not in (None, FAIL, SKIP):
        raise pytest.UsageError(f"{UNDECIDED.option}: {config.getoption(UNDECIDED.dest)!r} is none of {FAIL} and {SKIP}")
    if config.getoption(REPLAY.dest) is not None:
        _configure_replay(config)
    elif any(_from_line(config, row) for row in SOURCES) or any(config.getini(row.dest) for row in SOURCES):
        _configure_series(config)
    elif given := next((row for row in PASSED_ON if _from_line(config, row)), None):
        sources = " or ".join(row.option for row in SOURCES)
        own = f"; a marked function has {given.name}= in its marker" if given.name in IN_MARKER else ""
        raise pytest.UsageError(f"{given.option} is about a series: name one with {sources}, or in the configuration of pytest{own}")


def _from_line(config: pytest.Config, row: OptionRow) -> Any:
    return config.getoption(row.dest)


def _configure_series(config: pytest.Config) -> None:
    from harness.pytest_plugin.joining import join

    join(config, PATH)


def _configure_replay(config: pytest.Config) -> None:
    from harness.pytest_plugin.replayed_test import ReplayPlugin

    config.pluginmanager.register(ReplayPlugin(config, config.getoption(REPLAY.dest)), ReplayPlugin.NAME)


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A marked function is a test for each of several memory models; the model is the last part of the test's name."""
    marker = metafunc.definition.get_closest_marker("interleavings")
    model = None if marker is None else marker.kwargs.get("model")
    if marker is None or model is None or (isinstance(model, str) and model != "all") or "machine" not in metafunc.fixturenames:
        return
    from harness.pytest_plugin.marked_models import make_tests

    make_tests(metafunc, marker)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A marked function is executed once for each interleaving."""
    if pyfuncitem.get_closest_marker("interleavings") is None:
        return None
    from harness.pytest_plugin.interleavings import run_interleavings

    run_interleavings(pyfuncitem)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where failures are listed, one line of what a marked function has shown is enough, also where pytest does not cut lines off."""
    report = yield
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None and item.get_closest_marker("interleavings") is not None:
        crash.message = crash.message.partition("\n")[0]
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what of a function was not executed, although its test passes."""
    for report in terminalreporter.getreports("passed"):
        for name, text in getattr(report, "user_properties", ()):
            if name == REMARK:
                terminalreporter.write_line(f"harness: {report.nodeid}: {text}")


@pytest.fixture
def machine(request: pytest.FixtureRequest) -> Any:
    """A machine with a few CPUs, made anew for each execution of a test that is marked `interleavings` (docs/pytest.md)."""
    if request.node.get_closest_marker("interleavings") is None:
        pytest.fail("the fixture `machine` is for tests that are marked with @pytest.mark.interleavings", pytrace=False)
    from harness.pytest_plugin.interleavings import NotYet

    return NotYet()
