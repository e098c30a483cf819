"""Signals at random moments: to a worker, to the process that forks workers, and to `harness` itself.

Whoever is hit, a good stage is not called bad, nor a bad one good; nothing stays behind, and a result file is whole or not there.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.campaign.environments import BAD_STAGE, GOOD_STAGE, STAGE
from tests.campaign.figures import Figures
from tests.campaign.running import BAD, GOOD, INTERRUPTED, REFUSED, Case, run

LATEST = 2.5
WORKER, SERVER, MAIN, EVERYBODY = "a worker", "the server", "harness", "harness and all"
# To `harness` itself, what it is to make of it.
TO_MAIN = {signal.SIGKILL: -signal.SIGKILL, signal.SIGTERM: INTERRUPTED, signal.SIGINT: INTERRUPTED, signal.SIGHUP: INTERRUPTED}
WORDS = ("--check", "fifo", "reuse", "kill-quiesces", "--kind", "softirq", "--seeds", "1", "--executions", "2000", "--jobs", "2")


def kills(count: int, seed: int, figures: Figures) -> None:
    """So many kills, each at a moment of its own."""
    rng = random.Random(f"kills {seed}")
    for number in range(count):
        whom = rng.choice((WORKER, WORKER, SERVER, MAIN, MAIN, EVERYBODY))
        what = rng.choice(list(TO_MAIN)) if whom == MAIN else signal.SIGKILL
        after, bad, writes = rng.uniform(0, LATEST), rng.random() < 0.5, rng.random() < 0.3
        words = ("run", "5", "--no-perf", "--json", "out.json", *WORDS[:-4], "--jobs", "2") if writes else ("check", STAGE, *WORDS)
        if "--kind" in words and writes:
            words = tuple(word for word in words if word not in ("--kind", "softirq"))
        case = Case(
            f"kill {number}: {whom} by {what.name} after {after:.2f} s, {words[0]}, {'bad' if bad else 'good'} stage",
            words,
            _right(whom, what, bad and not writes),
            files={STAGE: BAD_STAGE if bad else GOOD_STAGE},
            leaves=frozenset({"out.json"}),
        )
        run(case, figures, _killer(whom, what, after, rng.random()))
        figures.tried[f"kills of {whom}"] += 1


def _right(whom: str, what: signal.Signals, bad: bool) -> frozenset[int]:
    """What it ends with if it is hit, or with its verdict if it has ended before."""
    verdict = BAD if bad else GOOD
    if whom == MAIN:
        # Before it can take the signal, Python ends by it.
        return frozenset({verdict, TO_MAIN[what], -what})
    if whom == EVERYBODY:
        return frozenset({verdict, -signal.SIGKILL})
    return frozenset({verdict, REFUSED, 2})


def _killer(whom: str, what: signal.Signals, after: float, which: float) -> Callable[[subprocess.Popen[bytes]], None]:
    def kill(process: subprocess.Popen[bytes]) -> None:
        time.sleep(after)
        if process.poll() is not None:
            return
        chosen = _chosen(whom, process.pid)
        if whom == EVERYBODY:
            numbers = [process.pid, *chosen]
        elif whom == MAIN:
            numbers = [process.pid]
        else:
            numbers = [chosen[int(which * len(chosen))]] if chosen else []
        for number in numbers:
            try:
                os.kill(number, what)
            except ProcessLookupError:
                continue

    return kill


def _chosen(whom: str, main: int) -> list[int]:
    """The processes below `harness`: its children fork the workers, their children are those."""
    servers = _children(main)
    workers = [number for server in servers for number in _children(server)]
    return {SERVER: servers, WORKER: workers, EVERYBODY: [*servers, *workers]}.get(whom, [])


def _children(number: int) -> list[int]:
    found = []
    for tasks in Path(f"/proc/{number}/task").glob("*/children"):
        try:
            found += [int(word) for word in tasks.read_text().split()]
        except OSError:
            continue
    return found
