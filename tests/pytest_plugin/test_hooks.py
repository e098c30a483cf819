"""What every pytest loads: it is light, it is declared, and without an option it does nothing."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.pytest_plugin.made_series import HOOKS, Session

ROOT = Path(__file__).parents[2]
LOADED = f"import sys; import {HOOKS}; print(*sorted(name for name in sys.modules if name.partition('.')[0] in {{'harness', 'stages'}}))"


def test_loading_it_loads_nothing_else() -> None:
    """Neither the engines, nor git, nor anything that coverage should see."""
    done = subprocess.run(
        [sys.executable, "-c", f"{LOADED}; assert not {{'greenlet', 'git'}} & set(sys.modules)"], capture_output=True, check=True, cwd=ROOT
    )
    parts = ["harness", "harness.isolation", "harness.pytest_plugin", HOOKS, "harness.pytest_plugin.option_rows"]
    assert done.stdout.decode().split() == parts


def test_the_entry_point_is_declared() -> None:
    """So pytest finds the plug-in wherever the harness is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"harness": HOOKS}


def test_without_options_it_does_nothing(session: Session, pytester: pytest.Pytester) -> None:
    """A session with strict markers and strict configuration has its own tests, and the markers are registered."""
    pytester.makepyfile("import pytest\n@pytest.mark.harness\ndef test_a(): assert 'greenlet' not in __import__('sys').modules")
    result = session("--strict-markers", "--strict-config", "-W", "error")
    result.assert_outcomes(passed=1)
    assert not [line for line in result.outlines if line.startswith("harness")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--harness-series", "nobody"), "unknown series 'nobody'"),
        (("--harness-stage", "1"), "--harness-stage is about a series: name one with --harness-series or"),
        (("--harness-model", "arm"), ", or in the configuration of pytest; a marked function has model= in its marker"),
        (("--harness-undecided", "x"), "--harness-undecided: 'x' is none of fail and skip"),
        (("--harness-replay", "h2/x"), "--harness-replay: a replay string has 9 parts"),
    ],
)
@pytest.mark.usefixtures("alone")
def test_bad_input_is_one_line(pytester: pytest.Pytester, words: tuple[str, ...], said: str) -> None:
    """It is pytest's own kind of error: nothing is collected."""
    config = pytester.parseconfig("-p", HOOKS, *words)
    with pytest.raises(pytest.UsageError) as caught:
        config._do_configure()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
