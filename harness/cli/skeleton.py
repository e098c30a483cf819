"""The smallest suite that works, as text: what `harness new-suite` writes. It is about a counter; its user makes something else of it."""

from __future__ import annotations

SUITE = '''"""What is demanded of a counter. A stage has a class `Counter`, made as `Counter(hv)`, with `add()` and `value()`."""

# Calls strung together in a lambda are how programs are written down.
# mypy: disable-error-code="func-returns-value"
from __future__ import annotations

from types import ModuleType
from typing import Any

from harness.suite import Bench, Engine, Suite, by_id, clause, no_races, programs_on

# What every clause is tested for; one kind, if there are no several sorts of the subject.
KINDS = ("counter",)


class CounterBench(Bench):
    """A machine with a counter on it, and how often it has been told to count."""

    def __init__(self, module: ModuleType, kind: str, engine: Engine, cpus: int, hotplug: bool) -> None:
        super().__init__(module, kind, engine, cpus, hotplug)
        self.counter: Any = self.install(module.Counter)
        self.bring_up(lambda: None)
        self.added = 0

    def add(self) -> None:
        """Count."""
        self.added += 1
        self.counter.add()

    def expect_all(self) -> None:
        """Afterwards, the counter has counted all of it."""
        self.afterwards(lambda: self.expect(self.counter.value() == self.added, f"not all of {self.added} are counted"))


program = programs_on(CounterBench, *KINDS)


@program()
def two_cpus(b: CounterBench) -> None:
    """Two CPUs count at the same time."""
    b.cpu(0, lambda: b.add())
    b.cpu(1, lambda: b.add())
    b.expect_all()


@program()
def cpu_and_interrupt(b: CounterBench) -> None:
    """A CPU counts, and so does an interrupt there, at any time."""
    b.cpu(0, lambda: b.add())
    b.interrupts(0, lambda: b.add())
    b.expect_all()


@program()
def seen(b: CounterBench) -> None:
    """Who knows that somebody has counted sees it."""
    done = b.flag("done")
    b.cpu(0, lambda: (b.add(), done.write(1)))
    b.cpu(1, lambda: (b.until(done), b.expect(b.counter.value() == 1, "what was counted before is not seen")))


CLAUSES = (
    clause("nothing-lost", "Whoever counts at the same time, all of it is counted.", (two_cpus, cpu_and_interrupt), KINDS),
    clause("visible", "What was counted before is seen.", (seen,), KINDS),
)


def lacks(module: ModuleType) -> str:
    """What of the API a module lacks; nothing if it is a stage."""
    return "" if hasattr(module, "Counter") else "no class Counter"


SUITE = Suite("counter", "a counter of all CPUs", KINDS, by_id(*CLAUSES, no_races(CLAUSES, KINDS)), lacks=lacks)
'''

BEFORE = '''"""A counter with a lock."""

from __future__ import annotations

from stages.hypervisor import Hypervisor, Word


class Counter:
    """How often somebody has counted."""

    def __init__(self, hv: Hypervisor) -> None:
        self.hv = hv
        self.lock = hv.spinlock("counter_lock")
        self.count = Word(hv, "count")

    def add(self) -> None:
        flags = self.hv.spin_lock_irqsave(self.lock)
        self.count.write(self.count.read() + 1)
        self.hv.spin_unlock_irqrestore(self.lock, flags)

    def value(self) -> int:
        return self.count.read()
'''

AFTER = '''"""A counter without a lock."""

from __future__ import annotations

from stages.hypervisor import Hypervisor, Word


class Counter:
    """How often somebody has counted."""

    def __init__(self, hv: Hypervisor) -> None:
        self.count = Word(hv, "count")

    def add(self) -> None:
        self.count.add(1)

    def value(self) -> int:
        return self.count.read()
'''

SERIES = """name = "counter"
# From here on.
suite = "../counter_suite.py"

[[stage]]
title = "baseline"
files = ["0.py"]

[[stage]]
title = "counter: count without the lock"
files = ["1.py"]
"""

TEST = '''"""The series keeps the suite: run with pytest."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_the_series_keeps_the_suite() -> None:
    """No patch breaks a clause under any memory model, and everything has a verdict."""
    command = [sys.executable, "-m", "harness", "run", "--series", str(HERE / "series"), "--no-perf", "--model", "all"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
'''

FILES = {
    "counter_suite.py": SUITE,
    "series/0.py": BEFORE,
    "series/1.py": AFTER,
    "series/series.toml": SERIES,
    "test_counter_series.py": TEST,
}

# What a series and a suite about a counter are called, and where in these files that is said of them, and not of the counter itself.
USUAL_NAME = "counter"
NAMED = (f'SUITE = Suite("{USUAL_NAME}"', f'name = "{USUAL_NAME}"', f"../{USUAL_NAME}_suite.py", f'title = "{USUAL_NAME}:')


def files_called(name: str) -> dict[str, str]:
    """The files by their paths, for a suite and a series of that name, which is made of letters, digits and underscores."""
    return {path.replace(USUAL_NAME, name): _called(text, name) for path, text in FILES.items()}


def _called(text: str, name: str) -> str:
    for said in NAMED:
        text = text.replace(said, said.replace(USUAL_NAME, name))
    return text
