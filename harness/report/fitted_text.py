"""Text with lines that fit where it is shown. Commands and replay strings are never broken: one that is too long has a line of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap

from harness.report.table_format import room_of

INDENT = "  "
# A command ends with its line.
COMMAND = re.compile(r"(?P<before>.*?)(?P<command>harness replay \S.*)")


def fitted(text: str, tablefmt: str) -> str:
    """The text as it is, or in as many columns as there are for `tablefmt`: what follows of a line that is too long is indented."""
    room = room_of(tablefmt)
    return text if room is None else "\n".join(part for line in text.split("\n") for part in _fitted(line, room))


def _fitted(line: str, room: int) -> Iterator[str]:
    said = line.lstrip()
    if len(line) <= room or " " not in said:
        yield line
        return
    first = " " * (len(line) - len(said))
    found = COMMAND.fullmatch(said)
    sentence = said if found is None else found["before"]
    yield from wrap(sentence, room, initial_indent=first, subsequent_indent=first + INDENT, break_long_words=False, break_on_hyphens=False)
    if found is not None:
        yield first + INDENT + found["command"]
