"""What is wrong with a litmus file, and on which line; the messages do not know the file's name."""

from __future__ import annotations


class LitmusError(Exception):
    """A file that cannot be run; the message is one line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class NotSupported(LitmusError):
    """A file that may be right, and that has something which is not understood here."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(line, f"not supported: {what}")
