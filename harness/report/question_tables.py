"""Tables that answer the questions of `harness perf`. Each function returns text without a final newline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from harness.jobs.stage_loading import Target
from harness.measure.calibration import Calibration
from harness.measure.figures import IDLE_OVERHEAD, IDLE_STEAL, IRQ_P99
from harness.measure.measure_cells import StageUnderLoad
from harness.measure.performance import Measured, Performance
from harness.measure.reported_figures import CLAIMS, THRESHOLDS, Claim, Stages, has_bug
from harness.report.figure_cells import MISSING, figure_text
from harness.report.performance_tables import stage_number
from harness.report.tables import table
from harness.suite.figure import Figure
from stages.api import short_title

BETTER, WORSE, SAME = "better", "worse", ""
NO_DIFFERENCE = "no difference"

# The variation that is none.
AS_IT_IS = "as it is"


def judged(figure: Figure, now: Performance, before: Performance) -> str:
    """Whether a figure is better or worse than before, beyond both confidence intervals."""
    new, old = now.value(figure), before.value(figure)
    if new is None or old is None or not now.differs(figure, before):
        return SAME
    return BETTER if (new > old) == figure.more_is_better else WORSE


def judged_figures(found: Sequence[Measured]) -> list[Figure]:
    """The figures that stages are judged by."""
    rows = dict.fromkeys(row for each in found if isinstance(each, Performance) for row in each.rows)
    return [row for row in rows if row.judged]


def _words(figure: Figure) -> str:
    return figure.judged.words if figure.judged else figure.title


def calibration(found: Calibration, tablefmt: str) -> str:
    """The rate, and how it was found."""
    rows = [[rate, f"{mean:.2f} ±{half:.2f} %"] for rate, mean, half in found.steps]
    steps = table(rows, ["device_hz", "overhead, baseline"], tablefmt, ["device_hz"])
    return f"calibrated: device_hz = {found.value} (95 %: {found.low} to {found.high}), where the baseline loses a tenth\n{steps}"


def claims(stages: Stages, tablefmt: str) -> str:
    """What was reported, beside what comes out."""
    rows = [[c.what, c.reported, c.form.format(value := c.value(stages)), "yes" if c.holds(value) else "NO"] for c in CLAIMS]
    return table(rows, ["figure", "reported", "here", "agrees"], tablefmt)


def reviewers(cells: Sequence[StageUnderLoad], results: Sequence[Measured], tablefmt: str) -> str:
    """Whether another lock cures the bug: a row per size, load, stage and flavour, and a summary."""
    figures = [IDLE_OVERHEAD, IDLE_STEAL, IRQ_P99, *[row for row in judged_figures(results) if row.more_is_better]]
    lines: list[list[str]] = []
    verdicts: dict[tuple[Target, str], list[tuple[tuple[str, ...], bool | None]]] = {}
    for cell, found in zip(cells, results, strict=True):
        sockets, rate, lock = cell.varied
        bug = has_bug(found)
        texts = [figure_text(figure, found, _beside_threshold(figure)) for figure in figures]
        lines.append([sockets, rate, stage_number(cell.target), lock, *texts, {True: "yes", False: "no", None: MISSING}[bug]])
        verdicts.setdefault((cell.target, lock), []).append((cell.varied, bug))
    headers = ["sockets", "device_hz", "stage", "lock", *[figure.title for figure in figures], "bug"]
    text = table(lines, headers, tablefmt, headers[:3])
    limits = " or ".join(f"{figure.title} is at least {figure.threshold:g} {figure.unit}" for figure in THRESHOLDS)
    summaries = [_summary(target, lock, found) for (target, lock), found in verdicts.items()]
    return "\n".join([text, f"bug: whether {limits}", "", *summaries])


def _beside_threshold(figure: Figure) -> int | None:
    """One digit more than usual for what has a threshold, so that it can be told from it."""
    return None if figure.threshold is None else figure.shown + 1


def _summary(target: Target, lock: str, verdicts: Sequence[tuple[tuple[str, ...], bool | None]]) -> str:
    bad = [f"{varied[0]} sockets at {varied[1]}/s" for varied, bug in verdicts if bug]
    found = f"the bug is there on {', '.join(bad)}" if bad else "no bug at any size and load tried"
    return f"{target.label} with {lock} locks: {found}"


def scenarios(cells: Sequence[StageUnderLoad], results: Sequence[Measured], tablefmt: str) -> str:
    """A table per figure: stages down, scenarios across; what is better or worse than at the stage before is marked, and said in words."""
    grid = StagesByScenario(cells, results)
    return "\n\n".join([grid.tables({}, tablefmt), grid.changes()])


# A cell of the tables: figure, scenario, stage.
Place = tuple[Figure, str, Target]


class StagesByScenario:
    """The results of every stage under every scenario."""

    def __init__(self, cells: Sequence[StageUnderLoad], results: Sequence[Measured]) -> None:
        self.found = {(cell.varied[0], cell.target): result for cell, result in zip(cells, results, strict=True)}
        self.names = list(dict.fromkeys(cell.varied[0] for cell in cells))
        self.targets = list(dict.fromkeys(cell.target for cell in cells))
        self.figures = judged_figures(results)

    def tables(self, marks: Mapping[Place, str], tablefmt: str) -> str:
        """A table per figure; `marks` are put behind cells."""
        parts = []
        for figure in self.figures:
            lines = []
            for target, before in zip(self.targets, [None, *self.targets], strict=False):
                cells = [self._cell((figure, name, target), before, marks) for name in self.names]
                lines.append([stage_number(target), short_title(target.title), *cells])
            parts.append(f"{_words(figure)}\n{table(lines, ['stage', 'patch', *self.names], tablefmt, ['stage'])}")
        return "\n\n".join(parts)

    def _cell(self, place: Place, before: Target | None, marks: Mapping[Place, str]) -> str:
        figure, name, target = place
        text = figure_text(figure, self.found[name, target], figure.judged.shown if figure.judged else None)
        return " ".join(word for word in (text, self.verdict(place, before), marks.get(place)) if word)

    def verdict(self, place: Place, before: Target | None) -> str | None:
        """Whether a cell is better or worse than the stage before; None if either was not measured."""
        figure, name, target = place
        new, old = self.found[name, target], None if before is None else self.found[name, before]
        return judged(figure, new, old) if isinstance(new, Performance) and isinstance(old, Performance) else None

    def verdicts(self) -> dict[Place, str]:
        """All of them."""
        places = [((figure, name, now), before) for name in self.names for before, now in pairwise(self.targets) for figure in self.figures]
        return {place: verdict for place, before in places if (verdict := self.verdict(place, before)) is not None}

    def changes(self) -> str:
        """In words: what each stage does to each scenario, compared with the stage before."""
        changed: dict[tuple[str, Target], list[str]] = {}
        for (figure, name, target), verdict in self.verdicts().items():
            if verdict:
                changed.setdefault((name, target), []).append(f"{_words(figure)} {verdict}")
        lines = [f"{name}, {target.label}: {', '.join(words)}" for (name, target), words in changed.items()]
        return "\n".join(lines or ["no figure differs between neighbouring stages"])


def sensitivity(names: Sequence[str], groups: Sequence[Stages], tried: Sequence[Claim], tablefmt: str) -> str:
    """A row per variation: each claim's value, in capitals where its verdict changes; and what survives."""
    usual = {claim.what: claim.holds(claim.value(groups[0])) for claim in tried}
    lines: list[list[str]] = []
    fragile: dict[str, list[str]] = {claim.what: [] for claim in tried}
    for name, stages in zip(names, groups, strict=True):
        cells = []
        for claim in tried:
            if 0 not in stages or len(stages) < 2:
                cells.append(MISSING)
                continue
            value = claim.value(stages)
            if claim.holds(value) != usual[claim.what]:
                fragile[claim.what].append(name)
            cells.append(claim.form.format(value) + ("" if claim.holds(value) == usual[claim.what] else " CHANGES"))
        lines.append([name, *cells])
    text = table(lines, ["variation", *[claim.what for claim in tried]], tablefmt)
    verdicts = [
        f"{claim.what} ({'agrees' if usual[claim.what] else 'DISAGREES'} with what was reported: {claim.reported}): "
        + (f"changes with {', '.join(fragile[claim.what])}" if fragile[claim.what] else "survives every variation")
        for claim in tried
    ]
    return f"{text}\n\n" + "\n".join(verdicts)


# Behind a cell whose verdict is not the same under every variation.
UNSURE, REVERSED = "?", "(REVERSES)"
LEGEND = f"{UNSURE} another verdict, {REVERSED} the opposite one, under at least one variation:"


def cells_sensitivity(cells: Sequence[StageUnderLoad], results: Sequence[Measured], tablefmt: str) -> str:
    """The tables of `scenarios`, with a mark on each verdict that does not survive every variation, and which ones change it."""
    usual, others = _by_variation(cells, results)
    verdicts = usual.verdicts()
    changed = {place: found for place, verdict in verdicts.items() if (found := _by_verdict(place, verdict, others))}
    opposite = {BETTER: WORSE, WORSE: BETTER}
    marks = {place: REVERSED if opposite.get(verdicts[place]) in found else UNSURE for place, found in changed.items()}
    lines = [
        f"{name}, {target.label}, {_words(figure)}: {_in_words(verdicts[figure, name, target], found)}"
        for (figure, name, target), found in changed.items()
    ]
    said = [place for place, verdict in verdicts.items() if verdict]
    firm = [place for place in said if place not in changed]
    turned = list(marks.values()).count(REVERSED)
    summary = f"{len(firm)} of {len(said)} verdicts (better, worse) survive every variation; {turned} are the opposite under some"
    return "\n\n".join([usual.tables(marks, tablefmt), "\n".join([*([LEGEND, *lines] if lines else []), summary])])


def _by_variation(
    cells: Sequence[StageUnderLoad], results: Sequence[Measured]
) -> tuple[StagesByScenario, Mapping[str, Mapping[Place, str]]]:
    """The results as it is, and the verdicts under each variation. (A variation of one scenario need not be one of another.)"""
    apart: dict[str, list[tuple[StageUnderLoad, Measured]]] = {}
    for cell, result in zip(cells, results, strict=True):
        apart.setdefault(cell.varied[1], []).append((cell, result))
    grids = {name: StagesByScenario([cell for cell, _ in pairs], [found for _, found in pairs]) for name, pairs in apart.items()}
    usual = grids.pop(AS_IT_IS)
    return usual, {name: grid.verdicts() for name, grid in grids.items()}


def _by_verdict(place: Place, usual: str, others: Mapping[str, Mapping[Place, str]]) -> dict[str, list[str]]:
    """The variations under which a cell has another verdict, by that."""
    found: dict[str, list[str]] = {}
    for name, verdicts in others.items():
        if verdicts.get(place, usual) != usual:
            found.setdefault(verdicts[place], []).append(name)
    return found


def _in_words(usual: str, found: Mapping[str, Sequence[str]]) -> str:
    return "; ".join([usual or NO_DIFFERENCE, *(f"{verdict or NO_DIFFERENCE} with {', '.join(names)}" for verdict, names in found.items())])
