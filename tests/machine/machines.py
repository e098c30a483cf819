"""A machine on either engine, and short programs for its CPUs and devices."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.machine.diagnosis import Violation
from harness.machine.engine import Engine, Process
from harness.machine.machine import Machine
from harness.machine.scheduler import Vcpu
from harness.machine.work_source import WorkSource
from harness.timed.timed_engine import DEFAULT_COSTS, TimedEngine
from stages.hypervisor import Hypervisor, Word

Program = Callable[[], Any]
MAX_STEPS = 5_000


def natural(engine: Engine, enabled: list[Process], current: Process) -> Process:
    """Go on with the CPU that is on; switch only when it cannot; devices come last."""
    return current if current in enabled and current.number >= 0 else enabled[0]


def at_random(seed: int) -> Callable[[Engine, list[Process], Process], Process]:
    """Anybody may be next."""
    rng = random.Random(seed)
    return lambda engine, enabled, current: enabled[int(rng.random() * len(enabled))]


class Bench:
    """A machine, what its programs have noted (`log`), and how the run ended (`failure`)."""

    def __init__(self, engine: Engine, nr_cpus: int = 2) -> None:
        self.engine = engine
        self.machine = Machine(engine, nr_cpus)
        self.log: list[Any] = []

    def on(self, cpu: int, program: Program) -> Vcpu:
        """Have a guest of `cpu` run `program` once and block."""

        def guest(vcpu: Vcpu) -> None:
            program()
            self.machine.vcpu_block(vcpu)

        vcpu = Vcpu(f"guest{cpu}", cpu, guest)
        self.machine.start_vcpu(vcpu)
        return vcpu

    def device(self, program: Program) -> None:
        """Have a device do `program`."""
        self.machine.device(f"device{len(self.engine.processes)}", program)

    def word(self, name: str) -> Word:
        """A word by which programs wait for each other."""
        return Word(cast(Hypervisor, self.machine), name)

    def wait(self, word: Word, value: int = 1) -> None:
        """Wait until `word` is at least `value`; interrupts are taken as this CPU takes them."""
        self.engine.wait(f"for {word.name}", lambda: word.value >= value, [word])

    def work(self) -> WorkSource:
        """Work for the idle vCPUs, none yet, and nothing that does it."""
        source = WorkSource(self.machine.per_cpu("work", Word), lambda: None)
        self.machine.add_work_source(source)
        return source

    def run(self) -> Violation | None:
        """Run to the end and unwind; return what went wrong."""
        self.engine.run()
        self.engine.close()
        return self.engine.failure


def timed(seed: int = 0, jitter: float = 0.0) -> TimedEngine:
    """A timed engine that gives up on a run without an end."""
    return TimedEngine(costs={"context_switch": 2500, **DEFAULT_COSTS}, seed=seed, jitter=jitter, max_steps=MAX_STEPS)


def explored(choose: Any = natural) -> ExploredEngine:
    """An explored engine that gives up on a run without an end."""
    return ExploredEngine(choose, max_steps=MAX_STEPS)


@pytest.fixture(params=["timed", "explored"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Two CPUs, on each engine."""
    made = Bench(timed() if request.param == "timed" else explored())
    yield made
    made.engine.close()


@pytest.fixture
def timed_bench() -> Iterator[Bench]:
    """Two CPUs on the timed engine, for tests about cycles."""
    made = Bench(timed())
    yield made
    made.engine.close()


@pytest.fixture
def bench_with() -> Callable[[str], Bench]:
    """Two CPUs on the timed engine, with spinlocks of a flavour."""
    return lambda flavour: Bench(TimedEngine(max_steps=MAX_STEPS, lock=flavour))


@pytest.fixture
def many() -> Callable[[], Iterator[Bench]]:
    """Many executions of what the caller sets up: the timed engine with jitter, the explored one with random choices."""

    def benches() -> Iterator[Bench]:
        for seed in range(20):
            yield Bench(timed(seed, 0.5))
        for seed in range(100):
            yield Bench(explored(at_random(seed)))

    return benches
