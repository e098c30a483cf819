"""The matrix of a run: a row for each clause, and below it one for each of its kinds; a column for each stage, and for each memory model.

What is asked for and has no outcome is a cell as well: it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.report.html.failures_on_page import Failures
from harness.report.html.judged_cases import JudgedCase
from harness.report.html.verdict_words import NOT_TESTED, word_of, worst
from harness.report.review import Reviewed
from harness.suite.suite import Suite
from harness.verify.conclusions import Conclusion, by_model
from harness.verify.verdicts import StageResult


@dataclass(frozen=True)
class MatrixColumn:
    """A stage, by what it is called, under a memory model; `span`: how many columns it has, in the first of them, and 0 in others."""

    stage: int | str
    title: str
    model: str
    span: int


@dataclass(frozen=True)
class MatrixCell:
    """`word`: what is known. `step`: what the patch of this column does to the clause, if anything. `link`: the place of a violation.

    `part`: of a clause, for how many of its kinds that is so, where that is not all.
    """

    word: str
    step: str = ""
    link: str = ""
    part: str = ""


@dataclass(frozen=True)
class KindRow:
    """A clause for one kind; `breaks`: the patches that break it, or may have."""

    kind: str
    cells: tuple[MatrixCell, ...]
    breaks: tuple[int | str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """What its cells say, each word once."""
        return tuple(dict.fromkeys(cell.word for cell in self.cells))


@dataclass(frozen=True)
class ClauseRow:
    """A clause, over all of its kinds."""

    anchor: str
    clause: str
    sentence: str
    cells: tuple[MatrixCell, ...]
    kinds: tuple[KindRow, ...]


@dataclass(frozen=True)
class ContractMatrix:
    """The whole of it; `words`, `kinds` and `patches`: what there is to filter by."""

    columns: tuple[MatrixColumn, ...]
    rows: tuple[ClauseRow, ...]
    words: tuple[str, ...]
    kinds: tuple[str, ...]
    patches: tuple[int | str, ...]

    @property
    def models(self) -> bool:
        """Whether there is more than one of them."""
        return any(column.span != 1 for column in self.columns)


Column = tuple[StageResult, str, StageResult, Conclusion]


def contract_matrix(reviewed: Reviewed, failures: Failures) -> ContractMatrix:
    """The matrix of everything that was asked for."""
    columns = [(stage, *under) for stage in reviewed.stages for under in by_model(stage, reviewed.conclusion)]
    asked = reviewed.conclusion.selection.clauses
    rows = tuple(_clause(number, clause, kinds, columns, reviewed, failures) for number, (clause, kinds) in enumerate(asked))
    every = [kind for row in rows for kind in row.kinds]
    return ContractMatrix(
        tuple(_columns(columns)),
        rows,
        tuple(dict.fromkeys(word for kind in every for word in kind.words)),
        tuple(dict.fromkeys(kind.kind for kind in every)),
        tuple(stage.index for stage in reviewed.stages if any(stage.index in kind.breaks for kind in every)),
    )


def _columns(columns: Sequence[Column]) -> Iterable[MatrixColumn]:
    indices = [stage.index for stage, *_ in columns]
    for position, (stage, model, _, _) in enumerate(columns):
        first = indices.index(stage.index) == position
        yield MatrixColumn(stage.index, stage.title, model, indices.count(stage.index) if first else 0)


def _clause(number: int, clause: str, kinds: Sequence[str], columns: Sequence[Column], reviewed: Reviewed, failures: Failures) -> ClauseRow:
    rows = tuple(_kind(clause, kind, columns, failures) for kind in kinds)
    order = [failure.anchor for failure in failures.values() if failure.clause == clause]
    cells = tuple(_together([row.cells[position] for row in rows], order) for position in range(len(columns)))
    return clause_row(number, clause, reviewed.suite, cells, rows)


def clause_row(number: int, clause: str, suite: Suite, cells: tuple[MatrixCell, ...], kinds: tuple[KindRow, ...]) -> ClauseRow:
    """The row of a clause, with its sentence."""
    known = suite.clauses.get(clause)
    return ClauseRow(f"clause-{number}", clause, "" if known is None else known.sentence, cells, kinds)


def _kind(clause: str, kind: str, columns: Sequence[Column], failures: Failures) -> KindRow:
    cells, breaks = [], set()
    for stage, model, tested, conclusion in columns:
        result = tested.clauses[clause].kinds.get(kind) if clause in tested.clauses else None
        if result is None:
            cells.append(MatrixCell(NOT_TESTED))
            continue
        case = JudgedCase(stage, model, result, conclusion)
        failure = failures.get((stage.index, model, clause, kind))
        cells.append(MatrixCell(word_of(stage.index, result, conclusion), _step(case), "" if failure is None else failure.anchor))
        if case.is_step((*conclusion.steps.breaks, *conclusion.steps.unknown)):
            breaks.add(stage.index)
    return KindRow(kind, tuple(cells), tuple(sorted(breaks)))


def _step(case: JudgedCase) -> str:
    """What the patch does, in a word or two."""
    steps = case.conclusion.steps
    if case.is_step(steps.unknown):
        return "here or before"
    if case.is_step(steps.breaks):
        return "breaks it" if case.is_step([step for step in steps.breaks if step.certain]) else "here or before"
    return "repairs it" if case.is_step(steps.mends) else ""


def _together(cells: Sequence[MatrixCell], order: Sequence[str]) -> MatrixCell:
    """What a clause's cell says of all kinds: the worst, for how many of them, and where to look at the first one in `order`."""
    word = worst([cell.word for cell in cells])
    same = [cell for cell in cells if cell.word == word]
    step = next((cell.step for cell in same if cell.step), "")
    shown = [cell for cell in same if cell.step] or same or [MatrixCell(word)]
    first = min(shown, key=lambda cell: order.index(cell.link) if cell.link in order else len(order))
    return MatrixCell(word, step, first.link, how_many(same, cells))


def how_many(same: Sequence[MatrixCell], cells: Sequence[MatrixCell]) -> str:
    """For how many of some kinds a word is said; nothing if it is so for all."""
    return "" if len(same) == len(cells) else f"{len(same)}/{len(cells)}"
