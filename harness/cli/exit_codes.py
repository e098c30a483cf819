"""Exit codes, and the errors that end a command with one line."""

from __future__ import annotations

GOOD = 0
# A violation was found, or what was compared differs. It wins over `UNDECIDED`.
BAD = 1
USAGE = 2
# No violation was found, but something has no verdict: a search was cut off, or a stage could not be tested or measured.
UNDECIDED = 3
# Of `harness bisect`: one patch is the culprit; it is one of several patches; nobody is accused.
FOUND = GOOD
SEVERAL = BAD
NOT_FOUND = UNDECIDED
# `git bisect run` skips a commit on 125, and stops on 128 and above.
CANNOT_TEST = 125
CHECK_USAGE = 128
INTERRUPTED = 130
# As a shell says of a program whose reader has gone.
NO_READER = 141


class UsageError(Exception):
    """Wrong usage or input; the message is one line that says what is wrong and what to do."""


class HarnessFault(Exception):
    """The harness itself failed; no verdict can be given."""
