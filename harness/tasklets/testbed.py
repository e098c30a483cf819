"""What a conformance program is written in: CPUs that do things, devices, tasklets under test, and what must hold.

A program arranges a `Testbed` and lets it run on an engine; it knows neither the engine nor the stage. It keeps the contract's
preconditions: a call that would violate one ends the execution with a diagnosis instead of reaching the stage.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

from harness.machine.cpu_numbers import stage_number
from harness.machine.diagnosis import ASSERTION, PRECONDITION, inner
from harness.machine.engine import Engine
from harness.machine.machines import machine_on
from harness.machine.scheduler import RUNNING, Vcpu
from harness.suite.program import Program
from harness.tasklets.installation import install
from harness.tasklets.tasklet_under_test import ALL, IRQ_CLIENT, SOFTIRQ, UNSEEN, VCPU, Function, TaskletUnderTest
from harness.timed.timed_engine import TimedEngine
from stages.api import StageModule
from stages.hypervisor import RCU_SOFTIRQ, SCHEDULE_SOFTIRQ, Hypervisor, Word

Action = Callable[[], object]

# A function that takes long takes a millisecond, in cycles of a CPU of 2.4 GHz, in slices: after each of them interrupts are taken.
SLICES = 100
SLICE = 24_000
# Whoever waits for it meanwhile may look as often as that. A turn of a loop that relaxes takes some 80 cycles, and a few operations.
LONG_STEPS = 300_000

# A verdict names the line of a program, not one of these.
inner(__file__)


class Testbed:
    """One machine with one stage on it, about to run one program for one kind of tasklet.

    Programs count CPUs from 0, as the machine does; what the stage calls them only the stage need know (`machine.cpu_numbers`).

    `waits[cpu]`: what to do as soon as the stage makes that CPU wait for something.
    """

    def __init__(self, module: StageModule, kind: str, engine: Engine, cpus: int = 2, hotplug: bool = False) -> None:
        engine.circles.append(self.__dict__.clear)
        self.module = module
        self.kind = kind
        self.machine = machine_on(engine, cpus)
        self.machine.hotplug = hotplug
        # No CPU that is numbered so is number 0: in virtual time, one is.
        timed = isinstance(engine, TimedEngine)
        self.machine.renumber([cpu if timed else stage_number(cpu) for cpu in range(cpus)])
        self.api = install(self.machine, module)
        self.checks: list[Action] = []
        self.inits = {
            SOFTIRQ: self.api.softirq_tasklet_init,
            VCPU: self.api.tasklet_init,
            IRQ_CLIENT: self.api.hvm_irq_tasklet_init,
        }
        self.stage_objects: list[object] = [self.api]
        self.waits: dict[int, Action] = {}
        # How many processes wait for a premise.
        self.premises = 0

    def boot(self) -> None:
        """Initialise the stage and bring the CPUs up, before the run."""
        self.machine.boot(self.api.tasklet_subsys_init)

    # What must hold.

    def expect(self, condition: bool, message: str) -> None:
        """End the execution unless `condition` holds."""
        if not condition:
            raise self.machine.engine.violate(ASSERTION, message)

    def afterwards(self, check: Action) -> None:
        """Have `check` made when nothing can happen any more and the machine has found nothing wrong."""
        self.checks.append(check)

    def expect_runs(self, t: TaskletUnderTest, count: int) -> None:
        """Afterwards, `t` must have run `count` times."""
        self.afterwards(lambda: self.expect(t.ended == count, f"{t.name} ran {times(t.ended)}, not {times(count)}"))

    def expect_cpus(self, t: TaskletUnderTest, *cpus: int) -> None:
        """Afterwards, `t` must have run on these CPUs, in this order, and nowhere else."""
        self.afterwards(lambda: self.expect(t.cpus == list(cpus), f"{t.name} ran on CPUs {t.cpus}, not {list(cpus)}"))

    # Who does things.

    def cpu(self, number: int, *bodies: Action) -> None:
        """A guest on CPU `number` makes hypercalls, one for each body, and yields after each: what is pending there runs in between.

        After the last one the vCPU blocks, so that the CPU ends up in its idle loop.
        """
        remaining = list(bodies)
        machine = self.machine

        def run(vcpu: Vcpu) -> None:
            if remaining:
                remaining.pop(0)()
                if remaining:
                    machine.raise_softirq(SCHEDULE_SOFTIRQ)
                    return
            if vcpu.runstate == RUNNING:
                machine.vcpu_block(vcpu)
            else:
                # The CPU went offline before it could schedule: offlining happens in the idle vCPU.
                cpu = machine.cpus[number]
                cpu.current = cpu.idle

        machine.start_vcpu(Vcpu(f"guest{number}", number, run))

    def device(self, body: Action, name: str = "device") -> None:
        """Something outside the CPUs that does `body`, once, at any time; usually it raises an interrupt."""
        self.machine.device(name, cast(Callable[[], None], body))

    def interrupt(self, cpu: int, handler: Action) -> None:
        """Raise an interrupt whose handler runs on `cpu`."""
        self.machine.interrupt(cpu, cast(Callable[[], None], handler))

    def interrupts(self, cpu: int, handler: Action) -> None:
        """Let a device interrupt `cpu` once, at any time."""
        self.device(lambda: self.interrupt(cpu, handler))

    # How they wait for each other.

    def flag(self, name: str) -> Word:
        """A word that starts as 0."""
        return Word(cast(Hypervisor, self.machine), name)

    def until(self, flag: Word, value: int = 1) -> None:
        """Wait for `flag` to be at least `value`; interrupts are taken meanwhile, if they are on, but no softirqs."""
        self.machine.engine.wait(f"for {flag.name}", lambda: flag.value >= value, [flag])

    def until_all(self, *flags: Word) -> None:
        """Wait for one flag after the other."""
        for flag in flags:
            self.until(flag)

    def given(self, flag: Word) -> None:
        """Wait for what the program takes for granted. If it never comes, that is not this clause's matter: nothing is checked then."""
        process = self.machine.engine.current
        process.dormant = True
        self.premises += 1
        self.until(flag)
        self.premises -= 1
        process.dormant = False

    def until_offline(self, cpu: int) -> None:
        """Wait until somebody takes `cpu` offline."""
        online = self.machine.cpus[cpu].online
        self.machine.engine.wait(f"for CPU{cpu} to go offline", lambda: online.value == 0, [online])

    def spin_until(self, flag: Word, value: int = 1) -> None:
        """Run softirqs until `flag` is at least `value`, as code that must not let the watchdog bite does."""
        while True:
            self.machine.process_pending_softirqs()
            if flag.read() >= value:
                return
            self.machine.cpu_relax()

    def compute(self) -> None:
        """Take a millisecond, where there is time."""
        for _ in range(SLICES):
            self.machine.engine.sleep(SLICE)

    def when_waiting(self, cpu: int, action: Action) -> None:
        """Have `action` done once, on `cpu`, as soon as the stage makes that CPU wait: then the call that waits is under way for sure."""
        self.waits[cpu] = action
        self.machine.on_wait = self._waits

    def _waits(self) -> None:
        if due := self.waits.pop(self.machine.this_cpu().number, None):
            due()

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

        # `python -OO` leaves docstrings out.
        name, summary = body.__name__.replace("_", "-"), (body.__doc__ or body.__name__).strip().splitlines()[0]
        return Program(name, summary, kinds, arrange, body=body, timed_steps=timed_steps)

    return make
