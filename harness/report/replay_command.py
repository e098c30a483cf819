"""The command that shows an execution again, for whoever reads of it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

# Stands for a replay string of the table above.
STRING = "STRING"


def replay_words(replay: str, source: Sequence[str]) -> list[str]:
    """Its words; `source`: options that name the series."""
    return ["harness", "replay", replay, *source]


def replay_command(replay: str, source: Sequence[str]) -> str:
    """The same in one line, to be pasted into a shell."""
    return shlex.join(replay_words(replay, source))


def replay_hint(source: Sequence[str]) -> str:
    """What to say below a table of replay strings: a line that is whole but for the string."""
    return f"to see one again: {replay_command(STRING, source)}"
