"""The campaign in short, and that each of its figures notices what it is about."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.bounds import SECONDS
from tests.campaign import environments, hostile_stages, running
from tests.campaign.figures import FILES, HANG, KINDS, PROCESSES, TRACEBACK, UNEXPECTED, WRONG, Figures, has_traceback
from tests.campaign.fuzzing import fuzz
from tests.campaign.kills import kills
from tests.campaign.resumed import resumed
from tests.campaign.running import BAD, CANNOT_TEST, GOOD, Case
from tests.campaign.signals import MADE, Command, listens, one_signal

# It refuses, and needs no worker.
REFUSED = ("check", "tasklet.py", "--check", "nonsense")


def test_inputs_are_refused_or_understood() -> None:
    """A hundred of them, in this process: no traceback, no hang, no verdict."""
    figures = Figures()
    fuzz(100, 4, figures)
    assert figures.clean, figures.text()
    assert figures.tried["inputs in this process"] == 100


def test_a_world_that_is_odd() -> None:
    """A good stage is good there, and nothing stays behind."""
    figures = Figures()
    (case,) = [case for case in environments.cases() if case.name == "LANG of nowhere, good stage"]
    running.run(case, figures)
    assert figures.clean, figures.text()


def test_hostile_stages_are_python() -> None:
    """There are more than a hundred, no two alike, and each is right to be called something."""
    cases = list(hostile_stages.cases())
    sources = {case.files[environments.STAGE] for case in cases}
    for source in sources:
        compile(source, "tasklet.py", "exec", dont_inherit=True)
    assert len(cases) == len(sources) > 100
    assert all(case.right and case.right <= {GOOD, BAD, CANNOT_TEST} for case in cases)


def test_every_figure_can_be_other_than_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something else is run in the place of `harness`, and does everything that it must not."""
    monkeypatch.setattr(running, "GRACE_SECONDS", 0.2)
    figures = Figures()
    misdeeds = "echo 'Traceback (most recent call last):' >&2; sleep 100 & touch left; exit 1; "
    running.run(Case("misdeeds", REFUSED, frozenset({GOOD}), before=misdeeds), figures)
    running.run(Case("words", REFUSED, frozenset({GOOD}), before="echo one >&2; echo two >&2; exit 7; "), figures)
    monkeypatch.setattr(running, "SECONDS", 0.1)
    running.run(Case("no end", REFUSED, frozenset({GOOD}), before="while :; do :; done; "), figures)
    counts = {kind: len(figures.seen[kind]) for kind in KINDS}
    assert counts[WRONG] == 2
    assert (counts[TRACEBACK], counts[FILES], counts[HANG], counts[UNEXPECTED], counts[PROCESSES]) == (1, 1, 1, 1, 1)
    assert not figures.clean


def test_whose_processes_are_found() -> None:
    """Those that have the mark in their environment, which is every process below `harness`."""
    environment = {**os.environ, running.MARK: "mine"}
    command = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        # While a program takes the place of another one, its environment cannot be read for a moment.
        assert process.stdout is not None
        assert process.stdout.read(1) == b"\n"
        assert running.processes_of("mine") == [process.pid]
        process.kill()
        process.wait(SECONDS)
        assert running.processes_of("mine") == []


def test_a_kill() -> None:
    """`harness` is told to end while it works: it says so, and leaves nothing."""
    figures = Figures()
    kills(1, 14, figures)
    assert figures.clean, figures.text()
    assert figures.tried == {"kills of harness": 1}


@pytest.mark.parametrize("moments", [(0.0,), (0.2, 0.201), (0.4, 0.43)])
def test_a_command_that_is_told_to_stop(moments: tuple[float, ...]) -> None:
    """Before it listens, while it starts, while it ends: whenever that is here, it leaves nothing, and says so at most once."""
    figures = Figures()
    one_signal("list", Command(("list",)), GOOD, [(moment, signal.SIGTERM) for moment in moments], figures)
    assert figures.clean, figures.text()


def test_what_a_command_must_not_do_when_it_is_told_to_stop_is_seen() -> None:
    """Another exit code than its verdict, and a file that is not whole."""
    figures = Figures()
    made = {name: lambda text: "SUITE" not in text for name in MADE}
    one_signal("new-suite", Command(("new-suite", "made"), made), 7, [], figures)
    assert (len(figures.seen[WRONG]), len(figures.seen[UNEXPECTED]), len(figures.seen[FILES])) == (1, 0, 1)


@pytest.mark.parametrize("how", ["SIG_IGN", "SIG_DFL", "print"])
def test_who_listens(how: str) -> None:
    """The kernel knows who has a handler."""
    code = f"import signal; signal.signal(signal.SIGTERM, {how if how == 'print' else f'signal.{how}'}); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"\n"
        assert listens(process.pid) == (how != "SIG_DFL")
        process.kill()


def test_a_run_that_is_killed_and_resumed() -> None:
    """Two go on at once where it was: their results have the bytes of an undisturbed run."""
    figures = Figures()
    resumed(1, 3, figures, runs=2)
    assert figures.clean, figures.text()
    assert figures.tried == {"runs killed and resumed": 1}


def test_what_a_traceback_is() -> None:
    """Python's, and the line that asks for a report."""
    assert has_traceback("harness: internal error, please report it: KeyError")
    assert not has_traceback("harness: unknown clause 'x'")
