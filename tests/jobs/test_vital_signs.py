"""What a process has had of the machine counts, and not what others have taken."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from harness.jobs import vital_signs
from harness.jobs.heartbeat import Pulse
from harness.jobs.vital_signs import CPU_SECONDS, LOST, SILENT_SECONDS, VitalSigns, has_ended
from tests.bounds import bounded


class World:
    """A process that somebody looks at every quarter of a second: its state, its CPU time, and what its heart says."""

    def __init__(self) -> None:
        self.now = self.cpu = 0.0
        self.state = "R"
        self.execution = self.ticks = 0

    def pass_time(self, signs: VitalSigns, seconds: float, share: float, ticking: bool = False) -> str:
        """Let time pass, of which the process has a share of a CPU; what is wrong at the end."""
        problem = ""
        for _ in range(int(seconds * 4)):
            self.now += 0.25
            self.cpu += 0.25 * share
            self.ticks += ticking
            problem = problem or signs.problem()
        return problem


@contextmanager
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[World, VitalSigns]]:
    """Such a process, and who looks at it."""
    world = World()
    monkeypatch.setattr(vital_signs, "time", SimpleNamespace(monotonic=lambda: world.now))
    monkeypatch.setattr(vital_signs, "state_of", lambda number: world.state)
    monkeypatch.setattr(vital_signs, "_cpu_seconds", lambda number: world.cpu)
    monkeypatch.setattr(Pulse, "execution", property(lambda pulse: world.execution))
    monkeypatch.setattr(Pulse, "ticks", property(lambda pulse: world.ticks))
    pulse = Pulse()
    try:
        yield world, VitalSigns(1, pulse)
    finally:
        pulse.handed_on()
        pulse.stop()


def test_who_gets_no_cpu_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour without a share of it is not a second of the limit, and an execution that waits for a CPU is not late."""
    with looked_at(monkeypatch) as (world, signs):
        world.execution = 1
        assert signs.problem() == ""
        assert world.pass_time(signs, 3600, share=0) == ""
        assert signs.lived == 0
        assert world.pass_time(signs, 20, share=0.1) == ""
        assert signs.lived == pytest.approx(2)


def test_sleep_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has kept it from going on."""
    with looked_at(monkeypatch) as (world, signs):
        world.state = "S"
        assert world.pass_time(signs, 3, share=0) == ""
        assert signs.lived == pytest.approx(3)


def test_of_waiting_for_a_disk_a_tenth_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow one makes no stage late, and who waits there for ever is given up in the end; it is not asleep."""
    with looked_at(monkeypatch) as (world, signs):
        world.state, world.execution = "D", 1
        assert world.pass_time(signs, 100, share=0) == ""
        assert signs.lived == pytest.approx(10)


def test_who_has_ended_has_not_been_waited_for() -> None:
    """A process that runs has not, one that has ended has, and one that is gone has as well."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        assert not has_ended(process.pid)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert has_ended(process.pid)
        process.wait()
        assert has_ended(process.pid)


# Its main thread ends, and another one goes on until there is nothing more to read.
WITHOUT_ITS_MAIN_THREAD = """
import ctypes, sys, threading
threading.Thread(target=sys.stdin.read).start()
ctypes.CDLL(None).pthread_exit(None)
"""


def test_who_has_a_thread_left_has_not_ended() -> None:
    """The kernel calls it a zombie as soon as its main thread has ended."""
    with subprocess.Popen([sys.executable, "-c", WITHOUT_ITS_MAIN_THREAD], stdin=subprocess.PIPE) as process:
        with bounded("the end of a main thread"):
            while vital_signs.state_of(process.pid) != "Z":
                time.sleep(0.01)
        assert not has_ended(process.pid)
        process.kill()


@pytest.mark.parametrize(("ticking", "limit"), [(False, SILENT_SECONDS), (True, CPU_SECONDS)])
def test_an_execution_has_so_much_cpu_time(monkeypatch: pytest.MonkeyPatch, ticking: bool, limit: float) -> None:
    """Less where the watchdog does not tick; however long it takes to get it, and from the beginning for each execution."""
    with looked_at(monkeypatch) as (world, signs):
        for world.execution in (1, 2):
            assert signs.problem() == ""
            assert world.pass_time(signs, 2 * limit, share=0.5, ticking=ticking) == ""
        assert world.pass_time(signs, 1, share=0.5, ticking=ticking) == LOST
