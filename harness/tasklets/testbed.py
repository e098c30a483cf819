"""What a conformance program is written in: CPUs that do things, devices, tasklets under test, and what must hold.

A program arranges a `Testbed` and lets it run on an engine; it knows neither the engine nor the stage. It keeps the contract's
preconditions: a call that would violate one ends the execution with a diagnosis instead of reaching the stage.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

from harness.machine.diagnosis import PRECONDITION, inner
from harness.machine.engine import Engine
from harness.machine.nesting import nested
from harness.suite.bench import LONG_STEPS, Action, Bench, described_program
from harness.suite.program import Program
from harness.tasklets.installation import install
from harness.tasklets.tasklet_under_test import ALL, IRQ_CLIENT, SOFTIRQ, UNSEEN, VCPU, Function, TaskletUnderTest
from stages.api import StageModule
from stages.hypervisor import RCU_SOFTIRQ, Hypervisor, Word

__all__ = ["LONG_STEPS", "Action", "Testbed", "program", "times"]

# A verdict names the line of a program, not one of these.
inner(__file__)
# Whoever looks at an execution sees which part of it is the tasklet's own function.
nested(TaskletUnderTest.run.__code__, lambda frame: f"{frame.f_locals['self'].name} runs")


class Testbed(Bench):
    """One machine with one stage on it, about to run one program for one kind of tasklet."""

    def __init__(self, module: StageModule, kind: str, engine: Engine, cpus: int = 2, hotplug: bool = False) -> None:
        super().__init__(cast(ModuleType, module), kind, engine, cpus, hotplug)
        self.api = install(self.machine, module)
        self.inits = {
            SOFTIRQ: self.api.softirq_tasklet_init,
            VCPU: self.api.tasklet_init,
            IRQ_CLIENT: self.api.hvm_irq_tasklet_init,
        }
        self.stage_objects.append(self.api)

    def boot(self) -> None:
        """Initialise the stage and bring the CPUs up, before the run."""
        self.bring_up(self.api.tasklet_subsys_init)

    # What must hold.

    def expect_runs(self, t: TaskletUnderTest, count: int) -> None:
        """Afterwards, `t` must have run `count` times."""
        self.afterwards(lambda: self.expect(t.ended == count, f"{t.name} ran {times(t.ended)}, not {times(count)}"))

    def expect_cpus(self, t: TaskletUnderTest, *cpus: int) -> None:
        """Afterwards, `t` must have run on these CPUs, in this order, and nowhere else."""
        self.afterwards(lambda: self.expect(t.cpus == list(cpus), f"{t.name} ran on CPUs {t.cpus}, not {list(cpus)}"))

    # How CPUs tell each other.

    def flag(self, name: str) -> Word:
        """As on every bench, but relaxed: the contract has scheduling and killing order what goes before and after them by themselves.

        A program's flag behind them that did it as well would hide that they do not.
        """
        return self.relaxed_flag(name)

    # Tasklets.

    def tasklet(self, name: str = "t", function: Function | None = None, kind: str = "", marks: int = UNSEEN) -> TaskletUnderTest:
        """Make a tasklet of `kind`, by default the kind under test, with the init call of that kind: all that it can count on."""
        allocated = self.machine.allocate(lambda: self.module.Tasklet(cast(Hypervisor, self.machine), name))
        t = self._under_test(allocated, function, kind, marks)
        self.inits[t.kind](t.tasklet, t.run, 0)
        return t

    def declared(self, name: str = "t", function: Function | None = None, kind: str = "", marks: int = UNSEEN) -> TaskletUnderTest:
        """Make a statically declared tasklet."""
        declare = self.api.DECLARE_TASKLET if (kind or self.kind) == VCPU else self.api.DECLARE_SOFTIRQ_TASKLET
        # The declaration names the function, which needs this object, which needs the tasklet.
        made: list[TaskletUnderTest] = []
        tasklet = declare(name, lambda data: made[0].run(data), 0)
        made.append(self._under_test(tasklet, function, kind, marks))
        return made[0]

    def _under_test(self, tasklet: Any, function: Function | None, kind: str, marks: int) -> TaskletUnderTest:
        self.stage_objects.append(tasklet)
        t = TaskletUnderTest(self.machine, tasklet, kind or self.kind, function, marks)
        self.machine.engine.circles.append(t.let_go)
        return t

    def init(self, t: TaskletUnderTest) -> None:
        """Initialise `t` again with the init call of its kind; its function and counts stay."""
        if t.pending:
            self._violated(f"init of {t.name}", "it is queued")
        t.generation += 1
        t.runs_of.append(0)
        self.inits[t.kind](t.tasklet, t.run, t.generation)
        t.dead = False

    def schedule(self, t: TaskletUnderTest) -> None:
        """Call `tasklet_schedule`."""
        t.pending = not t.dead
        self._ask(t, self.api.tasklet_schedule, t.tasklet)

    def schedule_on(self, t: TaskletUnderTest, cpu: int) -> None:
        """Call `tasklet_schedule_on_cpu`."""
        call = f"tasklet_schedule_on_cpu({t.name}, {cpu})"
        if not self.machine.cpus[cpu].online.value:
            self._violated(call, f"CPU{cpu} is offline")
        if t.kind == IRQ_CLIENT and cpu != self.machine.this_cpu().number:
            self._violated(call, "this client schedules locally only")
        t.pending = not t.dead
        self._ask(t, self.api.tasklet_schedule_on_cpu, t.tasklet, self.machine.cpus[cpu].known_as)

    def _ask(self, t: TaskletUnderTest, call: Callable[..., None], *arguments: Any) -> None:
        """Call the stage; who watches is told."""
        spectator = self.machine.engine.spectator
        if spectator is not None:
            spectator.asks(t.name)
        call(*arguments)
        if spectator is not None:
            spectator.has_asked(t.name)

    def kill(self, t: TaskletUnderTest) -> None:
        """Call `tasklet_kill`."""
        call = f"tasklet_kill({t.name})"
        self.machine.must_accept_interrupts(call)
        if self.machine.this_cpu().number in t.running:
            self._violated(call, "its own function calls it")
        self.api.tasklet_kill(t.tasklet)
        t.pending = False

    def _violated(self, call: str, why: str) -> None:
        raise self.machine.engine.violate(PRECONDITION, f"{call}, but {why}")

    # Looking into the machine.

    def handlers(self, wrap: Callable[[str, Callable[[], None]], Callable[[], None]]) -> None:
        """Wrap the stage's softirq handlers ("softirq") and its "do_tasklet"."""
        machine = self.machine
        for nr in [nr for nr in machine.handlers if nr > RCU_SOFTIRQ]:
            machine.handlers[nr] = wrap("softirq", machine.handlers[nr])
        (source,) = machine.work_sources
        source.run = wrap("do_tasklet", source.run)


def times(count: int) -> str:
    """A number of runs, in words."""
    return "once" if count == 1 else f"{count} times"


def program(
    kinds: tuple[str, ...] = ALL, cpus: int = 2, hotplug: bool = False, booted: bool = True, timed_steps: int = 0
) -> Callable[[Callable[[Testbed], None]], Program]:
    """Make a function a program: its name, with dashes, and the first line of its docstring describe it.

    `booted`: whether the stage is booted already when the function is called. `timed_steps`: see `Program`.
    """

    def make(body: Callable[[Testbed], None]) -> Program:
        def arrange(module: ModuleType, kind: str, engine: Engine) -> Testbed:
            bed = Testbed(cast(StageModule, module), kind, engine, cpus, hotplug)
            if booted:
                bed.boot()
            body(bed)
            return bed

        return described_program(body, kinds, arrange, timed_steps)

    return make
