"""All rungs of a lock ladder together: each flavour of lock with each number of CPUs, and what the model says of the same machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.jobs.standing import Progress
from harness.measure.lock_ladder import LENGTH, LockLadder, Rung, handover_cost
from harness.measure.lock_model import birth_death
from harness.measure.measure_cells import LadderRun, measure_ladder
from harness.measure.settings import LOCKS, Settings

# The second one with what the model leaves out of a handover: a release's store and an attempt's atomic add.
MODELS = ("model, ticket", "model, ticket, all transfers", "model, queue")
# The one that the model can be held against.
USUAL_TOPOLOGY = "uniform"
# A ladder that takes a second or two, for who has asked for something else.
BRIEF = LockLadder(length=LENGTH)


@dataclass(frozen=True)
class LadderCurves:
    """Acquisitions per million cycles against CPUs: `rungs` by flavour and number of CPUs, `models` in the order of `parameters.cpus`.

    `models` is empty where the machine has more than one distance, which the model does not know.
    """

    parameters: LockLadder
    settings: Settings
    seed: int
    rungs: Mapping[tuple[str, int], Rung]
    models: Mapping[str, tuple[float, ...]]

    def rungs_of(self, lock: str) -> list[Rung]:
        """What was measured of a flavour, in the order of `parameters.cpus`."""
        return [self.rungs[lock, cpus] for cpus in self.parameters.cpus]

    @property
    def throughputs(self) -> dict[str, list[float]]:
        """All curves, by the names of flavours and models."""
        measured = {lock: [rung.throughput for rung in self.rungs_of(lock)] for lock in LOCKS}
        return measured | {name: list(values) for name, values in self.models.items()}


def measure_curves(parameters: LockLadder, settings: Settings, seed: int, jobs: int, progress: Progress) -> LadderCurves:
    """Measure every flavour with each number of CPUs; raises `ParameterError` and `HarnessError`."""
    p = parameters
    runs = [LadderRun(cpus, p.between, p.critical, p.length, replace(settings, lock=lock), seed) for lock in LOCKS for cpus in p.cpus]
    found = measure_ladder(runs, jobs, progress)
    rungs = {(run.settings.lock, run.cpus): rung for run, rung in zip(runs, found, strict=True)}
    return LadderCurves(parameters, settings, seed, rungs, _models(parameters, settings))


def _models(parameters: LockLadder, settings: Settings) -> dict[str, tuple[float, ...]]:
    """What the model says, which knows one distance only."""
    caches = settings.table().caches()
    if len(caches.costs.store_shared) > 1:
        return {}
    cost = handover_cost(caches)
    other = caches.costs.store_shared[0] + caches.costs.atomic_modified[0]
    shapes = [(cpus, parameters.between, parameters.critical, cost) for cpus in parameters.cpus]
    values = [(birth_death(*shape), birth_death(*shape, other=other), birth_death(*shape, constant=True)) for shape in shapes]
    return dict(zip(MODELS, zip(*values, strict=True), strict=True))
