"""A suite for a queue with many producers and one consumer, made of a fixed pool of nodes: docs/your-own-suite.md.

A stage has a class `Queue`, made as `Queue(hv)`, with `SIZE` nodes, and these calls:

    push(item) -> bool    any CPU: append a number; False if there is no node left
    pop() -> int          the consumer: the oldest number; 0 if there is none
"""

# mypy: disable-error-code="func-returns-value"
from __future__ import annotations

from types import ModuleType
from typing import Any

from harness.suite import Bench, Engine, Suite, by_id, clause, no_races, programs_on

KINDS = ("queue",)
SIZE = 3


class QueueBench(Bench):
    """A machine with a queue on it, and what has gone in and come out."""

    def __init__(self, module: ModuleType, kind: str, engine: Engine, cpus: int, hotplug: bool) -> None:
        super().__init__(module, kind, engine, cpus, hotplug)
        self.queue: Any = self.install(module.Queue)
        self.bring_up(lambda: None)
        self.pushed: set[int] = set()
        # One CPU at a time pops: no other one looks here before the end.
        self.popped: list[int] = []

    def push(self, *items: int) -> None:
        """Append numbers, for which there is room."""
        for item in items:
            self.pushed.add(item)
            self.expect(self.queue.push(item), f"there is no node for {item}, though no more than {SIZE} are in use")

    def pop(self) -> int:
        """Take the oldest number."""
        item: int = self.queue.pop()
        if item:
            self.expect(item in self.pushed, f"{item!r} comes out, which nobody has put in")
            self.popped.append(item)
        return item

    def drain(self) -> None:
        """Take all that is there."""
        for _ in range(2 * SIZE):
            if not self.pop():
                return
        self.expect(False, "the queue never gets empty")

    def expect_all(self) -> None:
        """Afterwards, all that has gone in must have come out, once each."""
        self.afterwards(lambda: self.expect(sorted(self.popped) == sorted(self.pushed), self._difference()))

    def _difference(self) -> str:
        return f"{sorted(self.popped)} came out of {sorted(self.pushed)}"


program = programs_on(QueueBench, *KINDS)


@program()
def one_producer(b: QueueBench) -> None:
    """One CPU pushes two numbers, and another one takes what it finds, and the rest at the end."""
    done = b.flag("done")
    b.cpu(0, lambda: (b.push(1, 2), done.write(1)))
    b.cpu(1, lambda: (b.pop(), b.until(done), b.drain()))
    b.expect_all()


@program(cpus=3)
def two_producers(b: QueueBench) -> None:
    """Two CPUs push a number each while a third one looks."""
    done = [b.flag("0 is done"), b.flag("1 is done")]
    b.cpu(0, lambda: (b.push(1), done[0].write(1)))
    b.cpu(1, lambda: (b.push(2), done[1].write(1)))
    b.cpu(2, lambda: (b.pop(), b.until_all(*done), b.drain()))
    b.expect_all()


@program()
def nodes_come_back(b: QueueBench) -> None:
    """One CPU pushes a number while the consumer pushes two, takes one, and pushes again: its node is used anew."""
    done = b.flag("done")
    b.cpu(0, lambda: (b.push(1), done.write(1)))
    b.cpu(1, lambda: (b.push(2), b.push(3), b.pop(), b.until(done), b.push(4), b.drain()))
    b.expect_all()


@program()
def in_order(b: QueueBench) -> None:
    """What one CPU pushes comes out in this order."""
    done = b.flag("done")
    b.cpu(0, lambda: (b.push(1, 2, 3), done.write(1)))
    b.cpu(1, lambda: (b.pop(), b.until(done), b.drain()))
    b.afterwards(lambda: b.expect(b.popped == sorted(b.popped), f"{b.popped} is out of order"))


@program()
def seen_at_once(b: QueueBench) -> None:
    """Who knows that a number was pushed finds it."""
    pushed = b.flag("pushed")
    b.cpu(0, lambda: (b.push(1), pushed.write(1)))
    b.cpu(1, lambda: (b.until(pushed), b.expect(b.pop() == 1, "the queue looks empty, and is not")))


@program()
def pushed_in_interrupt(b: QueueBench) -> None:
    """An interrupt pushes a number on a CPU that is about to push one itself."""
    b.cpu(0, lambda: b.push(1))
    b.interrupts(0, lambda: b.push(2))
    b.cpu(1, lambda: b.pop())
    b.afterwards(lambda: b.expect(len(b.popped) <= 1, "one call takes two"))


CLAUSES = (
    clause("exactly-once", "What is pushed comes out once.", (one_producer, two_producers), KINDS),
    clause("reuse", "A node that has come back can be used again, whoever is in the middle of a push.", (nodes_come_back,), KINDS),
    clause("order", "What one CPU pushes comes out in its order.", (in_order,), KINDS),
    clause("visible", "A push that has returned is seen by the next pop.", (seen_at_once,), KINDS),
    clause("any-context", "A push is possible in an interrupt, whatever the CPU was doing.", (pushed_in_interrupt,), KINDS),
)


def lacks(module: ModuleType) -> str:
    """What of the API a module lacks."""
    queue = getattr(module, "Queue", None)
    missing = [name for name in ("push", "pop") if not callable(getattr(queue, name, None))]
    return f"no class Queue with {', '.join(missing)}" if missing else ""


SUITE = Suite("mpsc", "a queue with many producers and one consumer", KINDS, by_id(*CLAUSES, no_races(CLAUSES, KINDS)), lacks=lacks)
