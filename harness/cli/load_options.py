"""Turns what the user says about a load (scenario, parameters, costs, what to sweep) into one, or into a `UsageError`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from itertools import product

from harness.cli.exit_codes import UsageError
from harness.measure.cost_overrides import CostValue, load_overrides
from harness.measure.costs import PROFILES
from harness.measure.settings import LOCKS, Settings
from harness.measure.summary import Load
from harness.suite.parameters import ParameterError, with_texts
from harness.tasklets.loads.scenarios import LADDER, SCENARIOS

RANGE = re.compile(r"([0-9]+)\.\.([0-9]+)")


@contextmanager
def load_errors() -> Iterator[None]:
    """A parameter or cost that makes no sense is a usage error."""
    try:
        yield
    except (ParameterError, ValueError) as error:
        raise UsageError(str(error)) from None


def load_of(options: argparse.Namespace, scenario: str | None = None) -> Load:
    """The load of the options, or another scenario on the same machine."""
    name = scenario or options.scenario
    if name not in SCENARIOS:
        raise UsageError(f"unknown scenario {name!r}: choose one of {', '.join([*SCENARIOS, LADDER])}")
    with load_errors():
        parameters = with_texts(SCENARIOS[name].parameters(), [pair(text, "--set") for text in options.set])
    return Load(name, parameters, settings_of(options))


def settings_of(options: argparse.Namespace, usual: str = Settings().topology) -> Settings:
    """The machine of the options, `usual` if they name no topology."""
    topology = options.topology or usual
    for value, known, what in ((topology, PROFILES, "topology"), (options.lock, LOCKS, "lock flavour")):
        if value not in known:
            raise UsageError(f"unknown {what} {value!r}: choose one of {', '.join(known)}")
    overrides: dict[str, CostValue] = {}
    with load_errors():
        for text in options.cost:
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
        raise UsageError(f"{option} needs NAME=VALUE, not {text!r}")
    return name, value


def _cost(name: str, text: str) -> CostValue:
    words = text.split(",")
    if not all(re.fullmatch("[0-9]+", word) for word in words):
        raise ParameterError(f"{name} is a whole number, or several with commas, not {text!r}")
    values = tuple(map(int, words))
    return values if len(values) > 1 else values[0]


@dataclass(frozen=True)
class Axis:
    """What a sweep varies, and the texts of its values."""

    name: str
    values: tuple[str, ...]


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
        words: list[str] = []
        for word in values.split(","):
            found = RANGE.fullmatch(word)
            words += map(str, range(int(found[1]), int(found[2]) + 1)) if found else [word]
        if not words or not all(words):
            raise UsageError(f"--sweep {name} needs values: with commas, or FIRST..LAST")
        axes.append(Axis(name, tuple(words)))
    if len({axis.name for axis in axes}) < len(axes):
        raise UsageError("each axis of a sweep is given once")
    return axes


def swept(load: Load, axes: Sequence[Axis]) -> list[tuple[tuple[str, ...], Load]]:
    """Every combination of the axes' values, and the load for it."""
    return [(values, _at(load, axes, values)) for values in product(*(axis.values for axis in axes))]


def _at(load: Load, axes: Sequence[Axis], values: Sequence[str]) -> Load:
    lists = [each.name for each in fields(load.parameters) if isinstance(each.default, tuple)]
    for axis, value in zip(axes, values, strict=True):
        if axis.name in SETTINGS:
            known = PROFILES if axis.name == "topology" else LOCKS
            if value not in known:
                raise UsageError(f"unknown {axis.name} {value!r}: choose one of {', '.join(known)}")
            if axis.name == "topology" and load.settings.file:
                raise UsageError("the topology cannot be swept with --config, which gives it")
            load = replace(load, settings=SETTINGS[axis.name](load.settings, value))
        elif axis.name in lists:
            raise UsageError(f"{axis.name} is a list: it cannot be swept")
        else:
            with load_errors():
                load = replace(load, parameters=with_texts(load.parameters, [(axis.name, value)]))
    return load
