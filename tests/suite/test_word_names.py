"""Values in words: the names are the stage's own, and what nobody has named stays a number."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import pytest

from harness.native.native_module import NativeModule
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.suite.word_names import WordNames, with_names
from harness.tasklets.words import WORDS
from stages import s5_drop_scaffolding
from stages.posted import s4_percpu_schedule

CPUS = {61: "CPU0", 64: "CPU1"}


def read(cell: str, module: ModuleType, *numbers: int, words: Sequence[WordNames] = WORDS) -> str:
    """What is shown of a row in which a cell had these values."""
    row = CounterexampleRow(0, "as it was", False, kind="rmw", what=cell, value=" → ".join(map(str, numbers)), numbers=numbers)
    (named,) = with_names(Counterexample((), (row,), "why"), words, module, CPUS.get).rows
    assert named.text == "as it was"
    return named.value


@pytest.mark.parametrize(
    ("cell", "module", "numbers", "shown"),
    [
        ("t.state", s5_drop_scaffolding, (2, 2 | 1 | 64 << 8), "RUN → RUN|SCHED,CPU1"),
        ("t.state", s5_drop_scaffolding, (0,), "0"),
        ("t.state", s5_drop_scaffolding, (2 | 64 << 8,), "RUN|0x4000"),
        ("t.state", s5_drop_scaffolding, (4 | 1 << 20,), "DEAD|0x100000"),
        ("t.state", s5_drop_scaffolding, (1 | 99 << 8,), "SCHED|0x6300"),
        ("t.state", s4_percpu_schedule, (1, 3), "SCHED → RUN|SCHED"),
        ("t.scheduled_on", s4_percpu_schedule, (-1, 61), "-1 → CPU0"),
        ("tasklet_work_to_do[0]", s4_percpu_schedule, (3,), "ENQUEUED|SCHEDULED"),
        ("softirqs of CPU1", s5_drop_scaffolding, (1 << s5_drop_scaffolding.TASKLET_SOFTIRQ,), "TASKLET"),
        ("state", s5_drop_scaffolding, (2,), "2"),
        ("t.state", ModuleType("empty"), (2,), "2"),
    ],
)
def test_values_in_words(cell: str, module: ModuleType, numbers: tuple[int, ...], shown: str) -> None:
    """Masks and numbers of bits, CPUs and what is left over; unknown cells and stages without the constants have numbers."""
    assert read(cell, module, *numbers) == shown


def test_softirqs_by_name() -> None:
    """A row that is nested in one says which, if the stage has a name for it."""
    row = CounterexampleRow(0, "load x", False, contexts=("softirq 4", "softirq 40", "t runs"))
    (named,) = with_names(Counterexample((), (row,), "why"), WORDS, s5_drop_scaffolding, CPUS.get).rows
    assert named.contexts == ("softirq TASKLET", "softirq 40", "t runs")


def test_a_constant_that_is_no_number_names_nothing() -> None:
    """A stage may call anything by such a name."""
    module = ModuleType("odd")
    module.RUN = "two"  # type: ignore[attr-defined]
    assert read("x", module, 2, words=[WordNames(".*", masks=("RUN",))]) == "2"


def test_constants_of_c() -> None:
    """Those of a stage in C are its enumerators and macros, not what a module of Python has; its series has a say before the suite."""
    module = NativeModule("in_c")
    module.RUN = 4  # type: ignore[attr-defined]
    module.constants = {"RUN": 2, "BUSY": 8, "AT": 8}
    suite = [WordNames(r".*\.state", masks=("RUN", "SCHED"))]
    assert read("t.state", module, 2, words=suite) == "RUN"
    assert read("t.state", module, 2 | 4, words=suite) == "RUN|0x4"
    module.words = (WordNames(r"t\.state", masks=("BUSY",), cpu_from="AT", cpu_if="BUSY"),)
    assert read("t.state", module, 2, 8 | 64 << 8, words=suite) == "0x2 → BUSY,CPU1"
    assert read("u.state", module, 2, words=suite) == "RUN"
