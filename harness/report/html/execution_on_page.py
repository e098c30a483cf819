"""One execution on the page: what the text of it says, in parts: a lane for each process, what is folded, and links between rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.report.counterexample_text import counterexample_text, facts
from harness.report.explanation import explanation
from harness.report.html.source_texts import SourceText, names_of, source_texts
from harness.report.html.visible_text import visible
from harness.report.shown_rows import Note, Shown, ShownRow, shown_rows
from harness.report.words_used import FROM, legend, star_of
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.sources.target import Target

# Of an execution that is longer, the text has all rows, and the lanes lack the middle.
MOST = 600
# A process that performs a larger part of the operations has a wider lane.
LITTLE, MUCH = 0.1, 0.25
# As many shares have room beside the source, where that is beside the lanes.
ROOM = 6
ORIGIN = "← 7: the value that it finds was written in row 7 (by that CPU, if it is another one)"
MISSED = "not 7: the first write that it has not seen, in row 7"
MENTION = re.compile(r"row \d+")


@dataclass(frozen=True)
class Piece:
    """A part of running text; it leads to row `row`, if there is one."""

    text: str
    row: int | None = None


@dataclass(frozen=True)
class RowOnPage:
    """Operation `at`, by process `who` in `lane` (from 1 on), nested `depth` deep.

    `origin` says where a value comes from, or which write was missed, and leads to row `origin_row`; `named`: something leads here.
    `file` is the file of the stage, if it is there, and `place` where in it; or wherever else.
    """

    at: int
    star: bool
    lane: int
    depth: int
    who: str
    operation: str
    origin: str
    origin_row: int | None
    file: str
    place: str
    named: bool


@dataclass(frozen=True)
class LaneOnPage:
    """The name of a process, or of several that are called alike, and how many times as wide as the narrowest one its lane is."""

    name: str
    share: int


@dataclass(frozen=True)
class RemarkOnPage:
    """What stands between rows. `begins`: the rows below are part of what it names; `rows`: those that it stands for, folded."""

    lane: int
    depth: int
    text: str
    begins: bool
    rows: tuple[RowOnPage | RemarkOnPage, ...] = ()


@dataclass(frozen=True)
class ExecutionOnPage:
    """`text`: what `harness replay --width 80` prints, of which the rest is what is shown. `words` are explained, each with its meaning.

    `sources`: the files that rows are in, as far as they are the stage's own, or the program's. `cut`: the text has rows that `rows` lacks.
    """

    text: str
    program: str
    summary: str
    facts: str
    words: tuple[tuple[str, str], ...]
    explanation: tuple[Piece, ...]
    lanes: tuple[LaneOnPage, ...]
    rows: tuple[RowOnPage | RemarkOnPage, ...]
    waits: tuple[tuple[Piece, ...], ...]
    reason: str
    sources: tuple[SourceText, ...]
    cut: bool

    @property
    def keys(self) -> Mapping[str, str]:
        """Where the source of a file is on the page, by its name."""
        return {source.name: source.key for source in self.sources}

    @property
    def shares(self) -> int:
        """Of all lanes."""
        return sum(lane.share for lane in self.lanes)

    @property
    def fit(self) -> bool:
        """Whether there is room for all lanes in a window that also has room for the source."""
        return self.shares <= ROOM


def shown_execution(found: Counterexample, target: Target, program: SourceText | None = None) -> ExecutionOnPage:
    """An execution of `target` as the template `counterexample.html.j2` wants it; `program`: the file that its program is in."""
    rows = shown_rows(found, most=MOST)
    told = explanation(found)
    there = {shown.at for shown in _each_row(rows)}
    named = there & _mentioned(found, (told, *found.waits))
    lanes = _Lanes(found, visible(target.path.rpartition("/")[2]), named, there)
    heading = found.heading
    return ExecutionOnPage(
        counterexample_text(found),
        heading.program if heading else "",
        heading.summary if heading else "",
        facts(found, heading) if heading else "",
        tuple(map(_word, _words(found, rows))),
        tuple(_pieces(told, there)),
        tuple(LaneOnPage(name, _share(pids, found.rows)) for name, pids in found.lanes.items()),
        tuple(map(lanes.shown, rows)),
        tuple(tuple(_pieces(wait, there)) for wait in found.waits),
        "; ".join(filter(None, (found.reason, found.hint))),
        tuple(_passed_through(found, target, program)),
        len(shown_rows(found)) > MOST,
    )


class _Lanes:
    """Puts the rows of one execution in lanes; `named` are those that something leads to, of those that are `there`."""

    def __init__(self, found: Counterexample, file: str, named: Iterable[int], there: Iterable[int]) -> None:
        self.file = file
        self.names = dict(found.columns)
        self.lane_of = {pid: lane for lane, pids in enumerate(found.lanes.values(), start=1) for pid in pids}
        self.named = frozenset(named)
        self.there = frozenset(there)

    def shown(self, shown: Shown) -> RowOnPage | RemarkOnPage:
        if isinstance(shown, Note):
            folded = tuple(map(self.shown, shown.folded))
            return RemarkOnPage(self.lane_of.get(shown.pid, 1), shown.depth, shown.text, shown.begins, folded)
        row = shown.row
        origin, origin_row = self._origin(row)
        in_file = bool(self.file) and row.where.startswith(f"{self.file}:")
        time = f", at {row.time}" if row.time is not None else ""
        return RowOnPage(
            shown.at,
            shown.star,
            self.lane_of[row.pid],
            shown.depth,
            self.names[row.pid],
            f"{row.operation}{time}{row.printed}",
            origin,
            origin_row if origin_row in self.there else None,
            self.file if in_file else "",
            row.where.removeprefix(self.file) if in_file else row.where,
            shown.at in self.named,
        )

    def _origin(self, row: CounterexampleRow) -> tuple[str, int | None]:
        if row.missed:
            return f"not\u00a0{row.missed.row}, {row.missed.of}", row.missed.row
        if row.written_in is None:
            return "", None
        return f"←\u00a0{row.written_in}{', ' * bool(row.written_by)}{row.written_by}", row.written_in


def _each_row(rows: Iterable[Shown]) -> Iterator[ShownRow]:
    for shown in rows:
        if isinstance(shown, ShownRow):
            yield shown
        else:
            yield from _each_row(shown.folded)


def _mentioned(found: Counterexample, texts: Iterable[str]) -> set[int]:
    """The rows that a text names, or another row."""
    origins = {row.missed.row if row.missed else row.written_in for row in found.rows}
    return {int(mention[0].split()[1]) for text in texts for mention in MENTION.finditer(text)} | {at for at in origins if at is not None}


def _pieces(text: str, there: set[int]) -> Iterator[Piece]:
    """The text with each row that it names as a piece of its own, if that is there."""
    done = 0
    for mention in MENTION.finditer(text):
        at = int(mention[0].split()[1])
        if at in there:
            yield Piece(text[done : mention.start()])
            yield Piece(mention[0], at)
            done = mention.end()
    yield Piece(text[done:])


def _words(found: Counterexample, rows: Sequence[Shown]) -> Iterator[str]:
    yield from (line for line in legend([shown for shown in rows if isinstance(shown, ShownRow)], star_of(found)) if line != FROM)
    if any(row.written_in is not None for row in found.rows):
        yield ORIGIN
    if any(row.missed for row in found.rows):
        yield MISSED


def _share(pids: Sequence[int], rows: Sequence[CounterexampleRow]) -> int:
    """Who does most has most room."""
    part = sum(row.pid in pids for row in rows) / len(rows)
    return 3 if part > MUCH else 2 if part > LITTLE else 1


def _word(line: str) -> tuple[str, str]:
    words, _, meaning = line.partition(": ")
    return words, meaning


def _passed_through(found: Counterexample, target: Target, program: SourceText | None) -> Iterator[SourceText]:
    names = {row.where.partition(":")[0] for row in found.rows}
    yield from (source for source in source_texts(target) if source.name in names)
    # Of a file of the stage with the same name nobody could tell it apart.
    if program is not None and program.name in names - names_of(target):
        yield program


def all_sources(executions: Sequence[ExecutionOnPage]) -> list[SourceText]:
    """The files of several executions, some of them several times."""
    return [source for execution in executions for source in execution.sources]
