"""The plots of a report on a run: which there are, what each says in words, and its numbers for who cannot see it.

What is drawn is decided here; matplotlib (the extra `html`) is needed only to draw it. Without it, numbers and words are all there is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from harness.measure.figures import FIGURES, IDLE_OVERHEAD, IDLE_STEAL, IRQ_P50, IRQ_P99, LOCK_WAIT_MEAN, LOCKS_PER_RUN
from harness.measure.ladder_curves import LadderCurves
from harness.measure.lock_ladder import LADDER
from harness.measure.measured_run import QUANTILES
from harness.measure.performance import Performance
from harness.report.figure_cells import MISSING, marked_text
from harness.report.plot_text import MOST_BANDS, NOTHING, conditions, gaps, stage_name
from harness.suite.figure import Figure, NotMeasured
from harness.verify.verdicts import StageResult
from stages.api import short_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

UNDRAWN = "plots are left out: they need matplotlib, which the extra `html` brings"
# In the table of a distribution: shares in per cent.
SHARES = (50, 90, 99, 99.9, 100)
INTERVAL = "The bars are 95 % confidence intervals of the mean; a * marks what differs from the stage before by more than both intervals."
OVERHEAD_SAYS = (
    "What vCPUs that have nothing to do with the load lose: of their time, in the stage's code (overhead), "
    "and ready to run but not running (steal)."
)
IRQ_SAYS = (
    "From a device's interrupt to its injection into the guest: "
    "half of all interrupts took no longer than p50, 99 of 100 no longer than p99."
)
LOCKS_SAY = "How often one run of a function takes locks of the stage, and how long an acquisition waits on average."
OTHERS_SAY = "What is measured under this load besides what every load has."
LATENCY_SAYS = (
    "Which share of the runs began within a time after they were asked for, a curve a stage; stages with the same values share a curve, "
    "and its entry below has all of them. "
    f"The bands, which more than {MOST_BANDS} curves have not got, are 95 % confidence intervals of the mean."
)
# (Of the loads of tasklets none is; what a suite of one's own notes may be 0.)
OFF_SCALE = "Left out, as a logarithmic axis has no place for them: the lowest times, which are not above zero, of stage {stages}."
LADDER_SAYS = (
    "Without any stage: how often CPUs that do nothing else take one lock, for each flavour, and what a model says. "
    "The critical section takes {critical:,} cycles, and {between:,} pass on average between two acquisitions of a CPU. "
    "Each value is the mean of two runs of {length:,} cycles, one that starts with nobody at the lock and one with everybody; "
    "the bands are between the two. Machine: {machine}. The same again: {command}"
)


@dataclass(frozen=True)
class PlotOnPage:
    """A plot: `svg` is fit to be put into a page as it is, and empty where there is nothing to draw, or nothing to draw with (`UNDRAWN`).

    `name` is a word, different for each plot of a page; all identifiers in `svg` begin with it. `headers` and `rows` have the numbers.
    """

    name: str
    title: str
    caption: str
    svg: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class StagePlot:
    """Figures to draw against the stages."""

    name: str
    title: str
    says: str
    figures: tuple[Figure, ...]


STAGE_PLOTS = (
    StagePlot("overhead", "Overhead and steal", OVERHEAD_SAYS, (IDLE_OVERHEAD, IDLE_STEAL)),
    StagePlot("irq", "Interrupt latency", IRQ_SAYS, (IRQ_P50, IRQ_P99)),
    StagePlot("locks", "Locks", LOCKS_SAY, (LOCKS_PER_RUN, LOCK_WAIT_MEAN)),
)


def report_plots(stages: Sequence[StageResult], ladder: LadderCurves | None = None) -> list[PlotOnPage]:
    """All plots, those of the stages only if performance was to be measured. The same results give the same bytes."""
    measured = [stage for stage in stages if stage.performance is not None]
    plots = []
    if measured:
        plots += [_of_stages(plot, measured) for plot in (*STAGE_PLOTS, *_others(measured))]
        plots.append(_distribution(measured))
    return [*plots, *([] if ladder is None else [_ladder(ladder)])]


def _others(stages: Sequence[StageResult]) -> list[StagePlot]:
    """What a load measures of its own and is judged by."""
    rows = dict.fromkeys(row for stage in stages if isinstance(stage.performance, Performance) for row in stage.performance.rows)
    figures = tuple(row for row in rows if row not in FIGURES and row.judged)
    return [StagePlot("others", "Of this load", OTHERS_SAY, figures)] if figures else []


def _drawn(name: str, title: str, make: Callable[[], Drawing]) -> str:
    """What `make` makes, if there is something to draw with."""
    if find_spec("matplotlib") is None:
        return ""
    from harness.report.html.inline_svg import inline_svg
    from harness.report.plot_style import drawing

    with drawing():
        return inline_svg(make(), name, title)


def _stage_figure(rows: Sequence[Figure], named: Sequence[tuple[str, object]]) -> Drawing:
    from harness.report.html.stage_figures import stage_figure

    return stage_figure(rows, named)


def _distribution_figure(named: Sequence[tuple[str, object]]) -> Drawing:
    from harness.report.plots import distribution_figure

    return distribution_figure(named)


def _ladder_figure(curves: LadderCurves) -> Drawing:
    from harness.report.plots import ladder_figure

    return ladder_figure(curves)


def _named(stages: Sequence[StageResult]) -> list[tuple[str, object]]:
    return [(stage_name(stage.index, stage.title), stage.performance) for stage in stages]


def _values(row: Figure, stages: Sequence[StageResult]) -> list[float]:
    found = [stage.performance.value(row) for stage in stages if isinstance(stage.performance, Performance)]
    return [value for value in found if value is not None]


def _of_stages(plot: StagePlot, stages: Sequence[StageResult]) -> PlotOnPage:
    drawn = [row for row in plot.figures if _values(row, stages)]
    limits = [f"From {row.text(limit)} of {row.title} on (dashed), a load has the fault." for row in drawn if (limit := row.threshold)]
    missing = [f"{row.title}: no value on any stage, as nothing of the kind happened." for row in plot.figures if row not in drawn]
    rows = []
    for stage, before in zip(stages, [None, *stages], strict=False):
        cells = [_cell(row, stage.performance, before and before.performance) for row in plot.figures]
        rows.append((str(stage.index), short_title(stage.title), *cells))
    return PlotOnPage(
        plot.name,
        plot.title,
        " ".join([plot.says, INTERVAL, *limits, *missing, _measured(stages)]),
        _drawn(plot.name, plot.title, partial(_stage_figure, drawn, _named(stages))) if drawn else "",
        ("stage", "patch", *[row.title for row in plot.figures]),
        tuple(rows),
    )


def _cell(row: Figure, now: object, before: object) -> str:
    return f"not measured: it {now.problem}" if isinstance(now, NotMeasured) else marked_text(row, now, before)


def _measured(stages: Sequence[StageResult]) -> str:
    """Of what all this is, and what could not be measured."""
    named = _named(stages)
    words = conditions([found for _, found in named])
    return " ".join([f"Measured: {words}." if words != NOTHING else "Nothing could be measured.", *[f"{line}." for line in gaps(named)]])


def _distribution(stages: Sequence[StageResult]) -> PlotOnPage:
    title = "Distribution of the latency to the run"
    found = [stage.performance for stage in stages if isinstance(stage.performance, Performance)]
    low = ", ".join(str(stage.index) for stage in stages if _off_scale(stage))
    drawn = any(each.latencies for each in found)
    return PlotOnPage(
        "latency",
        title,
        " ".join([LATENCY_SAYS, *[OFF_SCALE.format(stages=low)] * bool(low), _measured(stages)]),
        _drawn("latency", title, partial(_distribution_figure, _named(stages))) if drawn else "",
        ("stage", "patch", *[f"{share:g} % within" for share in SHARES]),
        tuple((str(stage.index), short_title(stage.title), *[_within(stage.performance, share) for share in SHARES]) for stage in stages),
    )


def _off_scale(stage: StageResult) -> bool:
    found = stage.performance
    return isinstance(found, Performance) and any(value <= 0 for value in found.latencies)


def _within(found: object, share: float) -> str:
    """The time within which a share of the runs began."""
    if isinstance(found, NotMeasured):
        return f"not measured: it {found.problem}"
    if not isinstance(found, Performance) or not found.latencies:
        return MISSING
    place = QUANTILES.index(share)
    spread = f" ±{found.latency_spread[place]:.2f}" if found.latency_spread else ""
    return f"{found.latencies[place]:.2f}{spread} µs"


def _ladder(curves: LadderCurves) -> PlotOnPage:
    p, title = curves.parameters, "A lock alone"
    command = f"harness perf --scenario {LADDER} --set length={p.length} --seed {curves.seed}"
    machine = curves.settings.table().profile.name
    columns = zip(*curves.throughputs.values(), strict=True)
    return PlotOnPage(
        "ladder",
        title,
        LADDER_SAYS.format(critical=p.critical, between=p.between, length=p.length, machine=machine, command=command),
        _drawn("ladder", title, partial(_ladder_figure, curves)),
        ("CPUs", *[f"{name}, per million cycles" for name in curves.throughputs]),
        tuple((str(cpus), *[f"{value:.0f}" for value in values]) for cpus, values in zip(p.cpus, columns, strict=True)),
    )
