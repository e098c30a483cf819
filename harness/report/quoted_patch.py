"""The lines of a patch that a reply quotes, as one hunk of it: where an execution was when somebody came in between, or else at last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice

from harness.report.patch_lines import FileOfStage
from harness.report.shown_rows import is_machine, starred
from harness.search.counterexample import Counterexample

# So many lines are quoted before and behind the one that it is about.
AROUND = 4
QUOTE = "> "
# The nearest ones first.
BESIDE = (1, -1, 2, -2, 3, -3)


@dataclass(frozen=True)
class _Line:
    """A line of a patch: its sign, its text, and how many lines there are before it in the old file and in the new one."""

    sign: str
    text: str
    old: int
    new: int


def quoted_patch(file: FileOfStage, shown: Counterexample | None, message: str) -> str:
    """The lines with their file, as a mail quotes them: just as they are, however long, so that the author finds them.

    If the execution has been at no line that the patch has added, that is the whole patch, if it is small; else those beside which it was:
    added ones, or what was taken away there; and if there are none, nothing.
    """
    every = list(_patch(file.before, file.lines))
    added = {line.new + 1: at for at, line in enumerate(every) if line.sign == "+"}
    stars = [line for text in _held_up(shown) for line in file.visited(None, text)]
    named = [*stars, *file.visited(shown, message)]
    at = [added[line] for line in named if line in added]
    beside = (added[line + by] for line in named for by in BESIDE if line + by in added)
    gone = {line.new: at for at, line in enumerate(every) if line.sign == "-"}
    removed = (gone[line - 1 + by] for line in named for by in (0, *BESIDE) if line - 1 + by in gone)
    about = next((at for at in (*at, _middle_of_small(every), *beside, *removed) if at is not None), None)
    if about is None:
        return ""
    quoted = every[max(about - AROUND, 0) : about + AROUND + 1]
    lines = [f"+++ {file.name}", _head(quoted), *(f"{line.sign}{line.text}" for line in quoted)]
    # (A mail ends its lines itself.)
    return "\n".join(f"{QUOTE}{line}".removesuffix("\r") for line in lines)


def _middle_of_small(lines: Sequence[_Line]) -> int | None:
    """The middle of all that a patch changes, if that can be quoted whole."""
    changed = [at for at, line in enumerate(lines) if line.sign != " "]
    return (changed[0] + changed[-1]) // 2 if changed and changed[-1] - changed[0] < 2 * AROUND else None


def _held_up(shown: Counterexample | None) -> list[str]:
    """What somebody did last before another one came in between, and what that one did then; the last time first.

    In the natural order, where nobody comes in between, it is what decides.
    """
    texts: list[str] = []
    if shown is None:
        return texts
    rows = shown.rows
    for star in sorted(starred(shown), reverse=True):
        others = (
            ()
            if star in shown.decides.rows
            else (row for row in reversed(rows[:star]) if row.pid != rows[star].pid and not is_machine(row))
        )
        texts += [*(row.text for row in islice(others, 1)), rows[star].text]
    return texts


def _patch(before: Sequence[str], after: Sequence[str]) -> Iterator[_Line]:
    """All lines of both files, as a patch has them."""
    for tag, start, end, to, to_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (_Line(" ", before[at], at, at - start + to) for at in range(start, end))
        else:
            yield from (_Line("-", before[at], at, to) for at in range(start, end))
            yield from (_Line("+", after[at], end, at) for at in range(to, to_end))


def _head(lines: Sequence[_Line]) -> str:
    """Where the lines are in both files."""
    old, new = (sum(line.sign in signs for line in lines) for signs in (" -", " +"))
    first = lines[0]
    return f"@@ -{first.old + bool(old)},{old} +{first.new + bool(new)},{new} @@"
