"""The bench that programs of any suite are written on; what the shipped suite uses of it is tested with that."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ENGINES
from harness.machine.diagnosis import ASSERTION
from harness.machine.engine import Engine
from harness.search.search import EXHAUSTED, Limits, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.suite import Bench, programs_on
from harness.timed.timed_engine import TimedEngine
from stages.hypervisor import Word


class Booted(Bench):
    """A machine without a stage."""

    def __init__(self, module: ModuleType, kind: str, engine: Engine, cpus: int, hotplug: bool) -> None:
        super().__init__(module, kind, engine, cpus, hotplug)
        self.bring_up(lambda: None)


program = programs_on(Booted, "this", "that")


def test_a_function_is_a_program() -> None:
    """Its name and its docstring describe it; it is for all kinds, if it does not say for which."""

    @program(cpus=1)
    def does_nothing(b: Booted) -> None:
        """Nothing is done.

        Nothing at all.
        """

    assert (does_nothing.name, does_nothing.summary, does_nothing.kinds) == ("does-nothing", "Nothing is done.", ("this", "that"))
    engine = TimedEngine()
    does_nothing.execute(ModuleType("none"), "this", engine)
    assert engine.failure is None


def test_notes_are_seen_in_every_order() -> None:
    """The order of two notes is something that a search varies, and what only variables of Python have is not."""
    found = set()

    @program()
    def two_notes(b: Booted) -> None:
        """Two CPUs write something down."""
        notes = b.notes()
        b.cpu(0, lambda: notes.add("first"))
        b.cpu(1, lambda: notes.add("second"))
        b.afterwards(lambda: found.add(tuple(notes.items)))

    search(lambda engine: two_notes.execute(ModuleType("none"), "this", engine), OptimalDpor(ExploredEngine), Limits(100))
    assert found == {("first", "second"), ("second", "first")}


def test_expectations_end_the_execution() -> None:
    """The message is the suite's, with the CPU before it; what comes after it is not done."""
    done: list[int] = []

    @program()
    def disappointed(b: Booted) -> None:
        """Something is not as expected."""
        b.cpu(0, lambda: (done.append(b.this_cpu()), b.expect(False, "it is otherwise"), done.append(9)))  # type: ignore[func-returns-value]

    engine = ExploredEngine(lambda engine, enabled, current: enabled[0])
    disappointed.execute(ModuleType("none"), "this", engine)
    assert engine.failure is not None
    assert (engine.failure.kind, engine.failure.message, done) == (ASSERTION, "CPU0: it is otherwise", [0])


def test_stage_numbers_of_cpus() -> None:
    """The stage knows the CPUs by other numbers than programs do, but in virtual time."""
    module = ModuleType("none")
    explored = Bench(module, "this", ExploredEngine(lambda engine, enabled, current: enabled[0]))
    assert [explored.cpu_number(cpu) for cpu in range(2)] == [61, 64]
    assert [Bench(module, "this", TimedEngine()).cpu_number(cpu) for cpu in range(2)] == [0, 1]


def test_what_cannot_be_called_is_refused_where_it_is_passed() -> None:
    """Else whoever calls it, much later, would be to blame."""
    b = Booted(ModuleType("none"), "this", ExploredEngine(), 2, False)
    wrong: list[Callable[[], object]] = [
        lambda: b.cpu(0, 5),  # type: ignore[arg-type]
        lambda: b.device(5),  # type: ignore[arg-type]
        lambda: b.interrupt(0, 5),  # type: ignore[arg-type]
        lambda: b.afterwards(5),  # type: ignore[arg-type]
        lambda: b.when_waiting(0, 5),  # type: ignore[arg-type]
    ]
    for each in wrong:
        with pytest.raises(TypeError, match="5 is no function"):
            each()


def test_a_bench_and_a_program_can_be_called_as_they_will_be() -> None:
    """Where they are handed over, they are looked at."""
    with pytest.raises(TypeError, match="<lambda> is called with module, kind, engine, cpus, hotplug: missing a required argument"):
        programs_on(lambda a, b, c, d, e, f: Booted(a, b, c, d, e), "any")  # type: ignore[arg-type, misc]
    with pytest.raises(TypeError, match="nothing is called with bench: too many positional arguments"):

        @program()
        def nothing() -> None:
            """Take nothing."""


@pytest.mark.parametrize("model", ENGINES)
def test_checks_afterwards_are_made_on_a_cpu_when_all_stores_have_arrived(model: str) -> None:
    """Whoever was last, and be it a device: the check may call what takes a lock and asks where it is."""
    found = set()

    @program(cpus=2)
    def stores(b: Booted) -> None:
        """Two CPUs write, and a device looks."""
        x, y, lock = Word(b.hv, "x"), Word(b.hv, "y"), b.hv.spinlock("lock")
        b.cpu(0, lambda: (x.write(1), y.read()))  # type: ignore[func-returns-value]
        b.cpu(1, lambda: (y.write(1), x.read()))  # type: ignore[func-returns-value]
        b.device(x.read)

        def check() -> None:
            flags = b.hv.spin_lock_irqsave(lock)
            found.add((b.this_cpu(), x.read(), y.read(), flags))
            b.hv.spin_unlock_irqrestore(lock, flags)

        b.afterwards(check)

    def execute(engine: ExploredEngine) -> None:
        stores.execute(ModuleType("none"), "this", engine)
        assert engine.failure is None, engine.failure

    assert search(execute, OptimalDpor(ENGINES[model]), Limits(1000)).verdict == EXHAUSTED
    assert found == {(0, 1, 1, True)}


def test_what_is_wrong_afterwards_names_nobody() -> None:
    """Neither who was the last to do something, nor the CPU on which the check is made, which is one that is online."""
    checked_on = []

    @program(cpus=2, hotplug=True)
    def goes(b: Booted) -> None:
        """The first CPU goes offline, and what must hold in the end does not."""
        b.cpu(1, lambda: b.machine.cpu_down(0))
        b.afterwards(lambda: checked_on.append(b.this_cpu()))
        b.device(lambda: b.flag("told").write(1), "gadget")
        b.afterwards(lambda: b.expect(False, "it is otherwise"))

    last_is_the_device = ExploredEngine(lambda engine, enabled, current: enabled[0])
    goes.execute(ModuleType("none"), "this", last_is_the_device)
    assert last_is_the_device.failure is not None
    assert (last_is_the_device.failure.message, checked_on) == ("in the end, it is otherwise", [1])


def test_what_is_wrong_meanwhile_names_who_finds_it() -> None:
    """Also after a check that was made afterwards, of another execution."""

    @program(cpus=2)
    def found(b: Booted) -> None:
        """The second CPU finds something wrong."""
        b.cpu(1, lambda: b.expect(False, "it is otherwise"))
        b.afterwards(lambda: b.expect(False, "nobody comes here"))

    engine = ExploredEngine(lambda engine, enabled, current: enabled[0])
    found.execute(ModuleType("none"), "this", engine)
    assert engine.failure is not None
    assert engine.failure.message == "CPU1: it is otherwise"
