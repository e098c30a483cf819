"""Text that fits into a mail: paragraphs, and commands that a shell reads as they were."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from textwrap import fill

WIDTH = 76
INDENT = "  "


def paragraph(text: str, indent: str = "", more: str = "") -> str:
    """Lines of one paragraph, those after the first one indented by `more`; a word that is too long is broken."""
    return fill(" ".join(text.split()), WIDTH, initial_indent=indent, subsequent_indent=indent + more, break_on_hyphens=False)


def shell_command(words: Sequence[str]) -> str:
    """A command over as many lines as it needs, to be pasted into a shell: a backslash at the end of a line goes on with the next one.

    No word is ever broken, and an option stands in one line with what it is given, so a line may be longer than others in a mail.
    """
    lines: list[str] = []
    parts = [shlex.join(part) for part in _parts(words)]
    for at, part in enumerate(parts):
        # What follows needs a space and a backslash.
        room = WIDTH - 2 * (at < len(parts) - 1)
        if lines and len(lines[-1]) + 1 + len(part) <= room:
            lines[-1] += f" {part}"
        else:
            lines.append(INDENT * bool(lines) + part)
    return " \\\n".join(lines)


def _parts(words: Sequence[str]) -> Iterator[list[str]]:
    """The words, options together with the words behind them."""
    part: list[str] = []
    for word in words:
        if part and (word.startswith("-") or not part[0].startswith("-")):
            yield part
            part = []
        part.append(word)
    if part:
        yield part
