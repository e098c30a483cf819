"""The parent's side of a fork server: starts one in an interpreter of its own, and asks it for workers.

Nothing of how this process was started reaches the workers: no options of Python, none of its environment variables, no current directory
among what can be imported. The hash seed is the same for all of them.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from harness.isolation import PACKAGES, ROOT
from harness.jobs.fork_server import LONGEST
from harness.jobs.vital_signs import STOPPED, state_of

# What loads stages in C. Where it is asked for, it is there before anybody notes what belongs to the installation.
FIRST = ("harness.jobs.native_loading",)

# How long a server may take to import what its workers need, on a slow machine.
START_SECONDS = 120.0
# How often somebody may stop a server. Who does it once may be nobody whom it knows.
MOST_STOPS = 3
# How often a server is looked at that is waited for.
LOOK_SECONDS = 0.5
# How long it may take to end all workers, on such a machine: who is ended before leaves behind what those have started.
END_SECONDS = 60.0

BOOT = """
import importlib.machinery, json, sys
root, asked = sys.argv[1], json.loads(sys.argv[2])
sys.path.insert(0, root)
from harness.isolation import isolate
isolate(asked["path"])
from harness.jobs.worker_process import serve
serve(asked["descriptor"], asked["modules"])
"""
# Such a variable says where Python itself is; all others change what it does.
KEPT = ("PYTHONHOME", "PYTHONPLATLIBDIR")


class NoWorkers(Exception):
    """Tasks cannot be carried out, whatever they are; the message says why."""


class ForkServer:
    """A fork server, which has imported `modules`."""

    def __init__(self, modules: Sequence[str]) -> None:
        self.modules = frozenset(modules)
        # What of that is no part of the installation.
        self.foreign = frozenset(module for module in modules if module.partition(".")[0] not in PACKAGES)
        # Workers that have ended, with their exit codes, as far as nobody has asked yet.
        self._ended: list[tuple[int, int]] = []
        self.alive = True
        self._stops = 0
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._said = os.memfd_create("stderr")
        with theirs:
            self._process = subprocess.Popen(
                _command(theirs.fileno(), modules),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                pass_fds=(theirs.fileno(),),
                env=_environment(),
                start_new_session=True,
            )

    def fork(self, descriptors: Sequence[int]) -> int:
        """Have a worker forked that gets `descriptors`; return its process number."""
        try:
            socket.send_fds(self.control, [b"{}"], descriptors)
        except OSError:
            self._lose()
        until = time.monotonic() + START_SECONDS
        while self.alive and time.monotonic() < until:
            told = self._told_within(LOOK_SECONDS)
            if "refused" in told:
                raise NoWorkers(f"no process can be started: {told['refused']}")
            if "forked" in told:
                return int(told["forked"])
        raise NoWorkers(f"what starts them has ended{self._last_words()}")

    def end(self, number: int) -> None:
        """Have a worker ended."""
        try:
            self.control.send(json.dumps({"end": number}).encode())
        except OSError:
            self._lose()

    def ended(self) -> list[tuple[int, int]]:
        """The workers that have ended since the last call, with their exit codes. It never waits."""
        self.control.settimeout(0)
        try:
            while self.alive:
                self._told()
        except BlockingIOError:
            pass
        ended, self._ended = self._ended, []
        return ended

    def close(self) -> None:
        """End the server and everything that it has started."""
        self.control.close()
        until = time.monotonic() + END_SECONDS
        while not self._ends_within(LOOK_SECONDS):
            self.look_after()
            if time.monotonic() > until:
                self._process.kill()
        os.close(self._said)

    def _ends_within(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def look_after(self) -> None:
        """Have a server that somebody has stopped go on, and end it if that happens again and again."""
        if state_of(self._process.pid) in STOPPED:
            self._stops += 1
            self._process.send_signal(signal.SIGCONT if self._stops <= MOST_STOPS else signal.SIGKILL)

    def _told_within(self, seconds: float) -> dict[str, Any]:
        self.control.settimeout(seconds)
        try:
            return self._told()
        except TimeoutError:
            self.look_after()
            return {}

    def _told(self) -> dict[str, Any]:
        """The next message."""
        try:
            data = self.control.recv(LONGEST)
        except ConnectionError:
            data = b""
        if not data:
            self._lose()
            return {}
        told: dict[str, Any] = json.loads(data)
        if "ended" in told:
            self._ended.append((told["ended"], told["code"]))
        return told

    def _lose(self) -> None:
        self.alive = False

    def _last_words(self) -> str:
        """What the server has said at last, if it has."""
        self._process.wait()
        said = os.pread(self._said, LONGEST, max(os.fstat(self._said).st_size - LONGEST, 0)).decode("utf-8", "replace").split("\n")
        code = self._process.returncode
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return f" ({': '.join([how, *[line for line in said if line.strip()][-1:]])})"


def _command(descriptor: int, modules: Sequence[str]) -> list[str]:
    if not sys.executable:
        raise NoWorkers("nobody knows where Python is")
    path = [entry for entry in sys.path if entry]
    return [sys.executable, "-P", "-c", BOOT, ROOT, json.dumps({"path": path, "descriptor": descriptor, "modules": list(modules)})]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON") or name in KEPT}
    return {**kept, "PYTHONHASHSEED": "0"}


_idle: list[ForkServer] = []


def take_server(modules: Sequence[str]) -> ForkServer:
    """A server that nobody uses; it is to be given back. One that has imported less will do: its workers import the rest.

    But what is to be there first has to be, and no suite of somebody's own that is not asked for: what depends on that is not kept.
    """
    while _idle:
        server = _idle.pop()
        server.ended()
        if server.alive and server.modules.issuperset(set(FIRST).intersection(modules)) and server.foreign.issubset(modules):
            return server
        server.close()
    return ForkServer(modules)


def give_back(server: ForkServer) -> None:
    """Keep a server for the next one who needs one, if it is still there."""
    if server.alive:
        _idle.append(server)
    else:
        server.close()


def end_idle_servers() -> None:
    """Nothing outlives this process."""
    while _idle:
        _idle.pop().close()


atexit.register(end_idle_servers)
