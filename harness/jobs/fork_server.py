"""The process that forks the workers: it imports once what they need, runs nothing of a stage, and ends what a worker leaves behind.

Its parent asks for a worker with a message of descriptors, or for the end of one; it is told what became of each. When the parent goes,
however that happens, all workers go, and whatever they have started.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import select
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

# A signal that the kernel sends when the parent ends; and whose child somebody becomes whose parent has ended.
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

LONGEST = 4096
DESCRIPTORS = 3

# What a worker runs, with the descriptors that it was sent.
Work = Callable[[list[int]], None]


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def end_with_parent() -> None:
    """Have this process end as soon as the one that has forked it does."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Server:
    """Knows the workers by their process numbers, which are those of their process groups as well."""

    def __init__(self, control: socket.socket, work: Work) -> None:
        self.control = control
        self.work = work
        self.workers: set[int] = set()

    def serve(self) -> None:
        """Do as the parent says, until it goes."""
        wakeup, woken = os.pipe()
        control = self.control.fileno()
        for descriptor in (wakeup, woken):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        try:
            while True:
                ready, _, _ = select.select([control, wakeup], [], [])
                if wakeup in ready:
                    os.read(wakeup, LONGEST)
                    self.reap()
                if control in ready and not self.obey():
                    return
        finally:
            self.end_all()

    def obey(self) -> bool:
        """Take one message in; whether there may be more."""
        data, descriptors, _, _ = socket.recv_fds(self.control, LONGEST, DESCRIPTORS)
        if not data:
            return False
        asked = json.loads(data)
        if "end" in asked:
            self.end(asked["end"])
        else:
            self.fork(descriptors)
        return True

    def fork(self, descriptors: list[int]) -> None:
        """Fork a worker, and tell its number, or why there is none."""
        try:
            number = os.fork()
        except OSError as error:
            self.tell(refused=error.strerror)
        else:
            if not number:
                self.become_worker(descriptors)
            self.workers.add(number)
            self.tell(forked=number)
        for descriptor in descriptors:
            os.close(descriptor)

    def become_worker(self, descriptors: list[int]) -> None:
        """Never come back."""
        try:
            end_with_parent()
            os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.control.close()
            self.work(descriptors)
        finally:
            os._exit(1)

    def end(self, number: int) -> None:
        if number in self.workers:
            _kill(os.kill, number)

    def reap(self) -> None:
        """See who has ended, and end what it has left: its process group, and what has left that and is our child by now."""
        while (ended := _first_ended()) is not None:
            if ended in self.workers:
                _kill(os.killpg, ended)
            _, status = os.waitpid(ended, 0)
            if ended in self.workers:
                self.workers.discard(ended)
                self.tell(ended=ended, code=os.waitstatus_to_exitcode(status))
        self.end_strangers()

    def end_strangers(self) -> None:
        """Children that are no workers were left behind by one."""
        for number in _children():
            if number not in self.workers:
                _kill(os.kill, number)

    def tell(self, **what: Any) -> None:
        try:
            self.control.send(json.dumps(what).encode())
        except OSError:
            # The parent has gone, which is noticed where it is listened to.
            return

    def end_all(self) -> None:
        """End everything and wait until it has gone."""
        while numbers := self.workers | set(_children()):
            for number in numbers & self.workers:
                _kill(os.killpg, number)
            for number in numbers:
                _kill(os.kill, number)
            for number in numbers:
                os.waitpid(number, 0)
            self.workers -= numbers


def _first_ended() -> int | None:
    """A child that has ended, and is not waited for yet."""
    try:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return found.si_pid if found else None


def _children() -> list[int]:
    try:
        return [int(word) for word in Path("/proc/thread-self/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def _kill(kill: Callable[[int, int], None], number: int) -> None:
    try:
        kill(number, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # It has gone already, or is nobody whom we may end.
        return


def run(descriptor: int, work: Work) -> None:
    """Serve whoever has the other end of the socket `descriptor`, in a process whose signals are as if nobody had changed them."""
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGUSR1):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    # What is there by now is never collected, so that no worker copies it by looking at it.
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=descriptor) as control:
        Server(control, work).serve()
