"""A stage that hangs without calling anything, recurses or exits becomes a verdict."""

from __future__ import annotations

import inspect
import resource
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import ModuleType

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.jobs import watchdog as guard
from harness.jobs.run_queue import RunQueue
from harness.jobs.stage_loading import load
from harness.machine import diagnosis
from harness.machine.code_places import CodePlaces
from harness.machine.diagnosis import CRASH, HANG, NO_PROGRESS
from harness.machine.engine import Engine
from harness.sources.single_file import target_of_file
from harness.suite.program import Arranged, Program, SuiteMistake
from harness.tasklets.contract import CLAUSES
from stages import FIXED
from tests.bounds import bounded

KILL = "    def tasklet_kill(self, t: Tasklet) -> None:\n"
BOOT = "    def tasklet_subsys_init(self) -> None:\n"

BROKEN = {
    "endless loop": ("        while True:\n            pass\n", HANG),
    "endless loop that catches everything": (
        (
            "        for _ in range(3):\n            try:\n                while True:\n                    pass\n"
            "            except BaseException:\n                continue\n"
        ),
        HANG,
    ),
    "sleep": ("        import time\n        time.sleep(1e9)\n", HANG),
    "endless loop that calls the machine": (
        "        while True:\n            self.hv.local_irq_save()\n            self.hv.local_irq_enable()\n",
        NO_PROGRESS,
    ),
    "recursion": ("        return self.tasklet_kill(t) if 't' in vars() else self.tasklet_subsys_init()\n", CRASH),
    "exit": ("        raise SystemExit(3)\n", CRASH),
}


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guard that does not wait long; on a busy machine, and with coverage measured, less would not do."""
    monkeypatch.setattr(guard, "CPU_SECONDS", 0.5)
    monkeypatch.setattr(guard, "REAL_SECONDS", 3.0)


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("where", [KILL, BOOT], ids=["in the run", "at boot"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_stage_that_does_not_come_back_is_a_verdict(name: str, where: str, tmp_path: Path) -> None:
    """In the run and while the machine boots, which the engine does not control."""
    body, kind = BROKEN[name]
    if where == BOOT and kind == NO_PROGRESS:
        kind = HANG
    source = FIXED.stages[0].path.read_text()
    assert where in source
    path = tmp_path / "broken.py"
    path.write_text(source.replace(where, where + body))
    engine = ExploredEngine(lambda engine, enabled, current: enabled[0], max_steps=500)
    idle_twice = next(p for p in CLAUSES["kill-returns"].programs if p.name == "kill-idle-twice")
    guard.execute_watched(idle_twice, load(target_of_file(str(path))), "softirq", engine)
    assert engine.failure is not None
    assert engine.failure.kind == kind
    if kind == HANG:
        # Nothing that depends on how far it got.
        assert engine.failure.message == f"CPU0: {where.split()[1].partition('(')[0]} (broken.py) does not come back"


@pytest.mark.usefixtures("_impatient")
def test_a_stage_below_a_folder_named_harness_is_no_machine(tmp_path: Path) -> None:
    """The verdict names the function that hangs, wherever the stage lies."""
    path = tmp_path / "harness" / "machine" / "broken.py"
    path.parent.mkdir(parents=True)
    path.write_text(FIXED.stages[0].path.read_text().replace(BOOT, BOOT + BROKEN["endless loop"][0]))
    engine = ExploredEngine(max_steps=500)
    idle_twice = next(p for p in CLAUSES["kill-returns"].programs if p.name == "kill-idle-twice")
    guard.execute_watched(idle_twice, load(target_of_file(str(path))), "softirq", engine)
    assert engine.failure is not None
    assert engine.failure.message == "CPU0: tasklet_subsys_init (broken.py) does not come back"


def test_what_the_harness_calls_in_the_library_is_no_stage() -> None:
    """Time may run out in a function of Python's that the machine, or a tracer, has called: the stage is further out."""
    named: list[str] = []
    of_the_harness: dict[str, Callable[[Callable[[], object]], None]] = {}
    exec(compile("def call(function): function()", str(guard.HARNESS_ROOT / "made_up.py"), "exec"), of_the_harness)
    call = of_the_harness["call"]
    in_the_library = ExitStack()
    in_the_library.callback(lambda: named.append(guard.entered(inspect.currentframe())))

    def stage_function() -> None:
        call(in_the_library.close)

    call(stage_function)
    assert named == ["stage_function (test_watchdog.py)"]


def executed(body: Callable[[], object]) -> ExploredEngine:
    """Execute a program that does this while it is set up."""

    def arrange(_module: ModuleType, _kind: str, engine: Engine) -> Arranged:
        body()
        return Nothing()

    engine = ExploredEngine()
    guard.execute_watched(Program("body", "", ("none",), arrange), ModuleType("none"), "none", engine)
    return engine


class Nothing:
    """What such a program has arranged."""

    checks = ()
    premises = 0


def used() -> float:
    """The CPU time that the watchdog counts: what the kernel needs for this process is no part of it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def busy(seconds: float) -> None:
    """Use CPU time."""
    start = used()
    while used() - start < seconds:
        for _ in range(1000):
            pass


def test_the_timers_are_off_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the handlers are those from before."""
    monkeypatch.setattr(guard, "REAL_SECONDS", 0.05)
    # For so short a time it may, on a busy machine.
    monkeypatch.setattr(RunQueue, "was_long", lambda queue: False)
    before = [signal.getsignal(number) for _, number in guard.TIMERS]
    engine = executed(lambda: time.sleep(600))
    assert engine.failure is not None
    assert engine.failure.kind == HANG
    assert [signal.getitimer(timer)[0] for timer, _ in guard.TIMERS] == [0, 0]
    assert [signal.getsignal(number) for _, number in guard.TIMERS] == before


@pytest.mark.usefixtures("_impatient")
def test_one_watchdog_for_many_executions() -> None:
    """Only one that takes too long by itself is ended, and nothing between executions is; after a hang everything is as before."""
    with guard.on_duty():
        quick = [executed(lambda: busy(0.1)) for _ in range(8)]
        busy(0.8)
        hung = executed(lambda: busy(30))
        busy(0.8)
        quick += [executed(lambda: busy(0.1)) for _ in range(8)]
    assert not any(engine.failure for engine in quick)
    assert hung.failure is not None
    assert hung.failure.kind == HANG


@pytest.mark.usefixtures("_impatient")
def test_time_runs_out_for_one_execution_after_the_other() -> None:
    """Each has its own time: none is ended for what the one before has used."""
    taken = []
    with guard.on_duty():
        for _ in range(2):
            start = used()
            assert executed(lambda: busy(30)).failure is not None
            taken.append(used() - start)
    assert min(taken) > 0.4


@pytest.mark.usefixtures("_impatient")
def test_who_does_not_end_when_told_to_hangs_whatever_else_was_wrong() -> None:
    """Otherwise the search for a simpler execution would wait as long for each of them."""

    def swallow() -> None:
        for _ in range(2):
            with suppress(BaseException):
                busy(30)
        raise ValueError

    failure = executed(swallow).failure
    assert failure is not None
    assert failure.kind == HANG


@pytest.mark.parametrize("crowded", [False, True])
def test_who_gets_no_cpu_is_not_asleep(monkeypatch: pytest.MonkeyPatch, crowded: bool) -> None:
    """Real time counts only while others do not have the CPU."""
    monkeypatch.setattr(RunQueue, "was_long", lambda queue: crowded)
    monkeypatch.setattr(guard, "CPU_SECONDS", 60.0)
    monkeypatch.setattr(guard, "REAL_SECONDS", 0.05)
    # If it is ended, then long before that; and else the timer ticks many times meanwhile.
    assert (executed(lambda: time.sleep(0.5 if crowded else 600)).failure is None) == crowded


def test_nobody_is_blamed_for_too_little_memory() -> None:
    """It may be the stage that takes it, or whatever else there is on the machine."""
    with pytest.raises(guard.OutOfMemory, match="has no memory left"):
        executed(lambda: bytearray(1 << 60))


@pytest.mark.usefixtures("_impatient")
def test_there_is_no_guard_in_another_thread() -> None:
    """Whoever executes there changes nothing for the main thread."""
    with guard.on_duty() as dog:
        thread = threading.Thread(target=executed, args=(lambda: busy(0.8),))
        thread.start()
        with bounded("the execution in another thread"):
            thread.join()
        assert dog.number == 0


@pytest.mark.usefixtures("_impatient")
def test_a_suite_that_does_not_come_back_is_its_own_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no hang of the stage."""
    monkeypatch.setattr(diagnosis, "JUDGING", CodePlaces(__file__))

    def arrange(module: ModuleType, kind: str, engine: Engine) -> Arranged:
        while True:
            pass

    engine = ExploredEngine(lambda engine, enabled, current: enabled[0])
    with pytest.raises(SuiteMistake, match=r"^suite test_watchdog.py:\d+: does not come back$"):
        guard.execute_watched(Program("p", "Nothing.", ("any",), arrange), ModuleType("none"), "any", engine)
