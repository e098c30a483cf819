"""Tables for people: the results of a run, and the form of every table. Each function returns text without a final newline."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from harness.measure.figures import FIGURES
from harness.report.figure_cells import marked_text
from harness.report.narrow_table import narrow_table
from harness.report.table_format import room_of
from harness.verify.conclusions import Conclusion, Search, searched
from harness.verify.faults import stages_named
from harness.verify.steps import Steps
from harness.verify.verdicts import PASS, StageResult
from stages.api import short_title

# Formats that are Markdown, where a bar would end a cell, and `<` begin a tag.
MARKDOWN = ("github", "pipe")


def table(rows: Sequence[Sequence[object]], headers: Sequence[str], tablefmt: str, numbers: Sequence[str] = ()) -> str:
    """One table; the columns of `numbers` are aligned to the right, and nothing is reformatted. A `TableFormat` says how wide it may be."""
    align = ["right" if header in numbers else "left" for header in headers]
    if not rows:
        return tabulate([], headers=list(headers), tablefmt=tablefmt)
    put = _in_markdown if tablefmt in MARKDOWN else str
    cells = [list(map(put, row)) for row in rows]
    whole = tabulate(cells, headers=list(headers), tablefmt=tablefmt, colalign=align, disable_numparse=True)
    room = room_of(tablefmt)
    return whole if room is None or widest(whole) <= room else narrow_table(cells, headers, align, room)


def headed(head: str, text: str) -> str:
    """A table below the line that says what it shows; where it has become paragraphs, that line is one more."""
    return ("\n\n" if "\n\n" in text else "\n").join([head, text])


def widest(text: str) -> int:
    """How many columns a text takes."""
    return max(len(line.rstrip()) for line in text.splitlines())


def _in_markdown(cell: object) -> str:
    return str(cell).replace("|", "\\|").replace("<", "&lt;")


def stages_table(stages: Sequence[StageResult], performance: bool, tablefmt: str, conclusion: Conclusion) -> str:
    """A row per stage: what it keeps of the contract, under each of several memory models, and the chief figures."""
    headers, rows = stages_rows(stages, performance, conclusion)
    return table(rows, headers, tablefmt, ["stage"])


def stages_rows(stages: Sequence[StageResult], performance: bool, conclusion: Conclusion) -> tuple[list[str], list[list[object]]]:
    """The headers of that table and its rows, for whoever puts them elsewhere."""
    figures = [figure for figure in FIGURES if figure.in_run and performance]
    rows: list[list[object]] = []
    for stage, before in zip(stages, [None, *stages], strict=False):
        cells = [marked_text(figure, stage.performance, before and before.performance, spread=False) for figure in figures]
        rows.append([stage.index, short_title(stage.title), *contracts_of(stage, conclusion), exhausted_of(stage), *cells])
    contracts = [f"contract {model}" for model in conclusion.models] or ["contract"]
    return ["stage", "patch", *contracts, "exhausted", *[figure.title for figure in figures]], rows


def contracts_of(stage: StageResult, conclusion: Conclusion) -> list[str]:
    """What the stage keeps of the contract, under each of several memory models."""
    return [_kept(stage.under(model), each.steps) for model, each in conclusion.models.items()] or [_kept(stage, conclusion.steps)]


def _kept(stage: StageResult, steps: Steps) -> str:
    """How many clauses; those whose violations are all accepted are counted apart."""
    kept = [result.verdict for result in stage.clauses.values()].count(PASS)
    accepted = sum(steps.accepts(stage, clause) for clause in stage.clauses)
    return f"{kept}/{len(stage.clauses)}" + f" + {accepted} accepted" * bool(accepted)


def exhausted_of(stage: StageResult) -> str:
    """For how many of the programs, over all kinds, every interleaving was explored."""
    search = Search.of(searched(stage.clauses.values()))
    return f"{search.exhausted}/{search.programs}"


def _without_buffers(stages: Sequence[StageResult]) -> str:
    """For how many programs that took no store buffers, though the memory model has them."""
    search = Search.of(result for stage in stages for result in searched(stage.clauses.values()))
    return f"; {search.robust} of {search.exhausted} without store buffers, which could show nothing more" if search.robust else ""


OPEN_ENDS = ("not exhausted", "kind", "program", "stages", "how far")


def open_ends_table(stages: Sequence[StageResult], tablefmt: str) -> str:
    """A row for each program that was not exhausted: how far its search got. Equal rows of several stages are one."""
    rows = open_ends_rows(stages)
    return table(rows, OPEN_ENDS, tablefmt) if rows else every_interleaving(stages)


def every_interleaving(stages: Sequence[StageResult]) -> str:
    """The sentence that stands there if every program that was run was exhausted. It claims nothing of those that were not."""
    results = {stage.index: searched(stage.clauses.values()) for stage in stages}
    unexplored = [index for index, found in results.items() if not any(result.programs for result in found)]
    if len(unexplored) == len(stages):
        return "nothing was explored: no program was run"
    every = [result for found in results.values() for result in found]
    which = "" if all(result.programs for result in every) else " that was run"
    cut = ", up to the first failure" * any(result.exhausted < result.programs for result in every)
    nothing = f"; nothing of {stages_named(unexplored)} was" * bool(unexplored)
    return f"every interleaving of every program{which} was explored{cut}{nothing}{_without_buffers(stages)}"


def open_ends_rows(stages: Sequence[StageResult]) -> list[list[str]]:
    """The rows of that table, for whoever puts them elsewhere."""
    found: dict[tuple[str, ...], list[int]] = {}
    for stage in stages:
        for result in searched(stage.clauses.values()):
            for end in result.open_ends:
                found.setdefault((end.clause, result.kind, end.program, end.how_far), []).append(stage.index)
    return [[*row[:3], ", ".join(map(str, indices)), row[3]] for row, indices in found.items()]
