"""A machine from a TOML file: a profile of `harness.measure.costs` with another topology or other costs.

    [machine]
    profile = "westmere-ex-8s"      # what is not given below is as there
    mhz = 2400
    sockets = 2                     # a topology of one's own needs these three
    cores_per_socket = 12
    distance = [[0, 1], [1, 0]]     # class of distance from socket to socket: 0 within one, 1 for the next in the rows of costs, ...
    cpus = 16                       # CPUs in use, as many on each socket; otherwise all

    [costs]
    inject = 3000                   # in the unit of the table
    tick_work = "20 µs"             # the unit can be said, and is checked
    load_shared = [44, 223]         # one value for each distance: a topology with other distances needs one for every row that has several

Everything that makes no sense is a `ConfigurationError`, whose text is one line with the file and the key.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from harness.measure.costs import COSTS, CYCLES, MICROSECONDS, PROFILES, Cost, CostTable, Profile
from harness.suite.whole_numbers import quoted
from harness.timed.topology import Topology

CostValue = int | tuple[int, ...]

DEFAULT_PROFILE = "westmere-ex-8s"
MACHINE_KEYS = ("profile", "mhz", "sockets", "cores_per_socket", "distance", "cpus")
SHAPE_KEYS = ("sockets", "cores_per_socket", "distance")
UNITS = {CYCLES: (CYCLES,), MICROSECONDS: (MICROSECONDS, "us")}
MAX_CPUS = 1024
# Of one cost: so many cycles, or µs, are longer than any run.
MOST_COST = 10**9
# A distance is the place in a row of costs.
MOST_DISTANCE = 1000


class ConfigurationError(ValueError):
    """A configuration that makes no sense; one line."""


@dataclass(frozen=True)
class Overrides:
    """What a file says: the machine, and the costs that differ from its profile's. Can be pickled."""

    source: str
    profile: Profile
    costs: tuple[tuple[str, CostValue], ...]

    def table(self) -> CostTable:
        """The costs, ready for an engine."""
        return CostTable(self.profile, dict(self.costs), self.source)


def load_overrides(path: Path | str, profile: str | None = None) -> Overrides:
    """Read a file; `profile` is used where the file names none. Raises `ConfigurationError`."""
    source = str(path)
    document = _read(Path(path))
    for key in document:
        if key not in ("machine", "costs"):
            raise _error(source, key, "unknown key: there are the tables machine and costs")
        if not isinstance(document[key], dict):
            raise _error(source, key, "must be a table")
    machine = _machine(source, document.get("machine", {}), profile or DEFAULT_PROFILE)
    known = {cost.name: cost for cost in (*COSTS, *machine.lines)}
    distances = 1 + max(max(row) for row in machine.topology().distance)
    costs = []
    for name, value in document.get("costs", {}).items():
        key = f"costs.{name}"
        if name not in known:
            raise _error(source, key, "unknown cost")
        costs.append((name, _cost(source, key, known[name], value, distances)))
    _check_rows(source, machine, dict(costs), distances)
    return Overrides(source, machine, tuple(costs))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        # ValueError: a number of thousands of digits; RecursionError: lists in lists in lists.
        raise ConfigurationError(f"{path}: is not TOML: {error}".replace("\n", " ")) from None


def _error(source: str, key: str, problem: str) -> ConfigurationError:
    return ConfigurationError(f"{source}: {key}: {problem}")


def _positive(source: str, key: str, value: object, most: int = 1_000_000) -> int:
    if type(value) is not int or not 1 <= value <= most:
        raise _error(source, key, f"must be a whole number from 1 to {most}, not {quoted(value)}")
    return value


# The machine.


def _machine(source: str, table: dict[str, Any], usual: str) -> Profile:
    for key in table:
        if key not in MACHINE_KEYS:
            raise _error(source, f"machine.{key}", f"unknown key: there are {', '.join(MACHINE_KEYS)}")
    name = table.get("profile", usual)
    if not isinstance(name, str) or name not in PROFILES:
        raise _error(source, "machine.profile", f"no such profile: {quoted(name)} (there are {', '.join(PROFILES)})")
    profile = PROFILES[name]
    if "mhz" in table:
        profile = replace(profile, mhz=_positive(source, "machine.mhz", table["mhz"]))
    if not any(key in table for key in (*SHAPE_KEYS, "cpus")):
        return profile
    usual_shape = not any(key in table for key in SHAPE_KEYS)
    topology = profile.topology() if usual_shape else _shape(source, table, name)
    each = _cpus_per_node(source, table, topology)
    # (A partial, not a lambda: it can be sent to a worker process.)
    return replace(profile, topology=partial(Topology, topology.name, each, topology.distance))


def _shape(source: str, table: dict[str, Any], name: str) -> Topology:
    """A topology of the file's own, named like the profile."""
    for key in SHAPE_KEYS:
        if key not in table:
            raise _error(source, f"machine.{key}", f"is missing: a topology needs {', '.join(SHAPE_KEYS)}")
    sockets = _positive(source, "machine.sockets", table["sockets"], MAX_CPUS)
    cores = _positive(source, "machine.cores_per_socket", table["cores_per_socket"], MAX_CPUS)
    if sockets * cores > MAX_CPUS:
        raise _error(source, "machine.sockets", f"{sockets} × {cores} cores are more than {MAX_CPUS}")
    return Topology(name, cores, _distance(source, table["distance"], sockets))


def _distance(source: str, rows: object, sockets: int) -> tuple[tuple[int, ...], ...]:
    key = "machine.distance"
    if not isinstance(rows, list) or len(rows) != sockets or not all(isinstance(row, list) and len(row) == sockets for row in rows):
        raise _error(source, key, f"must be {sockets} rows of {sockets} classes, one for each pair of sockets")
    for a, row in enumerate(rows):
        for b, distance in enumerate(row):
            if type(distance) is not int or not 0 <= distance <= MOST_DISTANCE:
                raise _error(source, key, f"from {a} to {b}: must be a whole number, not negative, not {quoted(distance)}")
            if distance != rows[b][a]:
                raise _error(source, key, f"from {a} to {b} is not as far as from {b} to {a}")
            if a == b and distance:
                raise _error(source, key, f"from {a} to itself must be 0")
    return tuple(tuple(row) for row in rows)


def _cpus_per_node(source: str, table: dict[str, Any], topology: Topology) -> int:
    if "cpus" not in table:
        return topology.cpus_per_node
    cpus = _positive(source, "machine.cpus", table["cpus"])
    if cpus > topology.nr_cpus:
        raise _error(source, "machine.cpus", f"{cpus} CPUs, but {topology.nodes} × {topology.cpus_per_node} = {topology.nr_cpus} cores")
    if cpus % topology.nodes:
        raise _error(source, "machine.cpus", f"{cpus} CPUs cannot be spread evenly over {topology.nodes} sockets or dies")
    return cpus // topology.nodes


# Costs.


def _cost(source: str, key: str, cost: Cost, value: object, distances: int) -> CostValue:
    if isinstance(cost.value, int):
        return _amount(source, key, cost.unit, value)
    if not isinstance(value, list):
        raise _error(source, key, f"must be a list of {distances}, one {cost.unit} value for each distance, not {quoted(value)}")
    if len(value) != distances:
        raise _error(source, key, f"must have {distances} values, one for each distance, and has {len(value)}")
    return tuple(_amount(source, key, cost.unit, each) for each in value)


def _amount(source: str, key: str, unit: str, value: object) -> int:
    if isinstance(value, str):
        found = re.fullmatch(r"(-?[0-9]{1,18}) *(\S+)", value)
        if found is None or found[2] not in UNITS[unit]:
            raise _error(source, key, f"must be in {unit}, not {quoted(value)}")
        value = int(found[1])
    if type(value) is not int:
        raise _error(source, key, f"must be a whole number of {unit}, not {quoted(value)}")
    if value < 0:
        raise _error(source, key, f"is negative: {quoted(value)}")
    if value > MOST_COST:
        raise _error(source, key, f"is more than {MOST_COST}: {quoted(value)}")
    return value


def _check_rows(source: str, machine: Profile, costs: dict[str, CostValue], distances: int) -> None:
    """A topology with other distances than its profile's needs a value for each."""
    for cost in machine.lines:
        if isinstance(cost.value, tuple) and cost.name not in costs and len(cost.value) != distances:
            raise _error(source, f"costs.{cost.name}", f"is missing: the topology has {distances} distances, the profile {len(cost.value)}")
