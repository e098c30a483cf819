"""Which tests a session has: what is named on the command line, or else what the configuration says."""

from __future__ import annotations

import pytest

from tests.pytest_plugin.made_series import GOOD, Session, counter_series

INI = "[pytest]\nharness_series = s/series\nharness_model = sc\nharness_check = visible nothing-lost\n"


def collected(session: Session, *words: str) -> list[str]:
    """The names of the tests."""
    return [line for line in session(*words, "--collect-only", "-q").outlines if "::" in line and " " not in line]


def test_what_is_named_is_what_is_run(session_here: Session, pytester: pytest.Pytester) -> None:
    """Files leave the series of the configuration out; a series leaves the files out; nothing means both."""
    counter_series(pytester.path / "s", GOOD)
    pytester.makefile(".ini", pytest=INI)
    pytester.makepyfile(test_a="def test_a(): pass", test_b="def test_b(): pass")
    files = ["test_a.py::test_a", "test_b.py::test_b"]
    stages = [
        [f"counter/{stage}::{name}" for name in ("nothing-lost[counter]", "visible[counter]", "across-executions")] for stage in (0, 1)
    ]
    assert collected(session_here) == [*files, *stages[0], *stages[1]]
    assert collected(session_here, "test_a.py") == files[:1]
    assert collected(session_here, "--harness-stage", "1") == stages[1]
    assert collected(session_here, "counter/1::visible[counter]", "test_b.py") == [files[1], stages[1][1]]
    # (Who names a series means none of the configuration's clauses.)
    assert len(collected(session_here, "--harness-series=s/series")) == 8


def test_words_for_choosing(session_here: Session, pytester: pytest.Pytester) -> None:
    """`-k` knows stages and clauses, the marker has arguments; what names nothing is an error."""
    counter_series(pytester.path / "s", GOOD)
    named = ("--harness-series", "s/series")
    assert collected(session_here, *named, "-k", "stage1 and visible") == ["counter/1::visible[counter]"]
    assert collected(session_here, *named, "-m", "harness(clause='no-races', stage=0)") == ["counter/0::no-races[counter]"]
    wrong = session_here(*named, "counter/7")
    assert wrong.ret == pytest.ExitCode.USAGE_ERROR
    assert wrong.errlines[0] == "ERROR: neither a file nor a test of the series is called counter/7: its stages are counter/0, counter/1"
