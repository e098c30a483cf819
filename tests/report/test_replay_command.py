"""The command that shows an execution again."""

from __future__ import annotations

import shlex

from harness.report.replay_command import replay_command, replay_hint, replay_words


def test_what_a_shell_makes_of_it() -> None:
    """The same words, whatever is in the options."""
    words = replay_words("h2/fixed/0/a/b", ("--range", "main..it's $HOME"))
    assert words == ["harness", "replay", "h2/fixed/0/a/b", "--range", "main..it's $HOME"]
    assert shlex.split(replay_command("h2/fixed/0/a/b", ("--range", "main..it's $HOME"))) == words


def test_below_a_table() -> None:
    """All but the string is there, also where nothing has to be said besides."""
    assert (
        replay_hint(("--range", "a..b", "--file", "the file")) == "to see one again: harness replay STRING --range a..b --file 'the file'"
    )
    assert replay_hint(()) == "to see one again: harness replay STRING"
