"""What the timed engine costs as the machine grows: CPU time per tasklet run of `idle-guests` at the same load for each CPU.

The load is below saturation, so that the same happens on each CPU however many there are. Then the CPU time of a virtual second of the
scenario as it is (baseline, default load), extrapolated from so many virtual milliseconds. Usage: `python -m tests.bench.scaling [MS]`;
status 1 if a target is missed.
"""

from __future__ import annotations

import importlib
import sys
from time import process_time
from typing import Any

from tabulate import tabulate

from harness.measure.figures import LOCK_WAIT_MEAN
from harness.measure.measured_run import MeasuredRun, Observation
from harness.measure.workload import Workload
from harness.tasklets.loads.idle_guests import IdleGuests

RATE = "tasklets_per_s"
BASELINE = "stages.s0_baseline"
CPUS = (8, 16, 32, 48, 64, 80)
VCPUS_PER_GUEST = 2
DEVICE_HZ = 1000
LENGTH_US = 20_000
ROUNDS = 3
MOST_GROWTH = 1.5
MOST_SECONDS = 20.0


def observe(parameters: IdleGuests) -> tuple[Observation, float]:
    """One run, and the CPU time that it takes."""
    module: Any = importlib.import_module(BASELINE)
    workload = Workload("idle-guests", parameters)
    run = MeasuredRun(parameters, workload.settings, 0)
    clients = workload.row.build(run, module, parameters)
    began = process_time()
    found = run.observe(clients, workload.figures)
    return found, process_time() - began


def grown(cpus: int) -> IdleGuests:
    """A guest for every two CPUs, each with two VFs; half of the guests busy."""
    vfs = (2,) * (cpus // VCPUS_PER_GUEST // 2)
    return IdleGuests(
        busy_vfs=vfs,
        idle_vfs=vfs,
        vcpus_per_guest=VCPUS_PER_GUEST,
        device_hz=DEVICE_HZ,
        warmup_us=1,
        length_us=LENGTH_US * CPUS[0] // cpus * 4,
    )


def main(milliseconds: int) -> int:
    """Print both."""
    rows = []
    for cpus in CPUS:
        parameters = grown(cpus)
        runs = [observe(parameters) for _ in range(ROUNDS)]
        found, seconds = runs[0][0], min(taken for _, taken in runs)
        count = round((found.figures[RATE] or 0) * parameters.length_us / 1_000_000)
        rows.append((cpus, count, found.figures[LOCK_WAIT_MEAN.name], 1_000_000 * seconds / count))
    growth = rows[-1][-1] / rows[0][-1]
    print(tabulate(rows, headers=["CPUs", "tasklet runs", "mean wait for the lock (µs)", "CPU time per run (µs)"], floatfmt=".2f"))
    print(f"from {CPUS[0]} to {CPUS[-1]} CPUs: {growth:.2f} times (at most {MOST_GROWTH:g})")
    found, seconds = observe(IdleGuests(warmup_us=1, length_us=1000 * milliseconds, max_steps=1 << 40))
    second = seconds * 1000 / milliseconds
    print(f"a virtual second of idle-guests on the baseline: {second:.1f} s of CPU time (at most {MOST_SECONDS:g}), from {milliseconds} ms")
    return 0 if growth <= MOST_GROWTH and second <= MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 60))
