"""`--harness-replay` where the string is from, and elsewhere."""

from __future__ import annotations

import re
import shlex

import pytest

from harness.search.replay_string import Replay, encode
from tests.pytest_plugin.made_series import Session

TEST = """
import pytest

@pytest.mark.interleavings
def test_fails(machine):
    count = machine.word("count")
    for cpu in range(2):
        machine.cpu(cpu, lambda: count.write(count.read() + 1))
    machine.run()
    assert count.value == 2
"""


def printed(result: pytest.RunResult) -> str:
    """The command that shows the execution again."""
    (command,) = set(re.findall(r"^pytest .*--harness-replay .+$", result.stdout.str(), re.MULTILINE))
    assert isinstance(command, str)
    return command


@pytest.mark.parametrize(
    ("configured", "given", "words"),
    [
        # Each is a file with a configuration, what pytest is told, and what is between `pytest` and the string.
        ("inner/pytest.ini", (), "--rootdir inner -c inner/pytest.ini "),
        ("", ("--rootdir", "inner"), "--rootdir inner "),
    ],
)
def test_what_is_printed_can_be_pasted(
    session: Session, pytester: pytest.Pytester, configured: str, given: tuple[str, ...], words: str
) -> None:
    """In the directory where pytest was started, though the command names no file: rootdir is the same, and so is the configuration."""
    (pytester.mkdir("inner") / "test_it.py").write_text(TEST)
    if configured:
        (pytester.path / configured).write_text("[pytest]\naddopts = -rA\n")
    command = printed(session(*given, "inner/test_it.py"))
    assert command.startswith(f"pytest {words}--harness-replay h2/pytest/")
    again = session(*shlex.split(command)[1:])
    again.assert_outcomes(failed=1)
    assert "another content" not in again.stdout.str()
    assert printed(again) == command


def test_elsewhere(session_here: Session, pytester: pytest.Pytester) -> None:
    """No file is there: that is said, and not that it has another content."""
    pytester.mkdir("inner")
    string = encode(Replay("pytest", 0, "inner/test_it.py", "test", "test_fails", max_steps=5000, source="12ab"))
    result = session_here("--rootdir", "inner", "--harness-replay", string)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = f"no file inner/test_it.py is below rootdir {pytester.path / 'inner'}; go where the string is from, or name that directory"
    assert f"ERROR: --harness-replay: {said} with --rootdir DIR" in result.stderr.str()
    assert "another content" not in result.stdout.str()
