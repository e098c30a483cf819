"""Tasks that misbehave in every way do not disturb the others, nor the order of the results."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.jobs import driving, vital_signs
from harness.jobs.driving import Listener, run_tasks
from harness.jobs.executor import DIED, ENDED_ALL, GIVEN_UP, INTERRUPTED, NOT_A_STAGE, OK, RAISED, TIMED_OUT, Batch, Outcome, Task
from harness.jobs.heartbeat import heart
from harness.jobs.messages import outbox
from harness.jobs.server_link import ForkServer, NoWorkers
from harness.jobs.stage_loading import NeverReturns, NotAStage
from harness.jobs.standing import Progress, nobody
from tests.bounds import bounded

SOON = 0.5
LATE = 60.0


def answer(value: int) -> int:
    """Be a good task."""
    return value


def answer_late(value: int) -> int:
    """Be a good task that is overtaken."""
    time.sleep(0.3)
    return value


def leave(code: int) -> None:
    """End the process."""
    os._exit(code)


def leave_unseen(code: int) -> None:
    """End the process while the one that would tell of that cannot."""
    os.kill(os.getppid(), signal.SIGSTOP)
    os._exit(code)


def parent_of(stopped: bool) -> int:
    """Tell which process forks the workers, and perhaps stop it."""
    if stopped:
        os.kill(os.getppid(), signal.SIGSTOP)
    return os.getppid()


def be_killed(number: int) -> None:
    """Die of a signal."""
    os.kill(os.getpid(), number)


def hang() -> None:
    """Never return, whatever is raised."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def refuse(error: type[Exception]) -> None:
    """Raise."""
    raise error("is wrong")


def leave_politely() -> None:
    """Exit as a program does."""
    sys.exit(3)


def recurse() -> None:
    """Recurse for ever."""
    recurse()


def take_memory() -> int:
    """Take more memory than there is."""
    return len(bytearray(1 << 40))


def answer_with_what_cannot_be_sent() -> object:
    """Return something that does not cross process boundaries."""
    return threading.Lock()


def print_everywhere() -> str:
    """Print, and try to read."""
    print("NOISE")
    print("NOISE", file=sys.stderr)
    os.write(1, b"NOISE")
    os.write(2, b"NOISE")
    return sys.stdin.read()


def tell_and_die(number: int) -> None:
    """Tell the parent something, write half a message, and die."""
    outbox.send(1, 2.5)
    os.write(outbox.descriptor, b'[0, 3, "')
    os.kill(os.getpid(), number)


def interrupt_parent(parent: int, after: str) -> None:
    """Do as Ctrl-C does, when the file `after` is there."""
    while not Path(after).exists():
        time.sleep(0.01)
    os.kill(parent, signal.SIGINT)
    time.sleep(LATE)


def be_replaced() -> None:
    """Become another program."""
    os.execv("/bin/sleep", ["sleep", str(LATE)])


def stop(often: int) -> int:
    """Be as good as dead, as often as somebody has this process go on."""
    for _ in range(often):
        os.kill(os.getpid(), signal.SIGSTOP)
    return often


def stay_in_an_execution(busy: bool) -> None:
    """Begin an execution that does not end, where nothing can interrupt it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, signal.NSIG))
    heart.beat[0] = 7
    while busy:
        pass
    time.sleep(LATE)


def first_time(marker: str) -> bool:
    """Whether this is called for the first time with that file."""
    seen = Path(marker).exists()
    Path(marker).touch()
    return not seen


def die_once(marker: str, server: bool) -> int:
    """Have the process ended as if from outside, or all of them; another time, be good."""
    if first_time(marker):
        os.kill(os.getppid() if server else os.getpid(), signal.SIGKILL)
        time.sleep(LATE)
    return 5


def end_everybody(counted: str) -> None:
    """End the process that forks workers, and note that it was tried."""
    with Path(counted).open("a", encoding="utf-8") as file:
        file.write("!")
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(LATE)


def be_slow(seconds: float) -> int:
    """Take long for an execution, while the watchdog ticks."""
    heart.beat[0] = 8
    start = time.process_time()
    while time.process_time() - start < seconds:
        heart.beat[1] += 1
    return 3


def leave_something_behind() -> int:
    """Start a process that leaves the group of this one."""
    return subprocess.Popen(["sleep", str(LATE)], start_new_session=True).pid


def fork() -> int:
    """Make another process like this one."""
    return os.waitstatus_to_exitcode(os.waitpid(os.fork(), 0)[1])


def own_number() -> int:
    """Tell which process this is."""
    return os.getpid()


def outcomes(*tasks: Task, jobs: int = 2) -> list[Outcome]:
    """The outcomes of tasks that are not interrupted."""
    batch = run(tasks, jobs)
    assert not batch.interrupted
    return batch.outcomes


def run(tasks: Sequence[Task], jobs: int, progress: Progress = nobody, hear: Listener = lambda message: None) -> Batch:
    """Run tasks; that does not last for ever, whatever they do."""
    with bounded(f"a run of {len(tasks)} tasks"):
        return run_tasks(tasks, jobs, progress, hear)


def test_order_is_that_of_the_tasks() -> None:
    """Also when later ones are done first; everything is counted."""
    seen: list[tuple[int, int]] = []
    tasks = [Task(0, answer if value % 3 else answer_late, (value,), LATE) for value in range(8)]
    batch = run(tasks, 3, lambda standing: seen.append((standing.done, standing.total)))
    assert batch.outcomes == [Outcome(OK, value) for value in range(8)]
    assert seen == sorted(seen)
    assert seen[-1] == (8, 8)


@pytest.mark.parametrize(
    ("task", "status", "problem"),
    [
        (Task(0, leave, (3,), LATE), DIED, "ended the process that ran it (exit code 3)"),
        (Task(0, leave, (0,), LATE), DIED, "ended the process that ran it (exit code 0)"),
        (Task(0, be_killed, (signal.SIGKILL,), LATE), DIED, "ended the process that ran it (signal SIGKILL)"),
        (Task(0, be_killed, (signal.SIGINT,), LATE), DIED, "ended the process that ran it (signal SIGINT)"),
        (Task(0, be_killed, (signal.SIGTERM,), LATE), DIED, "ended the process that ran it (signal SIGTERM)"),
        (Task(0, be_killed, (signal.SIGSEGV,), LATE), DIED, "ended the process that ran it (signal SIGSEGV)"),
        (Task(0, refuse, (NotAStage,), LATE), NOT_A_STAGE, "is wrong"),
        (Task(0, refuse, (NeverReturns,), LATE), TIMED_OUT, "is wrong"),
        (Task(0, refuse, (ValueError,), LATE), RAISED, "stopped the harness: ValueError: is wrong at test_process_pool.py:"),
        (Task(0, leave_politely, (), LATE), RAISED, "stopped the harness: SystemExit: 3 at test_process_pool.py:"),
        (Task(0, recurse, (), LATE), RAISED, "stopped the harness: RecursionError: "),
        (Task(0, take_memory, (), LATE), RAISED, "stopped the harness: MemoryError at test_process_pool.py:"),
        (Task(0, answer_with_what_cannot_be_sent, (), LATE), DIED, "broke the process that ran it (TypeError: "),
        (Task(0, be_replaced, (), LATE), DIED, "cut off the process that ran it, or made another program of it"),
        (Task(0, hang, (), SOON), TIMED_OUT, "did not come back within 0.5 s"),
    ],
    ids=lambda value: value.function.__name__ if isinstance(value, Task) else "",
)
def test_a_bad_task_does_not_disturb_others(task: Task, status: str, problem: str) -> None:
    """The others, before and after it, have their results."""
    found = outcomes(Task(1, answer, (1,), LATE), task, Task(1, answer, (2,), LATE), Task(1, answer, (3,), LATE))
    assert found[0] == Outcome(OK, 1)
    assert found[1].status == status
    assert found[1].problem.startswith(problem)
    assert found[2:] == [Outcome(OK, 2), Outcome(OK, 3)]


def test_an_end_that_is_told_late_is_no_other_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who would tell of it may get no CPU for as long as a process may live that has cut itself off."""
    stopped: list[ForkServer] = []

    def go_on_at_last(server: ForkServer) -> None:
        if vital_signs.state_of(server._process.pid) in vital_signs.STOPPED:
            stopped.append(server)
        if len(stopped) == 5:
            stopped.clear()
            os.kill(server._process.pid, signal.SIGCONT)

    monkeypatch.setattr(ForkServer, "look_after", go_on_at_last)
    assert outcomes(Task(0, leave_unseen, (3,), LATE)) == [Outcome(DIED, problem="ended the process that ran it (exit code 3)")]


IMPATIENT = {"CPU_SECONDS": 0.5, "ASLEEP_SECONDS": 0.5, "STOPPED_SECONDS": 0.5}


@pytest.mark.parametrize(
    ("task", "status", "problem"),
    [
        (Task(0, stop, (100,), None), TIMED_OUT, "stops the process that runs it"),
        (Task(0, stay_in_an_execution, (True,), None), TIMED_OUT, vital_signs.LOST),
        (Task(0, stay_in_an_execution, (False,), None), TIMED_OUT, vital_signs.LOST),
    ],
)
def test_what_gets_nowhere_is_ended_without_a_limit(monkeypatch: pytest.MonkeyPatch, task: Task, status: str, problem: str) -> None:
    """The parent sees it, whatever has become of the process and of its timers."""
    for name, seconds in IMPATIENT.items():
        monkeypatch.setattr(vital_signs, name, seconds)
    assert outcomes(task) == [Outcome(status, problem=problem)]


def test_an_execution_whose_watchdog_is_silent_is_ended_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has switched that off; one whose watchdog ticks may go on."""
    monkeypatch.setattr(vital_signs, "SILENT_SECONDS", 0.4)
    monkeypatch.setattr(vital_signs, "CPU_SECONDS", LATE)
    found = outcomes(Task(0, be_slow, (1.0,), None), Task(1, stay_in_an_execution, (True,), None))
    assert found == [Outcome(OK, 3), Outcome(TIMED_OUT, problem=vital_signs.LOST)]


def test_a_process_that_is_stopped_once_goes_on() -> None:
    """Somebody else may have done it."""
    assert outcomes(Task(0, stop, (1,), None)) == [Outcome(OK, 1)]


def test_what_forks_workers_goes_on_when_it_is_stopped_once() -> None:
    """As a worker does; it is the same process afterwards."""
    tasks = [Task(group, parent_of, (group == 0,), LATE) for group in range(2)]
    stopped, after = outcomes(*tasks, jobs=1)
    assert (stopped.status, after) == (OK, stopped)


@pytest.mark.parametrize("server", [False, True])
def test_a_process_that_is_ended_from_outside_is_nobodys_fault(tmp_path: Path, server: bool) -> None:
    """What ran in it is done again, also where all processes were ended."""
    found = outcomes(Task(0, die_once, (str(tmp_path / "marker"), server), LATE), Task(1, answer_late, (2,), LATE))
    assert found == [Outcome(OK, 5), Outcome(OK, 2)]


def test_what_ends_everybody_is_started_three_times_at_most(tmp_path: Path) -> None:
    """Beside what was started at the same time, once more, and not for each of the tasks that are left; others have their results."""
    counted = tmp_path / "counted"
    killers = [Task(0, end_everybody, (str(counted),), LATE) for _ in range(20)]
    first, *others, good = outcomes(*killers, Task(1, answer, (1,), LATE))
    assert (first.status, first.problem) == (ENDED_ALL, "ended all processes that run stages")
    assert {outcome.status for outcome in others} == {GIVEN_UP}
    assert good == Outcome(OK, 1)
    assert len(counted.read_text(encoding="utf-8")) <= 3


def test_what_ends_processes_whoever_it_is_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the canary does not live either, no task is to blame."""
    monkeypatch.setattr(driving, "canary", lambda seconds: Task(-1, be_killed, (signal.SIGKILL,), LATE))
    with pytest.raises(NoWorkers, match=r"signal SIGKILL"):
        outcomes(Task(0, be_killed, (signal.SIGKILL,), LATE))


def test_nothing_is_left_behind() -> None:
    """What a task starts ends with the run at the latest, and a process that it forks at once."""
    left, forked = outcomes(Task(0, leave_something_behind, (), LATE), Task(1, fork, (), LATE))
    assert forked == Outcome(OK, 1)
    with bounded("what a task has left behind"):
        while Path(f"/proc/{left.value}").exists():
            time.sleep(0.01)


def test_a_group_has_processes_of_its_own() -> None:
    """What a task leaves in its process reaches no task of another group, and those of a group need no new one."""
    first, again, other = (outcome.value for outcome in outcomes(*(Task(group, own_number, (), LATE) for group in (0, 0, 1)), jobs=1))
    assert first == again
    assert first != other


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """Neither by Python nor by the system call; there is nothing to read either. What Python prints comes with the outcome."""
    assert outcomes(Task(0, print_everywhere, (), LATE)) == [Outcome(OK, "", printed="NOISE\nNOISE\n")]
    assert capfd.readouterr() == ("", "")


def test_after_a_time_out_the_group_is_given_up() -> None:
    """What comes before it counts, what comes after it does not, whether it was done or not; other groups are not touched."""
    after = [Task(0, answer, (value,), LATE) for value in range(3)]
    found = outcomes(Task(0, answer_late, (7,), LATE), Task(0, hang, (), SOON), *after, Task(1, answer, (8,), LATE), jobs=3)
    assert found[0] == Outcome(OK, 7)
    assert found[1].status == TIMED_OUT
    assert found[2:5] == [Outcome(GIVEN_UP, problem="was given up before this was tried: it did not come back within 0.5 s")] * 3
    assert found[5] == Outcome(OK, 8)


def test_after_a_failed_gate_the_group_is_given_up() -> None:
    """However it failed."""
    failed = (Task(0, leave, (3,), LATE, gate=True), Task(0, answer, (1,), LATE))
    passed = (Task(1, answer, (2,), LATE, gate=True), Task(1, answer, (3,), LATE))
    found = outcomes(*failed, *passed)
    assert [outcome.status for outcome in found] == [DIED, GIVEN_UP, OK, OK]


def test_a_value_may_end_its_group() -> None:
    """What follows it in order is given up, though it was done before in time; what comes before it counts; other groups go on."""
    tasks = [
        Task(0, answer, (1,), LATE, ends=lambda value: value == 2),
        Task(0, answer_late, (2,), LATE, ends=lambda value: value == 2),
        Task(0, answer, (2,), LATE, ends=lambda value: value == 2),
        Task(1, answer, (3,), LATE),
    ]
    first, second, third, other = outcomes(*tasks, jobs=3)
    assert (first, second, other) == (Outcome(OK, 1), Outcome(OK, 2), Outcome(OK, 3))
    assert (third.status, third.problem) == (GIVEN_UP, "was not tried after that")


def test_an_interrupt_keeps_what_is_done(tmp_path: Path) -> None:
    """Results before it are there, the others are marked, and workers are gone."""
    counted = tmp_path / "counted"
    tasks = [Task(0, answer, (1,), LATE), Task(0, interrupt_parent, (os.getpid(), str(counted)), LATE), Task(0, answer, (2,), LATE)]
    batch = run(tasks, 1, lambda standing: counted.touch())
    assert batch.interrupted
    assert batch.outcomes[0] == Outcome(OK, 1)
    assert batch.outcomes[1].status == INTERRUPTED


def test_messages_come_before_the_outcome_and_half_ones_do_no_harm() -> None:
    """A worker that dies in the middle of a message has told what came before, and the others are heard."""
    heard: list[tuple[int, tuple[float, ...]]] = []
    tasks = [Task(number, tell_and_die, (signal.SIGKILL,), LATE) for number in range(2)]
    batch = run([*tasks, Task(2, answer, (1,), LATE)], 1, hear=lambda message: heard.append((message.number, message.values)))
    assert [outcome.status for outcome in batch.outcomes] == [DIED, DIED, OK]
    assert heard[0] == (0, (1, 2.5))


def test_nothing_to_do() -> None:
    """No tasks, no outcomes."""
    assert outcomes() == []


def test_workers_do_not_outlive_their_parent(tmp_path: Path) -> None:
    """When the harness is killed, a worker that hangs in a stage ends as well, and what that has started."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "from tests.jobs.test_process_pool import report_and_hang\n"
        "from harness.jobs.driving import run_tasks\n"
        "from harness.jobs.executor import Task\n"
        "if __name__ == '__main__':\n"
        "    run_tasks([Task(0, report_and_hang, (sys.argv[1],), 60.0)], 1)\n",
        encoding="utf-8",
    )
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    parent = os.posix_spawn(sys.executable, [sys.executable, str(script), str(pipe)], os.environ)
    with bounded("a worker whose parent is killed"), pipe.open("rb") as reader:
        assert reader.read(1) == b"!"
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)
        # The end of the file comes when the worker, which has the pipe open, has gone.
        assert reader.read() == b""


def report_and_hang(pipe: str) -> None:
    """Tell that the worker is there, and stay for ever."""
    with Path(pipe).open("wb", buffering=0) as writer:
        # It has the pipe open, too.
        subprocess.Popen(["sleep", str(LATE)], start_new_session=True, pass_fds=(writer.fileno(),))
        writer.write(b"!")
        while True:
            pass
