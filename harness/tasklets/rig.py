"""A stage on a quiet machine, and the programs by which a probe or a test watches it from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from harness.machine.machine import Machine
from harness.machine.scheduler import Vcpu
from harness.tasklets.installation import install
from harness.timed.timed_engine import DEFAULT_COSTS, TimedEngine
from stages.api import StageModule
from stages.hypervisor import Hypervisor, Word

COSTS = {"context_switch": 2500, **DEFAULT_COSTS}
MAX_STEPS = 20_000
# Long enough, in cycles, for everything that was started to have ended.
LONG = 200_000

INIT_CALLS = {"softirq": "softirq_tasklet_init", "vcpu": "tasklet_init", "irq-client": "hvm_irq_tasklet_init"}


class Rig:
    """A booted stage on two quiet CPUs; CPU 0 does what a probe asks, CPU 1 is another CPU. `runs` lists what ran and where."""

    def __init__(self, module: StageModule, kind: str) -> None:
        self.module = module
        self.kind = kind
        self.engine = TimedEngine(costs=COSTS, max_steps=MAX_STEPS)
        self.machine = Machine(self.engine, 2)
        self.api = install(self.machine, module)
        self.machine.boot(self.api.tasklet_subsys_init)
        self.runs: list[tuple[str, int]] = []
        self.progress = self.word("runs")

    def word(self, name: str) -> Word:
        """A word by which the programs of a probe wait for each other."""
        return Word(cast(Hypervisor, self.machine), name)

    def tasklet(self, name: str = "t", body: Callable[[], None] | None = None) -> Any:
        """An idle tasklet of the rig's kind that notes its run and then calls `body`."""

        def function(_: Any) -> None:
            self.runs.append((name, self.machine.smp_processor_id()))
            self.progress.add(1)
            if body is not None:
                body()

        t = self.module.Tasklet(cast(Hypervisor, self.machine), name)
        getattr(self.api, INIT_CALLS[self.kind])(t, function, None)
        return t

    def on(self, cpu: int, program: Callable[[], None]) -> None:
        """Have `cpu` run `program` once, as its guest."""

        def guest(vcpu: Vcpu) -> None:
            program()
            self.machine.vcpu_block(vcpu)

        self.machine.start_vcpu(Vcpu(f"guest{cpu}", cpu, guest))

    def after(self, cycles: int, action: Callable[[], None]) -> None:
        """Have a device do `action` after `cycles`."""

        def body() -> None:
            self.engine.sleep(cycles)
            action()

        self.machine.device("device", body)

    def wait(self, word: Word, value: int = 1) -> None:
        """Wait on this CPU, with interrupts as they are and without running softirqs, until `word` is at least `value`."""
        self.engine.wait(f"for {word.name}", lambda: word.value >= value, [word])

    def hold(self, cpu: int, cycles: int = LONG) -> Word:
        """Keep `cpu` in its guest, where it takes interrupts but runs no softirqs, for `cycles`; the word is set when that is over."""
        free = self.word(f"{cpu} is free")
        self.on(cpu, lambda: self.wait(free))
        self.after(cycles, lambda: free.write(1))
        return free

    def settle(self) -> None:
        """Let LONG pass on this CPU."""
        until = self.engine.now() + LONG
        while self.engine.now() < until:
            self.engine.sleep(until - self.engine.now())

    def run(self) -> None:
        """Run to the end; what the machine diagnoses is raised."""
        try:
            self.engine.run()
        finally:
            self.engine.close()
        if self.engine.failure is not None:
            raise self.engine.failure

    def where(self, name: str = "t") -> list[int]:
        """The CPUs on which a tasklet has run, in order."""
        return [cpu for ran, cpu in self.runs if ran == name]
