"""Turns what the user says about a load (scenario, parameters, costs, what to sweep) into one, or into a `UsageError`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from itertools import product
from math import prod

from harness.cli.exit_codes import UsageError
from harness.measure.cost_overrides import MOST_COST, CostValue, load_overrides
from harness.measure.costs import PROFILES
from harness.measure.loads_of_suite import loads_named
from harness.measure.lock_ladder import LADDER
from harness.measure.settings import LOCKS, Settings
from harness.measure.workload import Workload
from harness.suite.parameters import ParameterError, with_texts
from harness.suite.whole_numbers import NoSuchNumber, shortened, whole_number

# No more digits: the length of an axis has to be a number that Python takes for one.
RANGE = re.compile(r"([0-9]{1,15})\.\.([0-9]{1,15})")


@dataclass(frozen=True)
class LoadOptions:
    """A load and a machine in the user's words; None where they say nothing."""

    suite: str
    scenario: str
    # NAME=VALUE, as `costs`.
    changes: tuple[str, ...] = ()
    topology: str | None = None
    lock: str = LOCKS[0]
    costs: tuple[str, ...] = ()
    config: str | None = None


@contextmanager
def load_errors() -> Iterator[None]:
    """A parameter or cost that makes no sense is a usage error."""
    try:
        yield
    except (ParameterError, ValueError) as error:
        raise UsageError(str(error)) from None


def workload_of(options: LoadOptions, scenario: str | None = None) -> Workload:
    """The load of the options, or another scenario on the same machine."""
    name, loads = scenario or options.scenario, loads_named(options.suite)
    if name not in loads:
        raise UsageError(f"unknown scenario {name!r}: choose one of {', '.join([*loads, LADDER])}")
    with load_errors():
        parameters = with_texts(loads[name].parameters(), [pair(text, "--set") for text in options.changes])
    return Workload(name, parameters, settings_of(options), options.suite)


def settings_of(options: LoadOptions, usual: str = Settings().topology) -> Settings:
    """The machine of the options, `usual` if they name no topology."""
    topology = options.topology or usual
    for value, known, what in ((topology, PROFILES, "topology"), (options.lock, LOCKS, "lock flavour")):
        if value not in known:
            raise UsageError(f"unknown {what} {value!r}: choose one of {', '.join(known)}")
    overrides: dict[str, CostValue] = {}
    with load_errors():
        for text in options.costs:
            name, value = pair(text, "--cost")
            overrides[name] = _cost(name, value)
        file = None if options.config is None else load_overrides(options.config, topology)
        settings = Settings(topology, options.lock, tuple(overrides.items()), file)
        settings.table()
    return settings


def pair(text: str, option: str) -> tuple[str, str]:
    """The two sides of NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise UsageError(f"{option} needs NAME=VALUE, not {shortened(text)!r}")
    return name, value


def _cost(name: str, text: str) -> CostValue:
    words = text.split(",")
    if not all(re.fullmatch("[0-9]+", word) for word in words):
        raise ParameterError(f"{name} is a whole number, or several with commas, not {shortened(text)!r}")
    try:
        values = tuple(whole_number(word, 0, MOST_COST) for word in words)
    except NoSuchNumber as error:
        raise ParameterError(f"{name} {error}") from None
    return values if len(values) > 1 else values[0]


@dataclass(frozen=True)
class Axis:
    """What a sweep varies, and its values: words, and ranges of numbers that are not written out."""

    name: str
    pieces: tuple[str | range, ...]

    def __len__(self) -> int:
        return sum(1 if isinstance(piece, str) else len(piece) for piece in self.pieces)

    def values(self) -> Iterator[str]:
        """The texts of its values."""
        for piece in self.pieces:
            yield from [piece] if isinstance(piece, str) else map(str, piece)


# What can be swept besides the scenario's own parameters.
SETTINGS: dict[str, Callable[[Settings, str], Settings]] = {
    "lock": lambda settings, value: replace(settings, lock=value),
    "topology": lambda settings, value: replace(settings, topology=value),
}


def axes_of(texts: Sequence[str]) -> list[Axis]:
    """The axes of `--sweep NAME=VALUES`: values with commas, or FIRST..LAST."""
    axes = []
    for text in texts:
        name, values = pair(text, "--sweep")
        pieces = tuple(_piece(word) for word in values.split(","))
        axis = Axis(name, pieces)
        if not len(axis) or "" in pieces:
            raise UsageError(f"--sweep {name} needs values: with commas, or FIRST..LAST")
        axes.append(axis)
    if len({axis.name for axis in axes}) < len(axes):
        raise UsageError("each axis of a sweep is given once")
    return axes


def _piece(word: str) -> str | range:
    found = RANGE.fullmatch(word)
    return range(int(found[1]), int(found[2]) + 1) if found else word


def points_of(axes: Sequence[Axis]) -> int:
    """How many loads a sweep has; nothing is written out for that."""
    return prod(len(axis) for axis in axes)


def swept(workload: Workload, axes: Sequence[Axis]) -> list[tuple[tuple[str, ...], Workload]]:
    """Every combination of the axes' values, and the load for it."""
    return [(values, _at(workload, axes, values)) for values in product(*(axis.values() for axis in axes))]


def _at(workload: Workload, axes: Sequence[Axis], values: Sequence[str]) -> Workload:
    for axis, value in zip(axes, values, strict=True):
        if axis.name in SETTINGS:
            workload = replace(workload, settings=_settings_with(workload.settings, axis.name, value))
        else:
            workload = with_parameter(workload, axis.name, value)
    return workload


def _settings_with(settings: Settings, name: str, value: str) -> Settings:
    known = PROFILES if name == "topology" else LOCKS
    if value not in known:
        raise UsageError(f"unknown {name} {shortened(value)!r}: choose one of {', '.join(known)}")
    if name == "topology" and settings.file:
        raise UsageError("the topology cannot be swept with --config, which gives it")
    return SETTINGS[name](settings, value)


def with_parameter(workload: Workload, name: str, value: str) -> Workload:
    """The same load with another value of one parameter, which is no list."""
    if any(each.name == name and isinstance(each.default, tuple) for each in fields(workload.parameters)):
        raise UsageError(f"{name} is a list: it cannot be swept")
    with load_errors():
        return replace(workload, parameters=with_texts(workload.parameters, [(name, value)]))
