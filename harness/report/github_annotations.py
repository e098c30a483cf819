"""What GitHub shows at the lines of a pull request: workflow commands, a line each; and which of them, as it shows few.

What is held against a patch about several clauses at one line is one annotation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.report.interrupted_words import NO_LINE
from harness.report.patch_lines import GONE, NOT_LOOKED_AT, FileOfStage, LineOfPatch

ERROR = "error"
WARNING = "warning"
NOTICE = "notice"

# GitHub shows no more of each level than these for a step.
MOST = 10
# It cuts off a message that has more than 4,096 characters.
LONGEST = 4000
# A title names so many clauses.
MOST_NAMED = 4
# Of an annotation that is about no patch.
NOBODY = -1

# Why another line than the one that is meant is marked.
ELSEWHERE = "which is gone at the end of the series: this one is changed by the patch, or next to what it took away"


@dataclass(frozen=True)
class Annotation:
    """A remark: `level` is one of the above; without a `file` it is about the whole. `patch`: the number of the one that it is about."""

    level: str
    title: str
    message: str
    file: str = ""
    line: int = 1
    patch: int = NOBODY

    @property
    def command(self) -> str:
        """The line that GitHub reads."""
        place = f"file={_property(self.file)},line={self.line}," if self.file else ""
        return f"::{self.level} {place}title={_property(self.title)}::{_data(self.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_commands(found: Iterable[Annotation]) -> list[str]:
    """Annotations as GitHub reads them; where there are more of a level than it shows, the last one says so."""
    every = list(found)
    levels = ([each for each in every if each.level == level] for level in (ERROR, WARNING, NOTICE))
    return [each.command for of_level in levels for each in _most(of_level)]


def _most(found: Sequence[Annotation]) -> Sequence[Annotation]:
    """As many as GitHub shows, in their order: the first of each patch, then the second of each, and so on; and one that names the rest."""
    if len(found) <= MOST:
        return found
    turns: Counter[int] = Counter()
    of_patch = []
    for each in found:
        of_patch.append(turns[each.patch])
        turns[each.patch] += 1
    chosen = set(sorted(range(len(found)), key=lambda at: (of_patch[at], at))[: MOST - 1])
    rest = [each for at, each in enumerate(found) if at not in chosen]
    named = _fitting([each.title for each in rest], "\n", "and {} more")
    return [*(found[at] for at in sorted(chosen)), Annotation(rest[0].level, f"{len(rest)} more", named)]


@dataclass(frozen=True)
class PatchRemark:
    """What is held against a patch, or a stage by itself, about one clause; `form` says so with `{}` for the clause, `lines` are the rest.

    `place` is where in `file`.
    """

    level: str
    patch: int
    form: str
    clause: str
    lines: tuple[str, ...]
    file: FileOfStage
    place: LineOfPatch


def annotations_of(remarks: Iterable[PatchRemark]) -> Iterator[Annotation]:
    """One for each line of each patch, and of each level."""
    together: dict[tuple[str, int, str, int], list[PatchRemark]] = {}
    for each in remarks:
        together.setdefault((each.level, each.patch, each.file.name, each.place.line), []).append(each)
    for (level, patch, name, line), found in together.items():
        message = _fitting([_paragraph(each) for each in found], "\n\n", "The summary of the step has {} more.")
        yield Annotation(level, _title(found), message, "" if line == GONE else name, max(line, 1), patch)


def _title(found: Sequence[PatchRemark]) -> str:
    clauses: dict[str, list[str]] = {}
    for each in found:
        clauses.setdefault(each.form, []).append(each.clause)
    return "; ".join(form.format(_listed(named)) for form, named in clauses.items())


def _listed(names: Sequence[str]) -> str:
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} more"


def _paragraph(remark: PatchRemark) -> str:
    """What is said, with line numbers that say of which version they are, and a word if the line that is meant is not the one shown."""
    when = version_of(remark.patch)
    place = remark.place
    lines = [remark.file.dated(line, when) for line in remark.lines]
    if place == NOT_LOOKED_AT:
        lines.append(NO_LINE)
    elif place.line == GONE:
        lines.append(f"(line {place.meant} {when}: none of its lines is there at the end of the series)")
    elif place.own != place.meant:
        lines.append(f"(line {place.meant} {when}, {ELSEWHERE})")
    return "\n".join(lines)


def version_of(patch: int) -> str:
    """How to say of which version of a file something is."""
    return f"of patch {patch}" if patch else "of the baseline"


def _fitting(parts: Sequence[str], between: str, rest: str) -> str:
    """As many parts as GitHub shows of a message, at least one, and what `rest` says, with `{}` for how many there are besides."""
    every = len(parts)
    texts = (between.join([*parts[:shown], *[rest.format(every - shown)] * (shown < every)]) for shown in range(every, 0, -1))
    first = next(texts)
    return first if len(first) <= LONGEST else next((text for text in texts if len(text) <= LONGEST), parts[0])
