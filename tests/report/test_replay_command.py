"""The command that shows an execution again."""

from __future__ import annotations

import shlex

from harness.report.replay_command import replay_command, replay_words


def test_what_a_shell_makes_of_it() -> None:
    """The same words, whatever is in the options."""
    words = replay_words("h2/fixed/0/a/b", ("--range", "main..it's $HOME"))
    assert words == ["harness", "replay", "h2/fixed/0/a/b", "--range", "main..it's $HOME"]
    assert shlex.split(replay_command("h2/fixed/0/a/b", ("--range", "main..it's $HOME"))) == words
