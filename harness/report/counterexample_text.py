"""An execution as text for people: what it is one of, the words used, what happens in plain words, every operation, and what is wrong.

One text for the terminal and for whatever else shows one: without colours, the same bytes for the same `Looks`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import wrap

from tabulate import tabulate

from harness.report.explanation import explanation
from harness.report.looks import EVERYWHERE, PLAIN, Looks, Paint
from harness.report.one_column import one_column
from harness.report.shown_rows import Note, Shown, ShownRow, shown_rows
from harness.report.words_used import legend, star_of
from harness.search.counterexample import Counterexample, Heading

# Paragraphs are no wider than that where nobody says how wide a line may be.
PARAGRAPH = 120
# What shows how deep a row is nested.
NEST = "│ "


def counterexample_text(found: Counterexample, looks: Looks = EVERYWHERE) -> str:
    """The whole text, with a final newline; no line is wider than `looks.width`, where a table of another format is not asked for."""
    paint = Paint(looks.colour)
    width = looks.width or PARAGRAPH
    rows = shown_rows(found, looks.everything, looks.most)
    operations = [shown for shown in rows if isinstance(shown, ShownRow)]
    parts = [_heading(found, found.heading, width, paint)] if found.heading else []
    words = "; ".join(legend(operations, star_of(found)))
    parts.append([paint.faint(line) for line in _wrapped(words, width)])
    parts.append(_wrapped(explanation(found), width))
    parts.append(_operations(found, rows, looks, paint))
    parts[-1] += [line for wait in found.waits for line in _wrapped(wait, width)]
    parts[-1] += [paint.bad(line) for line in _wrapped("; ".join(filter(None, (found.reason, found.hint))), looks.width)]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _wrapped(text: str, width: int | None, more: str = "") -> list[str]:
    if width is None:
        return [text]
    return wrap(text, width, subsequent_indent=more, break_on_hyphens=False)


def facts(found: Counterexample, heading: Heading) -> str:
    """How it was executed, how long it is, and how far from the natural order, which there is not in virtual time."""
    deviations = sum(row.deviation for row in found.rows)
    if deviations or found.decides.rows:
        departs = f"{deviations or 'no'} deviation{'s' * (deviations != 1)} from the natural order"
    else:
        departs = "no deviation: happens in the natural order"
    in_time = any(row.time is not None for row in found.rows)
    kind = [f"kind {heading.kind}"] if heading.kind else []
    return ", ".join([*kind, heading.how, f"{len(found.rows)} operations", *([] if in_time else [departs])])


def _heading(found: Counterexample, heading: Heading, width: int, paint: Paint) -> list[str]:
    told = _wrapped(facts(found, heading), width, "  ")
    if not heading.stage:
        return told
    first, *others = _wrapped(heading.stage, width, "  ")
    lines = [paint.strong(first), *others]
    for text in (f"clause {heading.clause}: {heading.sentence}", f"program {heading.program}: {heading.summary}"):
        lines += _wrapped(text, width, "  ")
    return [*lines, *told]


def _operations(found: Counterexample, rows: Sequence[Shown], looks: Looks, paint: Paint) -> list[str]:
    """As a table with a column for each process, if that is narrow enough; else in one column. Nothing if nothing was performed."""
    if not rows:
        return []
    lines = list(_table(found, rows, looks.tablefmt, paint))
    if looks.width is None or looks.tablefmt != PLAIN or all(_printed(line) <= looks.width for line in lines):
        return lines
    return one_column(found, rows, looks.width, paint)


ESCAPE = re.compile("\033\\[[0-9;]*m")


def _printed(line: str) -> int:
    return len(ESCAPE.sub("", line).rstrip())


def _table(found: Counterexample, rows: Sequence[Shown], tablefmt: str, paint: Paint) -> Iterator[str]:
    times = ["cycles"] if any(row.time is not None for row in found.rows) else []
    lines = [_cells(found, shown, bool(times), paint) for shown in rows]
    headers = ["", *times, *found.lanes]
    for line in tabulate(lines, headers=headers, tablefmt=tablefmt, disable_numparse=True).splitlines():
        yield line.rstrip()


def _cells(found: Counterexample, shown: Shown, timed: bool, paint: Paint) -> list[str]:
    if isinstance(shown, Note):
        text = NEST * shown.depth + (f"{shown.text}:" if shown.begins else shown.text)
        first, pid, time = "" if shown.begins else "…", shown.pid, ""
        text = paint.strong(text) if shown.begins else paint.faint(text)
    else:
        row = shown.row
        place = f", {row.where}" if row.where else ""
        text = f"{NEST * shown.depth}{in_words(shown)}{place}{row.printed}"
        text = paint.cause(text) if shown.star else text
        first, pid, time = f"{shown.at}{'*' * shown.star}", row.pid, str(row.time) if row.time is not None else ""
    if pid not in dict(found.columns):
        pid = found.columns[0][0] if found.columns else pid
    return [first, *[time] * timed, *(text if pid in sharing else "" for sharing in found.lanes.values())]


def in_words(shown: ShownRow) -> str:
    """What an operation does, and who has written what it finds."""
    row = shown.row
    return f"{row.operation} (by {row.written_by})" if row.written_by else row.operation
