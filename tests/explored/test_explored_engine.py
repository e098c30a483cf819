"""The explored engine by itself: who goes on, what is recorded, what blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from harness.explored.explored_engine import ExploredEngine
from harness.explored.greenlet_pool import idle_greenlets
from harness.explored.operations import Sleep
from harness.machine.diagnosis import CRASH
from harness.machine.engine import INTERRUPT, LOAD, LOCK, READ, RMW, UNLOCK, WRITE, Process
from harness.machine.interrupts import Interrupts
from harness.machine.memory import Memory
from stages.hypervisor import Hypervisor, ListHead, SpinLock, Word

Body = Callable[[Any], None]


class Scene:
    """Some processes that share two words and a lock."""

    def __init__(self, engine: ExploredEngine, *bodies: Body) -> None:
        self.engine = engine
        memory = cast(Hypervisor, Memory(engine, 1))
        self.x, self.y = Word(memory, "x"), Word(memory, "y")
        self.lock = SpinLock(memory, "lock")
        for i, body in enumerate(bodies):
            engine.add(Process(f"P{i}", lambda body=body: body(self)))  # type: ignore[misc]

    def run(self) -> ExploredEngine:
        """Run and close."""
        self.engine.run()
        self.engine.close()
        return self.engine


def kinds(engine: ExploredEngine) -> list[str]:
    """What was done."""
    return [kind for _, kind, _, _ in engine.done]


def twice(scene: Scene) -> None:
    """Two operations."""
    scene.x.write(1)
    scene.x.read()


def test_natural_order_runs_one_process_after_the_other() -> None:
    """Without a script or a chooser, a process goes on while it can, and the first one comes first."""
    assert Scene(ExploredEngine(), twice, twice, twice).run().schedule == [0, 0, 1, 1, 2, 2]


def test_script_then_natural_order() -> None:
    """The script is followed as far as it goes; then who performed its last operation goes on."""
    assert Scene(ExploredEngine(script=[2, 0, 2, 1]), twice, twice, twice).run().schedule == [2, 0, 2, 1, 1, 0]


def test_script_that_cannot_be_followed_is_divergence() -> None:
    """A script that names a process that is done, or none at all, ends the execution as diverged."""
    for script in ([0, 0, 0], [5], [-1]):
        engine = Scene(ExploredEngine(script=script), twice, twice).run()
        assert engine.diverged == f"process {script[-1]} cannot perform operation {len(script) - 1}"
        assert engine.cut


def test_processes_that_never_start_leave_nothing_behind() -> None:
    """Where the first process fails before any operation, the greenlets of the others serve the next execution."""

    def fails(scene: Scene) -> None:
        raise scene.engine.violate(CRASH, "at once")

    for _ in range(3):
        Scene(ExploredEngine(), fails, twice, twice).run()
        left = len(idle_greenlets())
    assert left >= 3
    Scene(ExploredEngine(), fails, twice, twice).run()
    assert len(idle_greenlets()) == left


def test_sleeping_process_waits_for_a_conflict() -> None:
    """A process that sleeps is passed over until an operation conflicts with what it is about to do."""
    probe = Scene(ExploredEngine(), twice)
    asleep: Sleep = {0: (0, WRITE, 0, probe.x.tag)}
    engine = Scene(ExploredEngine(asleep=asleep), twice, lambda scene: scene.y.write(1), twice).run()
    assert engine.schedule == [1, 2, 2, 0, 0]


def test_all_asleep_is_a_blocked_run() -> None:
    """If all who could go on sleep, the execution ends, and no deadlock is reported."""
    probe = Scene(ExploredEngine(), twice)
    engine = Scene(ExploredEngine(asleep={0: (0, WRITE, 0, probe.x.tag)}), twice, lambda scene: scene.y.write(1)).run()
    assert (engine.schedule, engine.blocked, engine.failure) == ([1], True, None)


def test_chooser_may_give_up() -> None:
    """A chooser that returns None ends the execution."""
    engine = Scene(ExploredEngine(lambda engine, enabled, current: None if engine.schedule else enabled[0]), twice).run()
    assert (engine.schedule, engine.blocked, engine.failure) == ([0], True, None)


def test_operations_are_recorded_with_what_they_touch() -> None:
    """Reads and writes are told apart; a failed compare-and-exchange is a read, and what it might have been is kept."""

    def body(scene: Scene) -> None:
        scene.x.read()
        scene.x.write(1)
        scene.y.cmpxchg(0, 1)
        scene.y.cmpxchg(0, 2)

    scene = Scene(ExploredEngine(), body)
    x, y = scene.x.tag, scene.y.tag
    engine = scene.run()
    assert kinds(engine) == [READ, WRITE, RMW, RMW]
    assert [(reads, writes) for _, _, reads, writes in engine.done] == [(x, 0), (0, x), (0, y), (y, 0)]
    assert engine.announced == {3: ((0, RMW, 0, y), None)}
    assert engine.values == {1: 0, 2: 0, 3: 1}


def test_lock_blocks_until_it_is_free() -> None:
    """Who waits for a lock is not chosen while it is held."""

    def body(scene: Scene) -> None:
        scene.engine.acquire(scene.lock, False)
        scene.x.read()
        scene.engine.release(scene.lock)

    engine = Scene(ExploredEngine(lambda engine, enabled, current: enabled[-1]), body, body).run()
    assert engine.schedule == [1, 1, 1, 0, 0, 0]
    assert kinds(engine) == [LOCK, READ, UNLOCK] * 2


def test_interrupt_comes_before_the_announced_operation() -> None:
    """A raised interrupt is taken as an operation of its own; what was announced comes after the handler."""
    engine = ExploredEngine(script=[1, 0, 0, 0])
    machine = Interrupts(engine, 1)
    x, y = Word(cast(Hypervisor, machine), "x"), Word(cast(Hypervisor, machine), "y")
    machine.cpus[0].body = x.read  # type: ignore[assignment]
    engine.add(machine.cpus[0])
    engine.add(Process("device", lambda: machine.interrupt(0, lambda: y.write(1))))
    engine.run()
    engine.close()
    line = machine.cpus[0].irq_tag
    assert kinds(engine)[1:] == [INTERRUPT, WRITE, READ]
    assert [reads for _, _, reads, _ in engine.done] == [0, line, 0, x.tag | line]
    assert engine.announced[1] == ((0, READ, x.tag | line, 0), None)


def test_list_operation_might_touch_any_node() -> None:
    """A list operation is recorded with the nodes that it touches, and announced with all nodes there are."""
    engine = ExploredEngine()
    memory = Memory(engine, 1)
    head, node, other = (ListHead(cast(Hypervisor, memory), name) for name in ("head", "node", "other"))
    engine.add(Process("P0", lambda: memory.list_add_tail(node, head)))
    engine.run()
    engine.close()
    assert [writes for _, _, _, writes in engine.done] == [head.tag | node.tag]
    assert engine.announced[0][0][3] == head.tag | node.tag | other.tag


def test_now_counts_the_process_own_operations() -> None:
    """Time is how many operations the process has performed, whatever others did in between."""
    seen: list[int] = []

    def body(scene: Scene) -> None:
        twice(scene)
        seen.append(scene.engine.now())

    Scene(ExploredEngine(script=[0, 1, 1, 0]), body, body).run()
    assert seen == [2, 2]


def test_greenlets_are_used_again() -> None:
    """Executions that end in the middle leave nothing behind that disturbs the next one."""

    def stuck(scene: Scene) -> None:
        scene.engine.wait("for ever", lambda: scene.x.value == 9, [scene.x])

    for _ in range(50):
        engine = Scene(ExploredEngine(), stuck, twice).run()
        assert engine.schedule == [1, 1]
        assert engine.failure is not None
        assert all(process.glet is None for process in engine.processes)


def test_plain_load_is_told_from_a_marked_read() -> None:
    """Kinds say whether an access is plain."""
    engine = ExploredEngine()
    memory = Memory(engine, 1)
    x = Word(cast(Hypervisor, memory), "x")
    engine.add(Process("P0", lambda: memory.load(x)))
    engine.run()
    engine.close()
    assert kinds(engine) == [LOAD]
