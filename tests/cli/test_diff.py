"""`harness diff`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.cli.invocation import Harness


def test_diff_of_two_stages(harness: Harness) -> None:
    """The scaffolding of patch 1 shows as it comes; what does not differ is not shown."""
    result = harness("diff", 0, 1)
    assert (result.returncode, result.stderr) == (0, "")
    assert "percpu_tasklet_init" in result.stdout
    assert "DECLARE_TASKLET" not in result.stdout


def test_numbers_have_units(harness: Harness) -> None:
    """Where there is one: how long interrupts are off is in cycles, a text has none."""
    lines = harness("diff", 0, 1, "--tablefmt", "tsv").stdout.splitlines()
    rows = {name.strip(): cells for name, *cells in (line.split("\t") for line in lines[2:])}
    assert all(cell.strip().endswith("0 cycles") for cell in rows["interrupts off, local (softirq)"])
    assert rows["order after t0 t1 t0 (irq-client)"][0].strip() == "t1 t0"


def test_diff_of_all_neighbours(harness: Harness) -> None:
    """One table per patch."""
    result = harness("diff", "--all")
    assert (result.returncode, result.stderr) == (0, "")
    heads = [line for line in result.stdout.splitlines() if " → " in line]
    assert [head.partition(":")[0] for head in heads] == [f"stage {index} → stage {index + 1}" for index in range(5)]


def test_diff_with_a_file(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """A copy behaves like its original."""
    result = harness("diff", 5, stage_file())
    assert result.returncode == 0
    assert "no measured behaviour differs" in result.stdout
