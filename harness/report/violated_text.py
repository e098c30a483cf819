"""What an exploration has seen violated: a table, or a paragraph for each program where that is too wide. No replay string is broken."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from harness.report.looks import PLAIN, Looks
from harness.report.tables import table

HEADERS = ("program", "kind", "what was violated", "replay")


def violated_text(rows: Sequence[Sequence[str]], looks: Looks) -> str:
    """The text, without a final newline; of a row: what `HEADERS` say."""
    lines = table(rows, HEADERS, looks.tablefmt)
    if looks.width is None or looks.tablefmt != PLAIN or all(len(line) <= looks.width for line in lines.splitlines()):
        return lines
    return "\n".join(_paragraph(row, looks.width) for row in rows)


def _paragraph(row: Sequence[str], width: int) -> str:
    program, kind, violated, replay = row
    said = wrap(f"{program}, {kind}: {violated}", width, subsequent_indent="  ", break_on_hyphens=False)
    return "\n".join([*said, f"  harness replay {replay}"])
