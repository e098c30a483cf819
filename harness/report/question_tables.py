"""Tables that answer the questions of `harness perf`. Each function returns text without a final newline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from harness.measure.calibration import Calibration
from harness.measure.reported_figures import CLAIMS, Claim, Stages
from harness.measure.summary import Performance
from harness.report.tables import MISSING, table
from harness.sources.target import Target
from stages.api import short_title

Measured = Performance | str
Rows = Sequence[tuple[tuple[str, ...], Target, Any]]

# An idle guest that loses less than this has not got the bug.
CURED_OVERHEAD_PCT, CURED_STEAL_PCT = 0.5, 2.0

# The figures that a load is judged by: column, form, and whether more is better.
JUDGED = {
    "idle_overhead_pct": ("overhead of the observed vCPUs", "{:.1f} %", False),
    "idle_steal_pct": ("steal of the observed vCPUs", "{:.1f} %", False),
    "run_p99_us": ("schedule to run, p99", "{:.2f} µs", False),
    "tasklets_per_s": ("tasklets run per second", "{:.0f}", True),
}
BETTER, WORSE, SAME = "better", "worse", ""
NO_DIFFERENCE = "no difference"

# The variation that is none.
AS_IT_IS = "as it is"


def judged(name: str, now: Performance, before: Performance) -> str:
    """Whether a figure is better or worse than before, beyond both confidence intervals."""
    new, old = now.figures[name], before.figures[name]
    if new is None or old is None or not now.differs(name, before):
        return SAME
    return BETTER if (new > old) == JUDGED[name][2] else WORSE


def _with_spread(name: str, form: str, found: Measured | None) -> str:
    if not isinstance(found, Performance) or found.figures[name] is None:
        return MISSING
    number, space, unit = form.format(found.figures[name]).partition(" ")
    return f"{number} ±{form.format(found.spread[name] or 0).partition(' ')[0]}{space}{unit}"


def calibration(found: Calibration, tablefmt: str) -> str:
    """The rate, and how it was found."""
    rows = [[rate, f"{mean:.2f} ±{half:.2f} %"] for rate, mean, half in found.steps]
    steps = table(rows, ["device_hz", "overhead, baseline"], tablefmt, ["device_hz"])
    return f"calibrated: device_hz = {found.value} (95 %: {found.low} to {found.high}), where the baseline loses a tenth\n{steps}"


def claims(stages: Stages, tablefmt: str) -> str:
    """What was reported, beside what comes out."""
    rows = [[c.what, c.reported, c.form.format(value := c.value(stages)), "yes" if c.holds(value) else "NO"] for c in CLAIMS]
    return table(rows, ["figure", "reported", "here", "agrees"], tablefmt)


def reviewers(rows: Rows, results: Sequence[Measured], tablefmt: str) -> str:
    """Whether another lock cures the bug: a row per size, load, stage and flavour, and a summary."""
    lines: list[list[object]] = []
    cured: dict[tuple[int, str], list[tuple[tuple[str, ...], bool | None]]] = {}
    for (values, target, _), found in zip(rows, results, strict=True):
        verdict = is_cured(found)
        lines.append([*values[:2], target.index, values[2], *_idle_figures(found), {True: "yes", False: "NO", None: MISSING}[verdict]])
        cured.setdefault((target.index, values[2]), []).append((values, verdict))
    headers = ["sockets", "device_hz", "stage", "lock", "idle overhead", "idle steal", "irq p99", "tasklets/s", "no bug"]
    text = table(lines, headers, tablefmt, headers[:3])
    return f"{text}\n\n" + "\n".join(_summary(stage, lock, verdicts) for (stage, lock), verdicts in cured.items())


def _summary(stage: int, lock: str, verdicts: Sequence[tuple[tuple[str, ...], bool | None]]) -> str:
    bad = [f"{values[0]} sockets at {values[1]}/s" for values, verdict in verdicts if verdict is False]
    return f"stage {stage} with {lock} locks: " + (f"the bug is there on {', '.join(bad)}" if bad else "no bug at any size and load tried")


def is_cured(found: Measured) -> bool | None:
    """Whether the idle guests lose next to nothing; None if that was not measured."""
    if not isinstance(found, Performance):
        return None
    overhead, steal = found.figures["idle_overhead_pct"], found.figures["idle_steal_pct"]
    return None if overhead is None or steal is None else overhead < CURED_OVERHEAD_PCT and steal < CURED_STEAL_PCT


def _idle_figures(found: Measured) -> list[str]:
    forms = {"idle_overhead_pct": "{:.2f} %", "idle_steal_pct": "{:.2f} %", "irq_p99_us": "{:.1f} µs", "tasklets_per_s": "{:.0f}"}
    return [_with_spread(name, form, found) for name, form in forms.items()]


def scenarios(rows: Rows, results: Sequence[Measured], tablefmt: str) -> str:
    """A table per figure: stages down, scenarios across; what is better or worse than at the stage before is marked, and said in words."""
    cells = _Cells({(values[0], target.index): result for (values, target, _), result in zip(rows, results, strict=True)}, rows)
    return "\n\n".join([cells.tables({}, tablefmt), cells.changes()])


# A cell: figure, scenario, stage.
Place = tuple[str, str, int]


class _Cells:
    """The results of every stage under every scenario."""

    def __init__(self, found: Mapping[tuple[str, int], Measured], rows: Rows) -> None:
        self.found = found
        self.names = list(dict.fromkeys(values[0] for values, _, _ in rows))
        self.targets = list(dict.fromkeys(target for _, target, _ in rows))

    def tables(self, marks: Mapping[Place, str], tablefmt: str) -> str:
        """A table per figure; `marks` are put behind cells."""
        parts = []
        for figure, (title, _, _) in JUDGED.items():
            lines = []
            for target, before in zip(self.targets, [None, *self.targets], strict=False):
                cells = [self._cell((figure, name, target.index), before, marks) for name in self.names]
                lines.append([target.index, short_title(target.title), *cells])
            parts.append(f"{title}\n{table(lines, ['stage', 'patch', *self.names], tablefmt, ['stage'])}")
        return "\n\n".join(parts)

    def _cell(self, place: Place, before: Target | None, marks: Mapping[Place, str]) -> str:
        figure, name, index = place
        words = [_with_spread(figure, JUDGED[figure][1], self.found[name, index]), self.verdict(place, before), marks.get(place)]
        return " ".join(word for word in words if word)

    def verdict(self, place: Place, before: Target | None) -> str | None:
        """Whether a cell is better or worse than the stage before; None if either was not measured."""
        figure, name, index = place
        new, old = self.found[name, index], None if before is None else self.found[name, before.index]
        return judged(figure, new, old) if isinstance(new, Performance) and isinstance(old, Performance) else None

    def verdicts(self) -> dict[Place, str]:
        """All of them."""
        places = [((figure, name, now.index), before) for name in self.names for before, now in pairwise(self.targets) for figure in JUDGED]
        return {place: verdict for place, before in places if (verdict := self.verdict(place, before)) is not None}

    def changes(self) -> str:
        """In words: what each stage does to each scenario, compared with the stage before."""
        changed: dict[tuple[str, int], list[str]] = {}
        for (figure, name, index), verdict in self.verdicts().items():
            if verdict:
                changed.setdefault((name, index), []).append(f"{JUDGED[figure][0]} {verdict}")
        lines = [f"{name}, stage {index}: {', '.join(words)}" for (name, index), words in changed.items()]
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


def cells_sensitivity(rows: Rows, results: Sequence[Measured], tablefmt: str) -> str:
    """The tables of `scenarios`, with a mark on each verdict that does not survive every variation, and which ones change it."""
    by_variation: dict[str, dict[tuple[str, int], Measured]] = {}
    for (values, target, _), result in zip(rows, results, strict=True):
        by_variation.setdefault(values[1], {})[values[0], target.index] = result
    usual = _Cells(by_variation[AS_IT_IS], rows)
    # (A variation of one scenario need not be one of another.)
    others: dict[str, dict[Place, str]] = {}
    for name, found in by_variation.items():
        if name != AS_IT_IS:
            those = [row for row in rows if row[0][1] == name]
            others[name] = _Cells(found, those).verdicts()
    verdicts = usual.verdicts()
    changed = {place: _by_verdict(place, verdict, others) for place, verdict in verdicts.items()}
    changed = {place: found for place, found in changed.items() if found}
    opposite = {BETTER: WORSE, WORSE: BETTER}
    marks = {place: REVERSED if opposite.get(verdicts[place]) in found else UNSURE for place, found in changed.items()}
    lines = [
        f"{name}, stage {index}, {JUDGED[figure][0]}: {_in_words(verdicts[figure, name, index], found)}"
        for (figure, name, index), found in changed.items()
    ]
    all_, firm = ([place for place in of if verdicts[place]] for of in (verdicts, verdicts.keys() - changed.keys()))
    turned = sum(mark == REVERSED for mark in marks.values())
    summary = f"{len(firm)} of {len(all_)} verdicts (better, worse) survive every variation; {turned} are the opposite under some"
    return "\n\n".join([usual.tables(marks, tablefmt), "\n".join([*([LEGEND, *lines] if lines else []), summary])])


def _by_verdict(place: Place, usual: str, others: Mapping[str, Mapping[Place, str]]) -> dict[str, list[str]]:
    """The variations under which a cell has another verdict, by that."""
    found: dict[str, list[str]] = {}
    for name, verdicts in others.items():
        if verdicts.get(place, usual) != usual:
            found.setdefault(verdicts[place], []).append(name)
    return found


def _in_words(usual: str, found: Mapping[str, Sequence[str]]) -> str:
    return "; ".join([usual or NO_DIFFERENCE, *(f"{verdict or NO_DIFFERENCE} with {', '.join(names)}" for verdict, names in found.items())])
