"""The command that shows an execution again, for whoever reads of it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence


def replay_words(replay: str, source: Sequence[str]) -> list[str]:
    """Its words; `source`: options that name the series."""
    return ["harness", "replay", replay, *source]


def replay_command(replay: str, source: Sequence[str]) -> str:
    """The same in one line, to be pasted into a shell."""
    return shlex.join(replay_words(replay, source))
