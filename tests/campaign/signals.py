"""Ctrl-C, SIGTERM and SIGHUP, once and twice, over the whole life of every command, and most often where it begins and ends.

From when it listens on, a command that is told to stop ends with 130 in one line, or with its verdict if that was known; nothing stays
behind, and a result file is whole or not there. Whether it listens, the kernel says: the machine may be as slow as it likes.
"""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from harness.cli.skeleton import files_called
from tests.campaign.environments import BAD_STAGE, GOOD_STAGE, STAGE
from tests.campaign.figures import FILES, PROCESSES, Figures
from tests.campaign.running import INTERRUPTED, Case, run

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# The last one that is listened to (`harness.stopping`): who has a handler for it has one for all.
LISTENING = signal.SIGTERM
HANDLED = re.compile(r"^Sig(?:Cgt|Ign):\s*([0-9a-f]+)$", re.MULTILINE)
QUICK = ("--check", "fifo", "reuse", "--seeds", "1", "--executions", "300", "--jobs", "2")
SUITE = "slow_suite.py"
# Much of its time is spent where an interrupt is lost.
SLOW_SUITE = """
import time
from harness.litmus.litmus_suite import SUITE
class Lost:
    def __del__(self): sum(range(3000))
until = time.monotonic() + 0.3
while time.monotonic() < until: Lost()
"""


@dataclass(frozen=True)
class Command:
    """What is run; `files`: which result files it may leave, with what says that such a file is whole."""

    words: tuple[str, ...]
    files: dict[str, Callable[[str], bool]] = field(default_factory=dict)
    stage: str = GOOD_STAGE


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _ends(end: str, text: str) -> bool:
    return text.rstrip().endswith(end)


def _is_there(text: str) -> bool:
    return True


MADE = ("made", "made/series", *(f"made/{name}" for name in files_called("made")))
COMMANDS = (
    Command(("--version",)),
    Command(("list",)),
    Command(("list", "--suite", f"./{SUITE}")),
    Command(("check", STAGE, "--kind", "softirq", *QUICK)),
    Command(("check", STAGE, "--kind", "softirq", *QUICK), stage=BAD_STAGE),
    Command(
        ("run", "4", "5", "--no-perf", *QUICK, "--json", "o.json", "--junit", "o.xml"), {"o.json": _is_json, "o.xml": partial(_ends, ">")}
    ),
    Command(("run", "5", "--no-perf", *QUICK, "--html", "o.html"), {"o.html": partial(_ends, "</html>")}),
    Command(("bisect", *QUICK)),
    Command(("explore", "fifo", "5", "--executions", "500")),
    Command(("perf", "5", "--runs", "2", "--jobs", "2", "--set", "length_us=300")),
    Command(("compare", "fixed", "fixed-c", "--check", "fifo", "--seeds", "1", "--executions", "100")),
    Command(("diff", "0", "5")),
    Command(("new-suite", "made"), dict.fromkeys(MADE, _is_there)),
)


@dataclass
class Sender:
    """Sends signals at moments from the start on, and knows what may come of that."""

    plan: list[tuple[float, signal.Signals]]
    # Those that came too early for `harness` to hear them.
    early: set[signal.Signals] = field(default_factory=set)

    def __call__(self, process: subprocess.Popen[bytes]) -> None:
        started = time.monotonic()
        for after, number in self.plan:
            time.sleep(max(started + after - time.monotonic(), 0))
            # (Nobody waits for it meanwhile: the number is still its.)
            if process.poll() is None:
                if not listens(process.pid):
                    self.early.add(number)
                process.send_signal(number)


def listens(process: int) -> bool:
    """Whether a process has a handler for the signals, or ignores them."""
    try:
        said = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return True
    return any(int(mask, 16) >> (LISTENING - 1) & 1 for mask in HANDLED.findall(said))


def signals(count: int, seed: int, figures: Figures) -> None:
    """So many runs with one or two signals each."""
    rng = random.Random(f"signals {seed}")
    alone = [(command, *_undisturbed(command, figures)) for command in COMMANDS]
    for number in range(count):
        command, verdict, lasted = rng.choice(alone)
        one_signal(f"signals {number}", command, verdict, _plan(rng, lasted), figures)


def one_signal(name: str, command: Command, verdict: int, plan: list[tuple[float, signal.Signals]], figures: Figures) -> None:
    """Run a command that gets these signals, each so many seconds after its start."""
    sender = Sender(plan)
    told = ", ".join(f"{number.name} after {after:.4f} s" for after, number in plan)
    found = Figures()
    run(_case(f"{name}: {' '.join(command.words[:2])}, {told}", command, frozenset({verdict, INTERRUPTED})), found, sender)
    for kind, cases in found.seen.items():
        # What has not begun to listen ends as Python and the kernel have it; but nothing may stay.
        if not sender.early or kind in (FILES, PROCESSES):
            figures.seen[kind] += cases
    figures.tried["signals too early" if sender.early else "signals"] += 1


def _case(name: str, command: Command, right: frozenset[int]) -> Case:
    files = {STAGE: command.stage, SUITE: SLOW_SUITE}
    return Case(name, command.words, right, files=files, leaves=frozenset(command.files), whole=command.files)


def _undisturbed(command: Command, figures: Figures) -> tuple[int, float]:
    """Its exit code, and how long it takes."""
    ended: list[int] = []

    def wait(process: subprocess.Popen[bytes]) -> None:
        ended.append(process.wait())

    started = time.monotonic()
    run(_case(f"undisturbed: {' '.join(command.words[:2])}", command, frozenset({0, 1, 3})), figures, wait)
    return ended[0], time.monotonic() - started


def _plan(rng: random.Random, lasted: float) -> list[tuple[float, signal.Signals]]:
    after = rng.choice((rng.uniform(0, 1.1 * lasted), rng.uniform(0, 0.3), rng.uniform(lasted - 0.15, lasted + 0.05)))
    plan = [(after, rng.choice(SIGNALS))]
    if rng.random() < 0.5:
        plan.append((after + rng.uniform(0, rng.choice((0.002, 0.03, 0.2))), rng.choice(SIGNALS)))
    return plan
