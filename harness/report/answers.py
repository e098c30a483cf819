"""Tables that answer the questions of `harness perf`. Each function returns text without a final newline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from harness.performance.calibration import Calibration
from harness.performance.claims import CLAIMS, Claim, Stages
from harness.performance.measurement import Performance
from harness.report.tables import MISSING, table
from harness.series.loading import Target
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
    """A table per figure: stages down, scenarios across; what is better or worse than at the stage before is marked."""
    found = {(values[0], target.index): result for (values, target, _), result in zip(rows, results, strict=True)}
    names = list(dict.fromkeys(values[0] for values, _, _ in rows))
    targets = list(dict.fromkeys(target for _, target, _ in rows))
    parts = []
    for figure, (title, form, _) in JUDGED.items():
        lines = []
        for number, target in enumerate(targets):
            before = targets[number - 1].index if number else None
            cells = [_cell(figure, form, found[name, target.index], found.get((name, before))) for name in names]  # type: ignore[arg-type]
            lines.append([target.index, short_title(target.title), *cells])
        parts.append(f"{title}\n{table(lines, ['stage', 'patch', *names], tablefmt, ['stage'])}")
    return "\n\n".join([*parts, _changes(found, names, targets)])


def _cell(figure: str, form: str, now: Measured, before: Measured | None) -> str:
    text = _with_spread(figure, form, now)
    if isinstance(now, Performance) and isinstance(before, Performance):
        text = f"{text} {judged(figure, now, before)}".rstrip()
    return text


def _changes(found: Mapping[tuple[str, int], Measured], names: Sequence[str], targets: Sequence[Target]) -> str:
    """In words: what each stage does to each scenario, compared with the stage before."""
    lines = []
    for name in names:
        for before, now in pairwise(targets):
            old, new = found[name, before.index], found[name, now.index]
            if isinstance(old, Performance) and isinstance(new, Performance):
                changed = [f"{JUDGED[f][0]} {word}" for f in JUDGED if (word := judged(f, new, old))]
                lines += [f"{name}, stage {now.index}: {', '.join(changed)}"] if changed else []
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


def cells_sensitivity(rows: Rows, results: Sequence[Measured], tablefmt: str) -> str:
    """Each verdict of the stage × scenario table that is not the same under every variation, with the variations that change it."""
    found = {(*values, target.index): result for (values, target, _), result in zip(rows, results, strict=True)}
    indices = list(dict.fromkeys(target.index for _, target, _ in rows))
    variations: dict[str, list[str]] = {}
    for values, _, _ in rows:
        if values[1] not in variations.setdefault(values[0], []):
            variations[values[0]].append(values[1])
    lines = []
    for scenario, names in variations.items():
        for old, new in pairwise(indices):
            for figure, (title, _, _) in JUDGED.items():
                verdicts = {name: _verdict(figure, found[scenario, name, new], found[scenario, name, old]) for name in names}
                usual = verdicts[names[0]]
                if usual is None or not usual:
                    continue
                opposite = [name for name, verdict in verdicts.items() if verdict and verdict != usual]
                weaker = [name for name, verdict in verdicts.items() if verdict == SAME]
                lines.append([scenario, new, title, usual, ", ".join(opposite) or MISSING, ", ".join(weaker) or MISSING])
    headers = ["scenario", "stage", "figure", "against the stage before", "opposite with", "no difference with"]
    return table(lines, headers, tablefmt, ["stage"])


def _verdict(figure: str, now: Measured, before: Measured) -> str | None:
    return judged(figure, now, before) if isinstance(now, Performance) and isinstance(before, Performance) else None
