"""Text that fits into a mail: paragraphs, commands that a shell reads as they were, and an execution, one operation a line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import fill, wrap

from harness.report.folding import folded
from harness.search.counterexample import Counterexample, CounterexampleRow

WIDTH = 76
INDENT = "  "
# Of what one process does without a break, so many operations are shown at its beginning and at its end: the most that fit.
ENDS = range(24, 1, -1)
# So many lines of an execution are enough for a mail.
MOST_LINES = 48


def paragraph(text: str, indent: str = "", more: str = "") -> str:
    """Lines of one paragraph, those after the first one indented by `more`; a word that is too long is broken."""
    return fill(" ".join(text.split()), WIDTH, initial_indent=indent, subsequent_indent=indent + more, break_on_hyphens=False)


def shell_command(words: Sequence[str]) -> str:
    """A command over as many lines as it needs, to be pasted into a shell: a backslash at the end of a line goes on with the next one."""
    lines = [""]
    for at, word in enumerate(words):
        # What follows needs a space and a backslash.
        room = WIDTH - 2 * (at < len(words) - 1)
        quoted = shlex.quote(word)
        if lines[-1] and len(lines[-1]) + 1 + len(quoted) > room:
            lines[-1] += " \\"
            lines.append("")
        first, *others = [quoted] if len(quoted) <= room else _pieces(word)
        lines[-1] += f"{' ' * bool(lines[-1])}{first}"
        for piece in others:
            lines[-1] += "\\"
            lines.append(piece)
    return "\n".join(lines)


def _pieces(word: str) -> Iterator[str]:
    """A long word in pieces, each of which is quoted by itself; it is broken behind a slash or a comma, if there is one far enough."""
    while word:
        size = next(size for size in range(len(word), 0, -1) if len(shlex.quote(word[:size])) <= WIDTH - 2)
        good = 1 + max(word.rfind(sign, size // 2, size) for sign in "/,")
        size = good if good and size < len(word) else size
        yield shlex.quote(word[:size])
        word = word[size:]


def interleaving(found: Counterexample) -> str:
    """An execution, process by process, in the order in which things happen; what one does without a break is shown in part.

    The choices that are not the natural ones keep their stars, and all of them are shown unless the whole is too long.
    """
    every = [_lines(found, ends) for ends in ENDS]
    lines = next((lines for lines in every if len(lines) <= MOST_LINES), every[-1])
    if len(lines) > MOST_LINES:
        first, last = MOST_LINES * 2 // 3, MOST_LINES - MOST_LINES * 2 // 3
        lines[first:-last] = [f"{INDENT}… {len(lines) - MOST_LINES} lines are left out; `harness replay` has them"]
    return "\n".join(lines)


def _lines(found: Counterexample, ends: int) -> list[str]:
    names = dict(found.columns)
    lines: list[str] = []
    for pid, rows in groupby(_unrepeated(found.rows), key=lambda row: row.pid):
        heading = [f"{INDENT}{names[pid]}:"] if pid in names else []
        lines += heading + _shown(list(rows), ends)
    return lines


# Who does what is only a remark.
NOBODY = -1
FUNCTION = re.compile(r" \([^()]*\)$")


def _unrepeated(rows: tuple[CounterexampleRow, ...]) -> list[CounterexampleRow]:
    """What goes round in circles at the end, once."""
    fold = folded(rows)
    if fold is None:
        return list(rows)
    remark = CounterexampleRow(NOBODY, f"… {fold.sentence}", deviation=False)
    return [*rows[: fold.start + fold.length], remark, *rows[fold.rest :]]


def _shown(rows: Sequence[CounterexampleRow], ends: int) -> list[str]:
    """The first and the last ones, and all with a star; of the others how many they are."""
    lines: list[str] = []
    hidden = 0
    for at, row in enumerate(rows):
        # One line for one operation is nothing saved.
        if len(rows) <= 2 * ends + 1 or at < ends or at >= len(rows) - ends or row.deviation:
            lines += [_left_out(hidden)] * bool(hidden) + _operation(row)
            hidden = 0
        else:
            hidden += 1
    return lines


def _left_out(count: int) -> str:
    return f"{INDENT * 2}… {count} operation{'s' * (count != 1)}"


def _operation(row: CounterexampleRow) -> list[str]:
    """The operation with its line; the function, which stands in brackets behind that, only where there is room."""
    star = "* " if row.deviation else INDENT
    text = row.text if len(row.text) + 2 * len(INDENT) <= WIDTH else FUNCTION.sub("", row.text)
    return wrap(text, WIDTH, initial_indent=INDENT + star, subsequent_indent=INDENT * 4, break_on_hyphens=False)
