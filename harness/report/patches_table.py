"""The table of a series of somebody's patches: a row a patch, with what it breaks, what it repairs, and what is still broken behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.measure.figures import FIGURES
from harness.report.figure_cells import marked_text
from harness.report.tables import contracts_of, exhausted_of, table
from harness.verify.conclusions import Conclusion
from harness.verify.steps import Step
from harness.verify.verdicts import FAIL, StageResult
from stages.api import short_title

# Digits of a hash.
SHORT = 10
UNTESTABLE = "untestable"
# Where there are more, their number says enough: the rows above have their names.
MOST_NAMES = 2


def patches_table(stages: Sequence[StageResult], performance: bool, tablefmt: str, conclusion: Conclusion) -> str:
    """A row per stage; commits have a column if the series has any, and the chief figures are marked where they change."""
    headers, rows = patches_rows(stages, performance, conclusion)
    return table(rows, headers, tablefmt, ["stage"])


def patches_rows(stages: Sequence[StageResult], performance: bool, conclusion: Conclusion) -> tuple[list[str], list[list[object]]]:
    """The headers of that table and its rows, for whoever puts them elsewhere."""
    figures = [figure for figure in FIGURES if figure.in_run and performance]
    commits = any(stage.commit for stage in stages)
    rows: list[list[object]] = []
    for stage, before in zip(stages, [None, *stages], strict=False):
        cells = [marked_text(figure, stage.performance, before and before.performance, spread=False) for figure in figures]
        changes = [_named(_breaks(stage, conclusion)), _named(_repairs(stage, conclusion)), _still_broken(stage, conclusion)]
        row: list[object] = [stage.index, *[stage.commit[:SHORT]] * commits, short_title(stage.title), *_contracts(stage, conclusion)]
        rows.append([*row, *changes, exhausted_of(stage), *cells])
    contracts = [f"contract {model}" for model in conclusion.models] or ["contract"]
    headers = ["stage", *["commit"] * commits, "patch", *contracts, "breaks", "repairs", "still broken", "exhausted"]
    return [*headers, *[figure.title for figure in figures]], rows


def _contracts(stage: StageResult, conclusion: Conclusion) -> list[str]:
    cells = contracts_of(stage, conclusion)
    return [UNTESTABLE] * len(cells) if stage.index in conclusion.untestable_stages else cells


def _breaks(stage: StageResult, conclusion: Conclusion) -> list[Step]:
    unknown = (replace(step, certain=False) for step in conclusion.steps.unknown)
    return [step for step in (*conclusion.steps.breaks, *unknown) if step.patch == stage.index]


def _repairs(stage: StageResult, conclusion: Conclusion) -> list[Step]:
    return [step for step in conclusion.steps.mends if step.patch == stage.index]


def _named(steps: Sequence[Step]) -> str:
    """Which clauses; where a patch before may have done it, that."""
    return ", ".join(f"{step.what}{' (or before)' * (not step.certain)}" for step in steps)


def _still_broken(stage: StageResult, conclusion: Conclusion) -> str:
    """The clauses that the stage violates, but for what it breaks itself, and what is accepted."""
    new = {(step.clause, kind) for step in _breaks(stage, conclusion) for kind in step.kinds}
    names = [
        name
        for name, clause in stage.clauses.items()
        if any(
            result.verdict == FAIL and (name, kind) not in new and (stage.index, name, kind) not in conclusion.steps.tolerated
            for kind, result in clause.kinds.items()
        )
    ]
    return ", ".join(names) if len(names) <= MOST_NAMES else f"{len(names)} clauses"
