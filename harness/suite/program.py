"""A conformance program: a small arrangement of CPUs, devices and tasklets that any engine can run on any stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.jobs.watchdog import watch
from harness.machine.diagnosis import Violation, crash
from harness.machine.engine import Engine
from harness.tasklets.tasklet_under_test import IRQ_CLIENT, SOFTIRQ, VCPU
from harness.tasklets.testbed import Bench
from harness.timed.timed_engine import TimedEngine
from stages.api import StageModule

ALL = (SOFTIRQ, VCPU, IRQ_CLIENT)
# The kinds that a program may send to another CPU.
SENT = (SOFTIRQ, VCPU)

# In the timed engine, processes start up to so many cycles apart: about as long as a program takes.
STAGGER = 12_000


@dataclass(frozen=True)
class Program:
    """`arrange` says who does what and what must hold; `kinds` are the kinds of tasklet that this makes sense for."""

    name: str
    summary: str
    arrange: Callable[[Bench], None]
    kinds: tuple[str, ...]
    cpus: int = 2
    hotplug: bool = False
    # Whether the stage is booted already when `arrange` is called.
    booted: bool = True

    def execute(self, module: StageModule, kind: str, engine: Engine) -> None:
        """Set up, run, check and close. The verdict is `engine.failure`, None if nothing is wrong."""
        try:
            with watch(engine):
                try:
                    self._execute(module, kind, engine)
                finally:
                    engine.close()
        except KeyboardInterrupt:
            raise
        except Violation as violation:
            engine.fail(violation)
        except BaseException as error:
            # The stage has raised outside the run: while it was built or booted.
            engine.fail(crash(error))

    def _execute(self, module: StageModule, kind: str, engine: Engine) -> None:
        bench = Bench(module, kind, engine, self.cpus, self.hotplug)
        if self.booted:
            bench.boot()
        self.arrange(bench)
        if isinstance(engine, TimedEngine):
            for process in engine.processes:
                process.clock = int(engine.random.random() * STAGGER)
        engine.run()
        for check in bench.checks:
            if engine.failure is None and not bench.premises:
                check()


def program(
    kinds: tuple[str, ...] = ALL, cpus: int = 2, hotplug: bool = False, booted: bool = True
) -> Callable[[Callable[[Bench], None]], Program]:
    """Make a function a program: its name, with dashes, and the first line of its docstring describe it."""

    def make(arrange: Callable[[Bench], None]) -> Program:
        summary = (arrange.__doc__ or "").strip().splitlines()[0]
        return Program(arrange.__name__.replace("_", "-"), summary, arrange, kinds, cpus, hotplug, booted)

    return make
