"""A testbed on which nothing happens but what a probe asks for: two quiet CPUs in virtual time, without jitter, and a note of what ran."""

from __future__ import annotations

from collections.abc import Callable

from harness.tasklets.tasklet_under_test import TaskletUnderTest
from harness.tasklets.testbed import Action, Testbed
from harness.timed.timed_engine import DEFAULT_COSTS, TimedEngine
from stages.api import StageModule
from stages.hypervisor import Word

COSTS = {"context_switch": 2500, **DEFAULT_COSTS}
MAX_STEPS = 20_000
# Long enough, in cycles, for everything that was started to have ended.
LONG = 200_000


class QuietTestbed(Testbed):
    """A booted stage; CPU 0 does what a probe asks, CPU 1 is another CPU. `runs` lists which noted tasklets ran and where."""

    def __init__(self, module: StageModule, kind: str) -> None:
        self.engine = TimedEngine(costs=COSTS, max_steps=MAX_STEPS)
        super().__init__(module, kind, self.engine)
        self.boot()
        self.runs: list[tuple[str, int]] = []
        self.progress = self.flag("runs")

    def noted(self, name: str = "t", body: Action | None = None) -> TaskletUnderTest:
        """An idle tasklet that notes its run and then calls `body`."""

        def function(_: TaskletUnderTest) -> None:
            self.runs.append((name, self.machine.this_cpu().number))
            self.progress.add(1)
            if body is not None:
                body()

        return self.tasklet(name, function)

    def after(self, cycles: int, action: Callable[[], None]) -> None:
        """Have a device do `action` after `cycles`."""

        def body() -> None:
            self.engine.sleep(cycles)
            action()

        self.device(body)

    def hold(self, cpu: int, cycles: int = LONG) -> Word:
        """Keep `cpu` in its guest, where it takes interrupts but runs no softirqs, for `cycles`; the word is set when that is over."""
        free = self.flag(f"{cpu} is free")
        self.cpu(cpu, lambda: self.until(free))
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
        """The CPUs on which a noted tasklet has run, in order."""
        return [cpu for ran, cpu in self.runs if ran == name]
