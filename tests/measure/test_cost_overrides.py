"""Machines from TOML files: what can be said, what it amounts to, and that nonsense is one line with the file and the key."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from harness.measure.cost_overrides import ConfigurationError, load_overrides
from harness.measure.costs import PROFILES, CostTable

TWO_SOCKETS = """
[machine]
profile = "westmere-ex-8s"
mhz = 2400
sockets = 2
cores_per_socket = 12
distance = [[0, 1], [1, 0]]
"""

LINES = "".join(f"{cost.name} = [100, 200]\n" for cost in PROFILES["westmere-ex-8s"].lines if isinstance(cost.value, tuple))


def written(path: Path, text: str) -> Path:
    """A configuration file."""
    path.joinpath("machine.toml").write_text(text, encoding="utf-8")
    return path / "machine.toml"


def test_costs(tmp_path: Path) -> None:
    """Costs are given in the table's unit, with or without saying so; the rest stays as it was."""
    table = load_overrides(
        written(tmp_path, '[costs]\ninject = 3000\ntick_work = "20 us"\ndevice_work = "5 µs"\nload_shared = [1, "2 cycles", 3]\n')
    ).table()
    assert table.cycles["inject"] == 3000
    assert (table.cycles["tick_work"], table.cycles["device_work"]) == (20 * 2130, 5 * 2130)
    assert table.caches().costs.load_shared == (1, 2, 3)
    assert table.cycles["event_channel"] == CostTable("westmere-ex-8s").cycles["event_channel"]


def test_an_empty_file_is_the_profile(tmp_path: Path) -> None:
    """Nothing said is nothing changed; the caller's profile counts if the file names none."""
    assert load_overrides(written(tmp_path, ""), "opteron-4s").table().to_json() == CostTable("opteron-4s").to_json()
    assert load_overrides(written(tmp_path, '[machine]\nprofile = "uniform"\n'), "opteron-4s").table().profile.name == "uniform"


def test_topology(tmp_path: Path) -> None:
    """A topology of one's own, with the costs for its distances; not all of its CPUs need to be in use."""
    table = load_overrides(written(tmp_path, f"{TWO_SOCKETS}cpus = 16\n[costs]\n{LINES}")).table()
    assert (table.topology.nodes, table.topology.nr_cpus, table.profile.mhz) == (2, 16, 2400)
    # CPUs 0 to 7 are on one socket, 8 to 15 on the other.
    assert [table.caches().store_from[0][cpu] for cpu in (7, 8)] == [100, 200]


def test_resolved_configuration(tmp_path: Path) -> None:
    """Everything as used is plain data: each cost with value, unit, provenance and source, which is the file where it says something."""
    path = written(tmp_path, "[costs]\ninject = 3000\n")
    table = load_overrides(path).table()
    rows = {row["name"]: row for row in json.loads(json.dumps(table.to_json()))}
    assert rows["inject"] == {"name": "inject", "value": 3000, "unit": "cycles", "known": "E", "source": str(path)}
    assert set(rows) == {row.name for row in CostTable("westmere-ex-8s").rows}
    assert all(row["known"] in ("R", "M", "E") and row["source"] for row in rows.values())
    assert (table.machine()["nodes"], table.machine()["cpus_per_node"]) == (8, 10)
    assert pickle.loads(pickle.dumps(load_overrides(written(tmp_path, f"{TWO_SOCKETS}[costs]\n{LINES}")))).table().topology.nr_cpus == 24


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[costs]\ninject = -1", "costs.inject: is negative: -1"),
        ('[costs]\ninject = "-1 cycles"', "costs.inject: is negative: -1"),
        ("[costs]\nload_shared = [1, -2, 3]", "costs.load_shared: is negative: -2"),
        ("[costs]\ninjet = 1", "costs.injet: unknown cost"),
        ("[costs]\ninject = 1.5", "costs.inject: must be a whole number of cycles, not 1.5"),
        ("[costs]\ninject = true", "costs.inject: must be a whole number of cycles, not True"),
        ('[costs]\ninject = "2 µs"', "costs.inject: must be in cycles, not '2 µs'"),
        ('[costs]\ntick_work = "2 ms"', "costs.tick_work: must be in µs, not '2 ms'"),
        ("[costs]\nload_shared = [1, 2]", "costs.load_shared: must have 3 values, one for each distance, and has 2"),
        ("[costs]\nload_shared = 5", "costs.load_shared: must be a list of 3, one cycles value for each distance, not 5"),
        ("[cost]\ninject = 1", "cost: unknown key: there are the tables machine and costs"),
        ("costs = 1", "costs: must be a table"),
        ("[machine]\ncores = 4", "machine.cores: unknown key: there are profile, mhz, sockets, cores_per_socket, distance, cpus"),
        ('[machine]\nprofile = "vax"', "machine.profile: no such profile: 'vax' (there are westmere-ex-8s, opteron-4s, uniform)"),
        ("[machine]\nmhz = 0", "machine.mhz: must be a whole number from 1 to 1000000, not 0"),
        ("[machine]\ncpus = 96", "machine.cpus: 96 CPUs, but 8 × 10 = 80 cores"),
        ("[machine]\ncpus = 12", "machine.cpus: 12 CPUs cannot be spread evenly over 8 sockets or dies"),
        ("[machine]\nsockets = 2", "machine.cores_per_socket: is missing: a topology needs sockets, cores_per_socket, distance"),
        (TWO_SOCKETS + "cpus = 25", "machine.cpus: 25 CPUs, but 2 × 12 = 24 cores"),
        (TWO_SOCKETS, "costs.load_modified: is missing: the topology has 2 distances, the profile 3"),
        (TWO_SOCKETS.replace("[1, 0]]", "[2, 0]]"), "machine.distance: from 0 to 1 is not as far as from 1 to 0"),
        (TWO_SOCKETS.replace("[[0", "[[1"), "machine.distance: from 0 to itself must be 0"),
        (TWO_SOCKETS.replace("[[0, 1]", "[[0, -1]"), "machine.distance: from 0 to 1: must be a whole number, not negative, not -1"),
        (TWO_SOCKETS.replace(", [1, 0]]", "]"), "machine.distance: must be 2 rows of 2 classes, one for each pair of sockets"),
        ("[machine", "is not TOML"),
    ],
)
def test_nonsense_is_one_line_with_file_and_key(tmp_path: Path, text: str, complaint: str) -> None:
    """What makes no sense is refused, and the message says where and why."""
    path = written(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        load_overrides(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: {complaint}")
    assert "\n" not in message


def test_unreadable_files(tmp_path: Path) -> None:
    """A file that is not there, is a directory or is not text is an error with its name."""
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    for path, complaint in ((tmp_path / "missing", "cannot be read"), (tmp_path, "cannot be read"), (binary, "is not UTF-8")):
        with pytest.raises(ConfigurationError, match=complaint) as caught:
            load_overrides(path)
        assert str(caught.value).startswith(str(path))
