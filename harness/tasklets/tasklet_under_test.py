"""A tasklet under test: what has been seen of it, and the operations by which it is seen.

What one CPU finds out about another is an operation on the tasklet's *witness*, an atomic word that each observed event changes. So the
order of two observations is a dependency like any other, which a reduced search must not commute. The counts kept here are touched right
after such an operation, by one CPU only, or at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

from harness.machine.machine import Machine
from stages.hypervisor import Hypervisor, Struct, Word

# Which events of a run are operations on the witness.
START = 1
END = 2
BOTH = START | END
UNSEEN = 0

SOFTIRQ = "softirq"
VCPU = "vcpu"
IRQ_CLIENT = "irq-client"
ALL = (SOFTIRQ, VCPU, IRQ_CLIENT)
# The kinds that a program may send to another CPU.
SENT = (SOFTIRQ, VCPU)

# What a program has its tasklet do in each run.
Function: TypeAlias = "Callable[[TaskletUnderTest], object]"


class TaskletUnderTest:
    """One tasklet. `function(t)` is called in each run; programs read the counts and never change them."""

    __slots__ = (
        "before", "cpus", "dead", "ended", "function", "generation", "kind", "machine", "marks", "pending", "running", "runs_of", "started",
        "tasklet", "witness",
    )  # fmt: skip

    def __init__(self, machine: Machine, tasklet: Struct, kind: str, function: Function | None, marks: int) -> None:
        self.machine = machine
        self.tasklet: Any = tasklet
        self.kind = kind
        self.function = function
        self.marks = marks
        self.witness = Word(cast(Hypervisor, machine), f"witness of {tasklet.name}")
        # Called at the start of each run, before the start is counted: checks that a clause makes of every run.
        self.before: Function | None = None
        self.started = 0
        self.ended = 0
        # Where each run started, in order; and the CPUs on which it runs now.
        self.cpus: list[int] = []
        self.running: list[int] = []
        # Scheduled and not yet started; killed. For the diagnosis of preconditions, and for what must hold after a kill.
        self.pending = False
        self.dead = False
        # Counts the inits, and the runs since each of them.
        self.generation = 0
        self.runs_of = [0]

    @property
    def name(self) -> str:
        """The tasklet's name."""
        return cast(str, self.tasklet.name)

    def let_go(self) -> None:
        """Of the tasklet, which leads back to here."""
        self.tasklet = None

    def mark(self) -> None:
        """Make the next thing that is said of this tasklet an event that all CPUs agree on the order of."""
        self.machine.mark(self.witness)

    def run(self, generation: Any) -> None:
        """What the stage calls."""
        engine = self.machine.engine
        engine.progress()
        if engine.spectator is not None:
            engine.spectator.begins(self.name)
        if self.marks & START:
            self.mark()
        if self.before is not None:
            self.before(self)
        cpu = self.machine.this_cpu().number
        self.pending = False
        self.started += 1
        self.runs_of[generation] += 1
        self.cpus.append(cpu)
        self.running.append(cpu)
        if self.function is not None:
            self.function(self)
        if self.marks & END:
            self.mark()
        self.running.remove(cpu)
        self.ended += 1
        if engine.spectator is not None:
            engine.spectator.ends(self.name)
