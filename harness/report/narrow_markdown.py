"""A document in Markdown where it is read on a terminal that is narrower than its lines: its tables are made to fit, its paragraphs filled.

What stands between fences stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap

from harness.report.looks import PLAIN
from harness.report.table_format import TableFormat
from harness.report.tables import table

FENCE = "```"
# Between cells; within one, a bar has a backslash before it.
BAR = re.compile(r"(?<!\\)\|")
# To a place in the document, where nobody can go.
LINK = re.compile(r"\[([^\]]*)\]\(#[^)]*\)")
# Begins a paragraph of its own.
MARKS = ("> ", "- ", "# ", "## ", "### ")
QUOTE = "> "
ROW = "|"


def narrowed(document: str, room: int) -> str:
    """The document in at most `room` columns, but for words and fenced lines that are longer."""
    blocks = document.split("\n\n")
    return "\n\n".join(_block(block, room) for block in _with_fences_whole(blocks))


def _with_fences_whole(blocks: Sequence[str]) -> Iterator[str]:
    """The same blocks; what stands between fences is one, whatever empty lines it has."""
    open_block: list[str] = []
    for block in blocks:
        open_block.append(block)
        if "\n\n".join(open_block).count(FENCE) % 2 == 0:
            yield "\n\n".join(open_block)
            open_block = []
    if open_block:
        yield "\n\n".join(open_block)


def _block(block: str, room: int) -> str:
    if FENCE in block or all(len(line) <= room for line in block.splitlines()):
        return block
    parts = [
        (_table if row else _prose)(list(lines), room) for row, lines in groupby(block.splitlines(), lambda line: line.startswith(ROW))
    ]
    return "\n".join(parts) + "\n" * block.endswith("\n")


def _table(lines: Sequence[str], room: int) -> str:
    heads, _, *rows = (_cells(line) for line in lines)
    return table(rows, heads, TableFormat(PLAIN, room))


def _cells(line: str) -> list[str]:
    return [LINK.sub(r"\1", cell.strip()).replace("\\|", "|").replace("&lt;", "<") for cell in BAR.split(line)[1:-1]]


def _prose(lines: Sequence[str], room: int) -> str:
    paragraphs: list[str] = []
    for line in lines:
        if paragraphs and not line.startswith(MARKS):
            paragraphs[-1] += f" {line.strip()}"
        else:
            paragraphs.append(line)
    return "\n".join(part for paragraph in paragraphs for part in _filled(paragraph, room))


def _filled(paragraph: str, room: int) -> list[str]:
    mark = next(filter(paragraph.startswith, MARKS), "")
    more = mark if mark == QUOTE else " " * len(mark)
    return wrap(paragraph, room, subsequent_indent=more, break_long_words=False, break_on_hyphens=False)
