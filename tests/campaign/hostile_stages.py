"""Stages that do what they should not: a good one with a hostile piece of code in one of several places, and which verdicts are right.

A stage that no longer does its work is bad or cannot be tested, and never good. One that still does it is never bad; it may be one that
cannot be tested, where it meddles with what is not its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.campaign.environments import GOOD_STAGE, STAGE, WORDS
from tests.campaign.running import BAD, CANNOT_TEST, GOOD, Case

FUTURE = "from __future__ import annotations\n"
BROKEN = frozenset({BAD, CANNOT_TEST})
HARMLESS = frozenset({GOOD})
MEDDLES = frozenset({GOOD, CANNOT_TEST})
UNTESTABLE = frozenset({CANNOT_TEST})


@dataclass(frozen=True)
class Hostile:
    """Code, and the verdicts that are right where it runs while the module is imported, and where it runs in a function."""

    code: str
    imported: frozenset[int] = UNTESTABLE
    called: frozenset[int] = BROKEN


EDITS = {
    # Ends.
    "os._exit(0)": Hostile("import os; os._exit(0)", called=UNTESTABLE),
    "os._exit(1)": Hostile("import os; os._exit(1)", called=UNTESTABLE),
    "posix._exit(0)": Hostile("import posix; posix._exit(0)", called=UNTESTABLE),
    "execv": Hostile("import os; os.execv('/bin/true', ['true'])", called=UNTESTABLE),
    "execv of a sleeper": Hostile("import os; os.execv('/bin/sleep', ['sleep', '1000'])", called=UNTESTABLE),
    "abort": Hostile("import os; os.abort()", called=UNTESTABLE),
    "SIGKILL": Hostile("import os; os.kill(os.getpid(), 9)", called=UNTESTABLE),
    # Somebody else may have stopped it, so it is told to go on: once does no harm.
    "SIGSTOP": Hostile("import os; os.kill(os.getpid(), 19)", MEDDLES, UNTESTABLE),
    "SIGTERM": Hostile("import os; os.kill(os.getpid(), 15)"),
    "SIGSEGV": Hostile("import os; os.kill(os.getpid(), 11)"),
    "SIGINT": Hostile("import os; os.kill(os.getpid(), 2)", MEDDLES, MEDDLES),
    # Raises.
    "SystemExit(0)": Hostile("raise SystemExit(0)"),
    "KeyboardInterrupt": Hostile("raise KeyboardInterrupt"),
    "GeneratorExit": Hostile("raise GeneratorExit"),
    "StopIteration": Hostile("raise StopIteration"),
    "MemoryError": Hostile("raise MemoryError"),
    "an exception without words": Hostile("class E(BaseException):\n def __str__(self): raise self\nraise E"),
    "an exception of many words": Hostile("raise ValueError('x\\n' * 1000000)"),
    "an exception that is no text": Hostile("raise ValueError('\\udcff\\x00')"),
    "a class that breaks": Hostile(
        "class M(type):\n def __getattribute__(c, n): raise BaseException(n)\n"
        "class E(BaseException, metaclass=M): pass\n"
        "raise E"
    ),
    "recursion": Hostile("def f(): f()\nf()"),
    "all memory": Hostile("[0] * (1 << 40)"),
    "memory bit by bit": Hostile("x = []\nwhile True: x.append(bytearray(1 << 24))"),
    # Does not come back.
    "a loop": Hostile("while True: pass"),
    "a loop that catches all": Hostile("while True:\n try:\n  while True: pass\n except BaseException: pass"),
    "a loop without timers": Hostile(
        "import signal\nfor n in (0, 1, 2): signal.setitimer(n, 0)\n"
        "for n in (14, 26, 27): signal.signal(n, signal.SIG_IGN)\n"
        "while True: pass"
    ),
    "a loop in C": Hostile("sum(iter(int, 1))"),
    "a sleep": Hostile("import time; time.sleep(1000)"),
    "a thread that is waited for": Hostile("import threading\nt = threading.Thread(target=threading.Event().wait)\nt.start(); t.join()"),
    "a read from a terminal": Hostile("import os\nr, w = os.pipe()\nos.read(r, 1)"),
    # Leaves something behind.
    "a child that sleeps": Hostile("import os, time\nif not os.fork(): time.sleep(1000); os._exit(0)", MEDDLES, MEDDLES),
    "a daemon": Hostile(
        "import os, time\nif not os.fork():\n os.setsid()\n if not os.fork(): time.sleep(1000)\n os._exit(0)", MEDDLES, MEDDLES
    ),
    "a process": Hostile("import subprocess; subprocess.Popen(['sleep', '1000'])", MEDDLES, MEDDLES),
    "a thread": Hostile("import threading; threading.Thread(target=threading.Event().wait).start()", MEDDLES, MEDDLES),
    # Meddles.
    "closes all files": Hostile("import os; os.closerange(0, 256)", frozenset({GOOD, CANNOT_TEST}), MEDDLES),
    "writes into all files": Hostile(
        "import os\nfor d in range(64):\n try:\n  os.set_blocking(d, False); os.write(d, b'[0, 1]\\n' * 9)\n except OSError: pass",
        MEDDLES, MEDDLES,
    ),
    "prints a lot": Hostile("import sys; print('x' * 10000000); print('x' * 10000000, file=sys.stderr)", HARMLESS, HARMLESS),
    "no stdout": Hostile("import sys; sys.stdout = sys.stderr = None", MEDDLES, MEDDLES),
    "another exit": Hostile("import os, sys; os._exit = sys.exit = lambda *a: None", MEDDLES, MEDDLES),
    "no alarms": Hostile("import signal\nfor n in (0, 1, 2): signal.setitimer(n, 0)", MEDDLES, MEDDLES),
    "ignores signals": Hostile("import signal\nfor n in (2, 14, 15, 26, 27): signal.signal(n, signal.SIG_IGN)", MEDDLES, MEDDLES),
    "a tracer": Hostile("import sys; sys.settrace(lambda *a: None)", MEDDLES, MEDDLES),
    "no collector": Hostile("import gc; gc.disable()", MEDDLES, MEDDLES),
    "another directory": Hostile("import os; os.chdir('/')", MEDDLES, MEDDLES),
    "no environment": Hostile("import os; os.environ.clear()", MEDDLES, MEDDLES),
    "no modules": Hostile("import sys; sys.modules.clear()", BROKEN | MEDDLES, BROKEN | MEDDLES),
    "hardly any recursion": Hostile("import sys; sys.setrecursionlimit(60)", BROKEN | MEDDLES, BROKEN | MEDDLES),
    "another len": Hostile("import builtins; builtins.len = lambda x: 0", UNTESTABLE, UNTESTABLE),
    "another cmpxchg": Hostile("from stages.hypervisor import Word; Word.cmpxchg = lambda self, old, new: old", UNTESTABLE, UNTESTABLE),
    "another judge": Hostile(
        "import harness.search.search as s; s.judge = lambda result: s.PASSED", UNTESTABLE, UNTESTABLE
    ),
    "another random": Hostile("import random; random.Random.random = lambda self: 0.5", UNTESTABLE, UNTESTABLE),
    "no failure": Hostile(
        "from harness.explored.explored_engine import ExploredEngine as E; E.fail = lambda self, violation: None", UNTESTABLE, UNTESTABLE
    ),
    "ends whoever started it": Hostile("import os; os.kill(os.getppid(), 15)", MEDDLES | {CANNOT_TEST}, MEDDLES | {CANNOT_TEST}),
    "at the end": Hostile("import atexit, time; atexit.register(time.sleep, 1000)", MEDDLES, MEDDLES),
    "a process group of its own": Hostile("import os, time\nif not os.fork(): os.setpgid(0, 0); time.sleep(1000)", MEDDLES, MEDDLES),
}  # fmt: skip

# By name: in which method, and what that takes.
PLACES = {"in schedule": ("tasklet_schedule", "self, t"), "at boot": ("tasklet_subsys_init", "self")}
IMPORTED = "while imported"


def hostile_source(edit: Hostile, place: str) -> str:
    """The stage with the edit."""
    if place == IMPORTED:
        return GOOD_STAGE.replace(FUTURE, f"{FUTURE}\n{edit.code}\n", 1)
    method, takes = PLACES[place]
    usual = f"TaskletSubsystem.{method}"
    return f"{GOOD_STAGE}\n_usual = {usual}\ndef _hostile({takes}):\n{indented(edit.code)}\n _usual({takes})\n{usual} = _hostile\n"


def indented(code: str) -> str:
    """The code as the body of a function."""
    return "\n".join(f" {line}" for line in code.splitlines())


def cases() -> Iterator[Case]:
    """Every edit in every place."""
    for name, edit in EDITS.items():
        for place in (IMPORTED, *PLACES):
            right = edit.imported if place == IMPORTED else edit.called
            yield Case(f"{name}, {place}", WORDS, right, files={STAGE: hostile_source(edit, place)})
