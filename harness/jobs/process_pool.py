"""Runs tasks in worker processes, so that nothing a stage does reaches this one: crash, exit, endless loop, output.

A worker has one task at a time, and never one of another group than before: what a stage leaves behind in it reaches no other stage.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from select import select

from harness.jobs.executor import DIED, ENDED_ALL, GIVEN_UP, TIMED_OUT, Ended, Message, Outcome, Task
from harness.jobs.frames import Frames, send
from harness.jobs.heartbeat import Pulse
from harness.jobs.messages import Inbox
from harness.jobs.native_building import Builder, Built
from harness.jobs.server_link import NoWorkers, give_back, take_server
from harness.jobs.stage_loading import describe
from harness.jobs.vital_signs import LOST, VitalSigns, has_ended
from harness.jobs.watchdog import LAST_SIGNAL

# How often workers are looked at.
LOOK_SECONDS = 0.25
# Who has closed the connection is about to end, or does not mean to. What others use of the machine meanwhile does not count.
CUT_OFF_SECONDS = 0.5
# How many workers are kept that have no task: a series has about so many stages, of which the tasks may come in turn.
MOST_IDLE = 8


def available_cpus() -> int:
    """The number of CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class Running:
    """A task that a worker carries out."""

    number: int
    task: Task
    vitals: VitalSigns


class WorkerProcess:
    """A worker, as its parent sees it."""

    def __init__(self, process: int, channel: socket.socket, pulse: Pulse, group: int) -> None:
        self.process = process
        self.channel = channel
        self.frames = Frames(channel)
        self.pulse = pulse
        self.group = group
        self.running: Running | None = None
        # For how long the task had lasted when the connection was closed.
        self.cut_off: float | None = None

    def carry_out(self, number: int, task: Task, built: Sequence[Built]) -> None:
        send(self.channel, (number, task.function, task.arguments, built))
        self.running = Running(number, task, VitalSigns(self.process, self.pulse))

    def overdue(self, running: Running) -> Outcome | None:
        """What has become of the task, if it is to be given up."""
        if has_ended(self.process):
            # Its server is about to say how.
            return None
        problem, seconds, lived = running.vitals.problem(), running.task.seconds, running.vitals.lived
        if self.cut_off is not None and lived - self.cut_off > CUT_OFF_SECONDS:
            return Outcome(DIED, problem="cut off the process that ran it, or made another program of it")
        if not problem and seconds is not None and lived > seconds:
            problem = f"did not come back within {seconds:g} s"
        return Outcome(TIMED_OUT, problem=problem) if problem else None

    def is_cut_off(self) -> None:
        """Note that the connection has just been closed."""
        self.cut_off = 0.0
        if self.running is not None:
            # What the task has lasted since the last look was before that.
            self.running.vitals.problem()
            self.cut_off = self.running.vitals.lived

    def close(self) -> None:
        self.channel.close()
        self.pulse.stop()


class Processes:
    """An executor with `workers` processes on this machine, which import `modules` before they need them."""

    def __init__(self, workers: int, modules: Sequence[str] = ()) -> None:
        self.capacity = workers
        self._modules = modules
        self._server = take_server(modules)
        self._workers: dict[int, WorkerProcess] = {}
        self._events: list[Ended] = []
        self._builder = Builder()
        receiver, self._sender = os.pipe()
        os.set_blocking(self._sender, False)
        self._inbox = Inbox(receiver)

    def start(self, number: int, task: Task) -> None:
        built = self._builder.built(task)
        worker = self._worker(task.group)
        try:
            worker.carry_out(number, task, built)
        except OSError as error:
            # It has just been ended, by somebody else.
            self._events.append(Ended(number, Outcome(DIED, problem=f"ended the process that was to run it ({error.strerror})")))
            self._drop(worker)
        except Exception as error:
            self._events.append(Ended(number, Outcome(DIED, problem=f"cannot be handed on ({describe(error)})")))

    def _worker(self, group: int) -> WorkerProcess:
        """A worker without a task that has had none of another group. Those of some other groups are kept."""
        idle = [worker for worker in self._workers.values() if worker.running is None]
        found = next((worker for worker in idle if worker.group == group), None)
        if found is None and len(idle) > MOST_IDLE:
            self._drop(idle[0])
        return found or self._forked(group)

    def _forked(self, group: int) -> WorkerProcess:
        ours, theirs = socket.socketpair()
        pulse = Pulse()
        with theirs:
            process = self._fork([theirs.fileno(), pulse.descriptor, self._sender])
        pulse.handed_on()
        worker = self._workers[process] = WorkerProcess(process, ours, pulse, group)
        return worker

    def _fork(self, descriptors: list[int]) -> int:
        """Have a worker forked, by another server if the one that there was has just gone."""
        try:
            return self._server.fork(descriptors)
        except NoWorkers:
            if self._server.alive:
                raise
        self._begin_anew()
        return self._server.fork(descriptors)

    def _begin_anew(self) -> None:
        """All workers of a server that has gone are lost."""
        for worker in list(self._workers.values()):
            self._finish(worker, Outcome(ENDED_ALL, problem="ended all processes that run stages"))
            _end_group(worker.process)
            self._drop(worker)
        self._server.close()
        self._server = take_server(self._modules)

    def events(self, seconds: float) -> Sequence[Message | Ended]:
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            self._look(0.0 if self._events else max(min(left, LOOK_SECONDS), 0.0))
            if self._events or left <= 0:
                break
        # What a task has told comes before its end.
        told = list(self._inbox.messages())
        ended, self._events = self._events, []
        return [*told, *ended]

    def _look(self, seconds: float) -> None:
        """Wait for something to happen, and take it in."""
        heard = {worker.channel: worker for worker in self._workers.values() if worker.cut_off is None}
        ready, _, _ = select([self._server.control, *heard], [], [], seconds)
        for worker in (heard[channel] for channel in ready if channel in heard):
            self._take_in(worker)
        self._server.look_after()
        for process, code in self._server.ended():
            if gone := self._workers.get(process):
                self._take_in(gone)
                self._finish(gone, _exited(code))
                self._drop(gone)
        if not self._server.alive:
            self._begin_anew()
        for worker in list(self._workers.values()):
            if worker.running and (outcome := worker.overdue(worker.running)):
                self._finish(worker, outcome)
                self._drop(worker)

    def _take_in(self, worker: WorkerProcess) -> None:
        """Take in what a worker has sent: nothing but the result of its task is expected. What has no memory left is not used again."""
        try:
            for number, outcome in worker.frames.received():
                if worker.running and number == worker.running.number and isinstance(outcome, Outcome):
                    self._finish(worker, outcome)
                    if outcome.status == DIED:
                        self._drop(worker)
                        return
        except Exception as error:
            self._finish(worker, Outcome(DIED, problem=f"broke the process that ran it ({describe(error)})"))
            self._drop(worker)
            return
        if worker.frames.ended and worker.cut_off is None:
            worker.is_cut_off()

    def _finish(self, worker: WorkerProcess, outcome: Outcome) -> None:
        if worker.running is not None:
            self._events.append(Ended(worker.running.number, outcome))
            worker.running = None

    def _drop(self, worker: WorkerProcess) -> None:
        """End a worker, if it has not ended, and forget it."""
        if self._workers.pop(worker.process, None) is not None:
            self._server.end(worker.process)
            worker.close()

    def cancel(self, number: int) -> None:
        for worker in list(self._workers.values()):
            if worker.running and worker.running.number == number:
                self._finish(worker, Outcome(GIVEN_UP, problem="was given up"))
                self._drop(worker)

    def close(self) -> None:
        for worker in list(self._workers.values()):
            self._drop(worker)
        give_back(self._server)
        self._inbox.close()
        os.close(self._sender)


def _end_group(process: int) -> None:
    try:
        os.killpg(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _exited(code: int) -> Outcome:
    if code == -LAST_SIGNAL:
        return Outcome(TIMED_OUT, problem=LOST)
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return Outcome(DIED, problem=f"ended the process that ran it ({how})")
