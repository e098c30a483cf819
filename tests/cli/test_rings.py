"""A suite whose programs tell each other by flags does not blame a ring that is right, and finds the barrier that another one lacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.invocation import Harness
from tests.suite.rings import write_rings

KEPT = {"sc": "pass", "tso": "pass", "pso": "pass", "arm": "pass"}


def test_rings_under_all_models(tmp_path: Path, harness: Harness) -> None:
    """The two that are right are kept under each; of the others, the program that looks without being told finds what they lack."""
    write_rings(tmp_path)
    done = harness("run", "--series", tmp_path, "--no-perf", "--model", "all", "--json", "-")
    stages = json.loads(done.stdout)["stages"]
    found = [{clause: result["models"] for clause, result in stage["clauses"].items() if result["models"] != KEPT} for stage in stages]
    no_write_barrier, no_read_barrier = {**KEPT, "pso": "fail", "arm": "fail"}, {**KEPT, "arm": "fail"}
    assert found == [{}, {}, {"looked-for": no_write_barrier}, {"looked-for": no_read_barrier}]
    assert {clause for stage in stages for clause in stage["clauses"]} == {"told", "looked-for", "no-races"}


@pytest.mark.parametrize(
    ("stage", "advised"),
    [(2, "smp_wmb()\n      self.tail.write(tail + 1)\n"), (3, "smp_rmb()\n      item = self.slots[head % SIZE].read()\n")],
)
def test_the_barrier_that_is_missing_is_advised(stage: int, advised: str, tmp_path: Path, harness: Harness) -> None:
    """In the place where it belongs."""
    write_rings(tmp_path)
    done = harness("explore", "looked-for", f"{stage}.py", "--suite", "ring_suite.py", "--model", "arm", "--suggest-barriers")
    assert advised in done.stdout, done.stdout + done.stderr
