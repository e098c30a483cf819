"""What an exploration has seen violated: a table, or a paragraph for each program where that is too wide. No replay string is broken."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from harness.report.looks import PLAIN, Looks
from harness.report.replay_command import replay_command, replay_hint
from harness.report.tables import table

HEADERS = ("program", "kind", "what was violated", "replay")


def violated_text(rows: Sequence[Sequence[str]], looks: Looks, source: Sequence[str]) -> str:
    """The text, without a final newline; of a row: what `HEADERS` say. `source`: words that name the stage to `harness replay`."""
    lines = table(rows, HEADERS, looks.tablefmt)
    if looks.width is None or looks.tablefmt != PLAIN or all(len(line) <= looks.width for line in lines.splitlines()):
        return f"{lines}\n{replay_hint(source)}"
    return "\n".join(_paragraph(row, looks.width, source) for row in rows)


def _paragraph(row: Sequence[str], width: int, source: Sequence[str]) -> str:
    program, kind, violated, replay = row
    said = wrap(f"{program}, {kind}: {violated}", width, subsequent_indent="  ", break_on_hyphens=False)
    return "\n".join([*said, f"  {replay_command(replay, source)}"])
