"""Exit codes, and the error that ends a command with one line."""

from __future__ import annotations

GOOD = 0
BAD = 1
USAGE = 2
# `git bisect run` skips a commit on 125, and stops on 128 and above.
UNTESTABLE = 125
CHECK_USAGE = 128
INTERRUPTED = 130
# As a shell says of a program whose reader has gone.
NO_READER = 141


class UsageError(Exception):
    """Wrong usage or input; the message is one line that says what is wrong and what to do."""


class HarnessFault(Exception):
    """The harness itself failed; no verdict can be given."""
