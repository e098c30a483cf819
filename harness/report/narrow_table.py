"""A table where there is too little room for it: with cells of several lines or, where that is not enough, a paragraph for each row.

Between paragraphs there is a blank line, if any takes more than a line.
No word is broken, so that replay strings can be copied; one that is longer than a line sticks out, alone on its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import wrap

from tabulate import tabulate

from harness.report.looks import PLAIN

# Between two columns; and what tabulate has a column wider than its header.
GAP = 2
PADDING = 2
# A column that is made narrower than that is not readable.
LEAST = 16
BETWEEN = " · "
INDENT = "  "
# A number stays beside its unit; what has words in it does not count as one.
WORD = re.compile(r"[^\W\d]{4}")

Rows = Sequence[Sequence[str]]


def narrow_table(rows: Rows, headers: Sequence[str], align: Sequence[str], room: int) -> str:
    """The table in at most `room` columns, but for words that are longer; `align`: as tabulate wants it."""
    widths = _widths(rows, headers, room)
    if widths is None:
        paragraphs = ["\n".join(_paragraph(headers, row, room)) for row in rows]
        return ("\n\n" if any("\n" in each for each in paragraphs) else "\n").join(paragraphs)
    cells = [list(map(_broken, row, widths)) for row in rows]
    heads = [_broken(head, width - PADDING) for head, width in zip(headers, widths, strict=True)]
    return tabulate(cells, headers=heads, tablefmt=PLAIN, colalign=align, disable_numparse=True)


def _widths(rows: Rows, headers: Sequence[str], room: int) -> list[int] | None:
    """A width for each column, such that all fit and none is too narrow to be read; None if there are no such widths."""
    columns = list(zip(headers, zip(*rows, strict=True), strict=True))
    wanted = [max(len(head) + PADDING, *map(len, cells)) for head, cells in columns]
    needed = [_needed(head, cells) for head, cells in columns]
    left = room - GAP * (len(columns) - 1)
    if sum(needed) > left:
        return None
    widest = max(most for most in range(left + 1) if sum(_at_most(most, needed, wanted)) <= left)
    return _at_most(widest, needed, wanted)


def _needed(head: str, cells: Sequence[str]) -> int:
    """The least that a column takes; its header may be broken wherever a word ends."""
    return max(min(LEAST, max(map(len, cells))), _unbroken(head) + PADDING, *map(_unbroken, cells))


def _at_most(most: int, needed: Sequence[int], wanted: Sequence[int]) -> list[int]:
    return [max(least, min(wide, most)) for least, wide in zip(needed, wanted, strict=True)]


def _unbroken(cell: str) -> int:
    """How wide the longest piece is that stays in one line."""
    return len(cell) if _is_number(cell) else max(map(len, cell.split()), default=0)


def _is_number(cell: str) -> bool:
    return cell[:1].isdigit() and not WORD.search(cell)


def _broken(cell: str, width: int) -> str:
    return "\n".join(wrap(cell, width, break_long_words=False, break_on_hyphens=False))


def _paragraph(headers: Sequence[str], row: Sequence[str], room: int) -> Iterator[str]:
    """As many cells in a line as fit, each with its header; what is longer than a line has lines of its own."""
    line = ""
    for head, cell in zip(headers, row, strict=True):
        if not cell:
            continue
        said = f"{head}: {cell}" if head else cell
        joined = f"{line}{BETWEEN}{said}" if line else said
        if line and len(joined) > room:
            yield line
            joined = INDENT + said
        line = joined
        if len(line) > room:
            *whole, line = wrap(line, room, subsequent_indent=INDENT * 2, break_long_words=False, break_on_hyphens=False)
            yield from whole
    yield line
