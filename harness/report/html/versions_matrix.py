"""The matrix of two versions of a series: a row for each clause, below it one for each kind; a column for each patch, and memory model.

A cell says what became of the clause: whether the patch of the second version does better or worse than the one that it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.report.html.contract_matrix import ClauseRow, ContractMatrix, KindRow, MatrixCell, MatrixColumn, clause_row, how_many
from harness.report.html.failures_on_page import FailureOnPage
from harness.report.versions_table import Sides
from harness.suite.suite import Suite
from harness.verify.versions import MENDED, NEW, NEWLY_ACCEPTED, OPEN, SAME, Compared, ComparedPatch, Versions

BETTER, WORSE, STILL, ACCEPTED, UNDECIDED_TOO, AS_BEFORE = "better", "worse", "still broken", "accepted", "undecided", "same"
WORDS = {MENDED: BETTER, NEW: WORSE, SAME: STILL, NEWLY_ACCEPTED: ACCEPTED, OPEN: UNDECIDED_TOO}
# The first that there is of several kinds is said of them together.
ORDER = (WORSE, UNDECIDED_TOO, STILL, ACCEPTED, BETTER, AS_BEFORE)
MEANING = {
    AS_BEFORE: "neither version of the patch breaks the clause",
    BETTER: "the patch of the first version breaks it, and that of the second one does not",
    WORSE: "the patch of the second version breaks it, and that of the first one does not",
    STILL: "the patch breaks it in both versions",
    ACCEPTED: "the second version breaks it, and whoever made it says that this is meant",
    UNDECIDED_TOO: "there is no verdict for one of the versions, or it was violated before the patch already: nothing follows",
}

# A clause, a kind, and a memory model.
Case = tuple[str, str, str]
# By the position of a patch, and the case.
Shown = Mapping[tuple[int, Case], FailureOnPage]


def number_of(patch: ComparedPatch) -> str:
    """What the page calls a patch: by its number in the second version, if it has one."""
    return f"v1-{patch.match.before}" if patch.match.after is None else str(patch.match.after)


def versions_matrix(sides: Sides, versions: Versions, suite: Suite, shown: Shown) -> ContractMatrix:
    """The matrix of everything that was compared; `shown`: what there is to look at."""
    selection = sides.conclusions[0].selection
    rows = tuple(
        _clause(number, clause, tuple(_kind(clause, kind, selection.models, versions, shown) for kind in kinds), suite)
        for number, (clause, kinds) in enumerate(selection.clauses)
    )
    every = [kind for row in rows for kind in row.kinds]
    return ContractMatrix(
        tuple(_columns(sides, versions, selection.models)),
        rows,
        tuple(word for word in ORDER if any(word in kind.words for kind in every)),
        tuple(dict.fromkeys(kind.kind for kind in every)),
        tuple(number for number in map(number_of, versions.patches) if any(number in kind.breaks for kind in every)),
    )


def _columns(sides: Sides, versions: Versions, models: Sequence[str]) -> list[MatrixColumn]:
    return [
        MatrixColumn(number_of(patch), sides.title(patch), model, 0 if position else len(models))
        for patch in versions.patches
        for position, model in enumerate(models)
    ]


def _kind(clause: str, kind: str, models: Sequence[str], versions: Versions, shown: Shown) -> KindRow:
    cells, breaks = [], []
    for position, patch in enumerate(versions.patches):
        said = {(each.clause, each.kind, each.model): each for each in patch.found}
        for model in models:
            case = (clause, kind, model)
            word = _word(said.get(case))
            failure = shown.get((position, case))
            cells.append(MatrixCell(word, "", "" if failure is None else failure.anchor))
            breaks += [number_of(patch)] * (word == WORSE)
    return KindRow(kind, tuple(cells), tuple(dict.fromkeys(breaks)))


def _word(found: Compared | None) -> str:
    return AS_BEFORE if found is None else WORDS[found.said]


def _clause(number: int, clause: str, kinds: tuple[KindRow, ...], suite: Suite) -> ClauseRow:
    cells = tuple(map(_together, zip(*(kind.cells for kind in kinds), strict=True)))
    return clause_row(number, clause, suite, cells, kinds)


def _together(cells: Sequence[MatrixCell]) -> MatrixCell:
    """What a clause's cell says of all kinds, for how many of them, and where to look at the first."""
    word = min((cell.word for cell in cells), key=ORDER.index)
    same = [cell for cell in cells if cell.word == word]
    link = next((cell.link for cell in same if cell.link), "")
    return MatrixCell(word, "", link, how_many(same, cells))
