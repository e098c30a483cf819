"""The words of plots: what curves and rows are called, which of them coincide, and what was measured. Nothing here draws."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from harness.measure.performance import Measured, Performance
from harness.suite.figure import NotMeasured
from harness.verify.conclusions import count_of
from stages.api import short_title

Value = TypeVar("Value", bound=Hashable)

# What is neither coloured nor faint: whoever shows a plot on another ground may have another ink.
INK = "#000000"
# Letters of a name, and of the reason why something was not measured.
LONGEST_NAME = 48
LONGEST_PROBLEM = 90
# With more curves, bands would hide what is to be seen.
MOST_BANDS = 12
INTERVALS = "bars and bands: 95 % confidence interval of the mean"
NOTHING = "nothing was measured"


def fitting(text: str, most: int) -> str:
    """One line of text with at most so many letters; what is no text, or would turn round what follows, is replaced."""
    line = "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(text.split()))
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def stage_name(index: int, title: str) -> str:
    """What a plot calls a stage: its number and the title of its patch."""
    return f"{index} {fitting(short_title(title), LONGEST_NAME)}"


def alike(curves: Iterable[tuple[str, Value]]) -> list[tuple[str, Value]]:
    """Curves by name, each once: one that is the same as an earlier one is told in the name of that one, on a line with `=`."""
    names: dict[Value, list[str]] = {}
    for name, value in curves:
        names.setdefault(value, []).append(name)
    return [("\n= ".join(each), value) for value, each in names.items()]


def not_measured(name: str, problem: str) -> str:
    """What stands in for a curve that there is none of."""
    return f"{name}: not measured, the stage {fitting(problem, LONGEST_PROBLEM)}"


def gaps(named: Iterable[tuple[str, object]]) -> list[str]:
    """Say what was not measured, and why."""
    return [not_measured(name, found.problem) for name, found in named if isinstance(found, NotMeasured)]


def conditions(results: Sequence[Measured | object]) -> str:
    """Under which load, on which machine and how often was measured: what all have in common, or how much they differ."""
    found = [each for each in results if isinstance(each, Performance)]
    if not found:
        return NOTHING
    loads = _common([str(each.configuration.get("scenario", "")) for each in found], "load")
    machines = _common([str(each.configuration.get("machine", {}).get("profile", "")) for each in found], "machine")
    locks = _common([str(each.configuration.get("lock", "")) for each in found], "flavours of lock", "lock ")
    return f"{loads} on {machines}, {locks}; {run_counts(found)}"


def _common(words: Sequence[str], what: str, before: str = "") -> str:
    different = sorted(set(words))
    return f"{before}{different[0]}" if len(different) == 1 else f"several {what}"


def run_counts(found: Sequence[Performance]) -> str:
    """How many runs each mean is of."""
    counts = sorted({len(each.seeds) for each in found})
    return f"{count_of(counts[0], 'run')} each" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} runs each"
