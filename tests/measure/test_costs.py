"""The cost tables: what they hold, how they are overridden, and what is refused."""

from __future__ import annotations

import pytest

from harness.measure.costs import COSTS, PROFILES, CostTable, E, M, R


@pytest.mark.parametrize("profile", PROFILES)
def test_every_cost_says_where_it_comes_from(profile: str) -> None:
    """Each row has a name of its own, a provenance and a source."""
    rows = CostTable(profile).rows
    assert len({row.name for row in rows}) == len(rows)
    assert all(row.known in (R, M, E) and row.source and row.unit for row in rows)


def test_times_become_cycles_of_the_machine() -> None:
    """40 µs at 2130 MHz are 85,200 cycles; a VM exit and entry together cost what the table says."""
    table = CostTable("westmere-ex-8s")
    assert table.cycles["tick_work"] == 85_200
    assert table.cycles["vm_exit"] + table.cycles["vm_entry"] == 2000
    assert table.period(1000) == 2_130_000
    assert table.to_us(2130) == 1


def test_override() -> None:
    """An overridden cost is used, and is an estimate from then on."""
    table = CostTable("westmere-ex-8s", {"inject": 3000, "load_shared": (1, 2, 3)})
    assert table.cycles["inject"] == 3000
    assert table.caches().costs.load_shared == (1, 2, 3)
    assert [row["known"] for row in table.to_json() if row["name"] == "inject"] == [E]


@pytest.mark.parametrize(
    ("overrides", "complaint"),
    [
        ({"injet": 1}, "no such cost: injet"),
        ({"inject": -1}, "inject is negative"),
        ({"load_shared": (1, 2)}, "load_shared needs 3 values"),
    ],
)
def test_nonsense_is_refused(overrides: dict[str, int], complaint: str) -> None:
    """Unknown names, negative costs and rows of the wrong length are errors that name the cost."""
    with pytest.raises(ValueError, match=complaint):
        CostTable("westmere-ex-8s", overrides)


def test_table_is_not_changed_by_an_override() -> None:
    """An override belongs to one table."""
    CostTable("westmere-ex-8s", {"inject": 3000})
    assert next(cost.value for cost in COSTS if cost.name == "inject") == 1500
