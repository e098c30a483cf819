"""What a program of any suite is written in: a machine with a stage's subsystem on it, CPUs that do things, devices, and what must hold.

A program arranges a `Bench` and lets it run on an engine; it knows neither the engine nor the stage. A suite makes a class of its own of
it, which installs the stage (`Bench.install`) and has the calls of its subject; `programs_on` makes functions programs.

All that programs keep has to be made in the program's function, since each execution begins anew. What one CPU finds out about another has
to go through a flag (`Bench.flag`) or notes (`Bench.notes`): to a search, what is only in variables of Python is unordered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from inspect import signature
from types import ModuleType
from typing import Any, Generic, TypeVar, cast

from harness.machine.cpu_numbers import stage_number
from harness.machine.diagnosis import ASSERTION, IN_THE_END, Violation, inner
from harness.machine.engine import Engine, emptied
from harness.machine.machines import machine_on
from harness.machine.scheduler import RUNNING, Vcpu
from harness.suite.flags import Flag
from harness.suite.program import Program
from harness.timed.timed_engine import TimedEngine
from stages.hypervisor import SCHEDULE_SOFTIRQ, Hypervisor, Word

# Something that is done, now or later; what it returns does not matter.
Action = Callable[[], object]

T = TypeVar("T")

# A function that takes long takes a millisecond, in cycles of a CPU of 2.4 GHz, in slices: after each of them interrupts are taken.
SLICES = 100
SLICE = 24_000
# Whoever waits for it meanwhile may look as often as that. A turn of a loop that relaxes takes some 80 cycles, and a few operations.
LONG_STEPS = 300_000

# A verdict names the line of a program, not one of these.
inner(__file__)


class Bench:
    """One machine with `cpus` CPUs, all online, about to run one program for one `kind`.

    Programs count CPUs from 0, as the machine does; what the stage calls them only the stage need know: `cpu_number`.

    `module` is the stage as a module. `hv` is what the stage is handed. `checks`, `stage_objects` and `premises` are for whoever executes
    the program (`harness.suite.program.Arranged`). `waits[cpu]`: what to do as soon as the stage makes that CPU wait for something.
    """

    def __init__(self, module: ModuleType, kind: str, engine: Engine, cpus: int = 2, hotplug: bool = False) -> None:
        engine.circles.append(partial(emptied, self))
        self.module: Any = module
        self.kind = kind
        self.machine = machine_on(engine, cpus)
        self.machine.hotplug = hotplug
        # No CPU that is numbered so is number 0: in virtual time, one is.
        timed = isinstance(engine, TimedEngine)
        self.machine.renumber([cpu if timed else stage_number(cpu) for cpu in range(cpus)])
        self.hv = cast(Hypervisor, self.machine)
        self.checks: list[Action] = []
        self.stage_objects: list[object] = []
        self.waits: dict[int, Action] = {}
        # How many processes wait for a premise.
        self.premises = 0
        # Whether checks are made that come afterwards.
        self._over = False

    # The stage.

    def install(self, make: Callable[[Hypervisor], T]) -> T:
        """Have the stage make its subsystem: what `make(hv)` returns. To be called once, in the constructor of a suite's bench."""
        made = self.machine.install(make)
        self.stage_objects.append(made)
        return made

    def allocate(self, make: Callable[[Hypervisor], T]) -> T:
        """Make one of the stage's structures, in memory that holds garbage until the stage initialises it."""
        made = self.machine.allocate(lambda: make(self.hv))
        self.stage_objects.append(made)
        return made

    def bring_up(self, initialise: Callable[[], None]) -> None:
        """Have the stage initialise itself on CPU 0 and bring the other CPUs up, before the run."""
        self.machine.boot(initialise)

    def cpu_number(self, cpu: int) -> int:
        """What the stage calls CPU `cpu`: to be passed where its API takes a CPU."""
        return self.machine.cpus[cpu].known_as

    def this_cpu(self) -> int:
        """The CPU that is executing, counted from 0."""
        return self.machine.this_cpu().number

    # What must hold.

    def expect(self, condition: bool, message: str) -> None:
        """End the execution unless `condition` holds: the clause is violated, and `message` says what is so instead.

        That names the CPU which finds it, but not where it is found afterwards: then it is nobody's doing in particular.
        """
        if condition:
            return
        engine = self.machine.engine
        if not self._over:
            raise engine.violate(ASSERTION, message)
        violation = Violation(ASSERTION, f"{IN_THE_END}{message}")
        engine.fail(violation)
        raise violation

    def afterwards(self, check: Action) -> None:
        """Have `check` made when nothing can happen any more and the machine has found nothing wrong.

        All stores have arrived then, and every read returns what was written last. It may call the stage, which finds itself on the first
        CPU that is online, but not where it waits for somebody: nobody else does anything.
        """
        self.checks.append(partial(self._in_the_end, _action(check)))

    def _in_the_end(self, check: Action) -> None:
        engine = self.machine.engine
        last, self._over = engine.current, True
        engine.current = next(cpu for cpu in self.machine.cpus if cpu.online.value)
        check()
        self._over, engine.current = False, last

    # Who does things.

    def cpu(self, number: int, *bodies: Action) -> None:
        """A guest on CPU `number` makes hypercalls, one for each body, and yields after each: what is pending there runs in between.

        After the last one the vCPU blocks, so that the CPU ends up in its idle loop.
        """
        remaining = [_action(body) for body in bodies]
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
        self.machine.device(name, cast(Callable[[], None], _action(body)))

    def interrupt(self, cpu: int, handler: Action) -> None:
        """Raise an interrupt whose handler runs on `cpu`."""
        self.machine.interrupt(cpu, cast(Callable[[], None], _action(handler)))

    def interrupts(self, cpu: int, handler: Action) -> None:
        """Let a device interrupt `cpu` once, at any time."""
        self.device(lambda: self.interrupt(cpu, handler))

    # How they wait for each other, and learn of each other.

    def flag(self, name: str) -> Word:
        """A word that starts as 0. Who sees that it was written (`until`, or a read) sees what its writer had done before: `Flag`."""
        return Flag(self.hv, name)

    def relaxed_flag(self, name: str) -> Word:
        """As `flag`, but a write of it orders nothing: whatever is to be seen with it, the stage has to have made visible."""
        return Word(self.hv, name)

    def notes(self, name: str = "notes") -> Notes[Any]:
        """A list that any CPU may add to, in an order that a search tries in every way."""
        return Notes(self, name)

    def until(self, flag: Word, value: int = 1) -> None:
        """Wait for `flag` to be at least `value`, as an acquire; interrupts are taken meanwhile, if they are on, but no softirqs."""
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
        self.waits[cpu] = _action(action)
        self.machine.on_wait = self._waits

    def _waits(self) -> None:
        if due := self.waits.pop(self.machine.this_cpu().number, None):
            due()


def _action(action: Action) -> Action:
    """The same, if it can be called; else whoever has passed it is wrong, and not who is to call it."""
    if not callable(action):
        raise TypeError(f"{action!r} is no function: pass one that is to be called then")
    return action


class Notes(Generic[T]):
    """What several CPUs write down. Each note is an operation, so that its place among the others is something that a search varies."""

    def __init__(self, bench: Bench, name: str) -> None:
        self._machine = bench.machine
        self._witness = bench.flag(name)
        self._items: list[T] = []

    def add(self, item: T) -> None:
        """Write down what has just happened on this CPU."""
        self._machine.mark(self._witness)
        self._machine.engine.progress()
        self._items.append(item)

    @property
    def items(self) -> Sequence[T]:
        """All notes in their order: to be read in a check that is made afterwards."""
        return self._items


B = TypeVar("B", bound=Bench)


def _require(function: Callable[..., object], arguments: tuple[str, ...]) -> None:
    """Raise `TypeError` unless a function can be called with these arguments."""
    try:
        signature(function).bind(*arguments)
    except ValueError:
        # Nobody can tell.
        return
    except TypeError as error:
        name = getattr(function, "__name__", "it")
        raise TypeError(f"{name} is called with {', '.join(arguments)}: {error}") from None


def described_program(
    body: Callable[[B], object], kinds: tuple[str, ...], arrange: Callable[[ModuleType, str, Engine], B], timed_steps: int = 0
) -> Program:
    """The program that a function is: its name, with dashes, and the first line of its docstring describe it."""
    # `python -OO` leaves docstrings out.
    name, summary = body.__name__.replace("_", "-"), (body.__doc__ or body.__name__).strip().splitlines()[0]
    return Program(name, summary, kinds, arrange, body=body, timed_steps=timed_steps)


def programs_on(
    bench: Callable[[ModuleType, str, Engine, int, bool], B], *every_kind: str
) -> Callable[..., Callable[[Callable[[B], object]], Program]]:
    """What makes functions programs on a suite's own kind of bench, which is called with what `Bench` is.

    Used as `program = programs_on(QueueBench, "any")`, then `@program()` or `@program(kinds=("any",), cpus=3, hotplug=False,
    timed_steps=LONG_STEPS)` before a function of a bench; `timed_steps` as in `Program`.
    """
    _require(bench, ("module", "kind", "engine", "cpus", "hotplug"))

    def program(
        kinds: tuple[str, ...] = every_kind, cpus: int = 2, hotplug: bool = False, timed_steps: int = 0
    ) -> Callable[[Callable[[B], object]], Program]:
        def make(body: Callable[[B], object]) -> Program:
            _require(body, ("bench",))

            def arrange(module: ModuleType, kind: str, engine: Engine) -> B:
                bed = bench(module, kind, engine, cpus, hotplug)
                body(bed)
                return bed

            return described_program(body, kinds, arrange, timed_steps)

        return make

    return program
