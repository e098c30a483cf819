"""The work queue of the documentation in Python and in C: one suite, the same verdict on each program, and the same patch to blame."""

from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import pytest

from harness.cli import main
from harness.explored.models import ENGINES, SC, TSO
from harness.jobs.job import Job
from harness.jobs.stage_loading import NotAStage, load
from harness.report.counterexample_text import counterexample_text
from harness.search.search import FAILED, Limits, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.sources.directory import directory_series
from harness.sources.single_file import target_of_file
from harness.suite.clause import Clause
from harness.suite.program import Program
from harness.suite.registry import suite_named
from harness.verify.no_races import executing
from harness.verify.verify_in_worker import Request, search_program
from tests.native.in_c import needs_cc

EXAMPLE = Path(main.__code__.co_filename).parents[2] / "docs" / "examples" / "workqueue"
SUITE = EXAMPLE / "workqueue_suite.py"
PYTHON, IN_C = EXAMPLE / "series", EXAMPLE / "series-c"
# More executions than any of these programs has under sc; under tso some have more.
LIMIT = {SC: 300, TSO: 20}

pytestmark = needs_cc


@lru_cache
def stage(directory: Path, index: int) -> ModuleType:
    """A stage of a series, loaded."""
    return load(directory_series(str(directory)).targets[index])


def verdict(module: ModuleType, clause: Clause, program: Program, kind: str, model: str) -> str:
    """What a search of a program finds: how far it came, or what is wrong."""
    found = search(executing(program, module, kind, clause.id), OptimalDpor(ENGINES[model]), Limits(executions=LIMIT[model]))
    return found.failure.kind if found.failure is not None else found.verdict


@pytest.mark.parametrize("model", [SC, TSO])
@pytest.mark.parametrize("index", range(4))
def test_each_program_has_the_same_verdict(index: int, model: str) -> None:
    """Of each clause and kind; under sc, all have been executed to the end, up to a failure."""
    python, in_c = stage(PYTHON, index), stage(IN_C, index)
    found = []
    for clause in suite_named(str(SUITE)).clauses.values():
        for program in clause.programs:
            for kind in program.kinds:
                found.append([verdict(module, clause, program, kind, model) for module in (python, in_c)])
                assert found[-1][0] == found[-1][1], (clause.id, program.name, kind)
    if model == SC:
        # That patch 2 is to blame is what a run says of these.
        wrong = {"assertion", "data race"} if index == 2 else set()
        assert {first for first, _ in found} == {"exhausted"} | wrong


def test_a_counterexample_is_in_the_words_of_stage_and_suite() -> None:
    """Lines of C, names of bits, softirqs and CPUs, and which work runs."""
    target = directory_series(str(IN_C)).targets[2]
    found = search_program(Job(target, "cancel", "work", budget=Request("cancel", "work", "cancelled")))
    assert found.counterexample is not None
    shown = counterexample_text(found.counterexample)
    for text in (
        "rmw w.state: 0 → PENDING ",
        "softirqs of CPU1: 0 → WORK ",
        "w.on: -1 → CPU1 ",
        "softirq WORK:\n",
        " w runs:\n",
        "CPU0, in w2.c\n",
    ):
        assert text in shown
    line = (IN_C / "w2.c").read_text(encoding="utf-8").splitlines().index("    if ( test_and_set_bit(WORK_PENDING, &work->state) )") + 1
    assert f" {line} queue_work_on\n" in shown


def test_a_series_has_names_of_its_own(tmp_path: Path) -> None:
    """What it says of a word comes before what the suite says; its macros have the values."""
    shutil.copytree(EXAMPLE, tmp_path / "workqueue")
    series = tmp_path / "workqueue" / "series-c"
    header, toml = series / "workqueue.h", series / "series.toml"
    text = header.read_text(encoding="utf-8").replace(
        "#define WORK_PENDING 0\n", "#define WORK_PENDING 0\n#define WK_BUSY (1ul << WORK_PENDING)\n"
    )
    header.write_text(text, encoding="utf-8")
    word = '\n[[word]]\nname = "*.state"\nmasks = ["WK_BUSY", "WK_GONE"]\nprefix = "WK_"\n'
    toml.write_text(toml.read_text(encoding="utf-8") + word, encoding="utf-8")
    target = directory_series(str(series)).targets[2]
    found = search_program(Job(target, "cancel", "work", budget=Request("cancel", "work", "cancelled")))
    assert found.counterexample is not None
    assert [row.value for row in found.counterexample.rows if row.what == "w.state"][:2] == ["0 → BUSY", "BUSY"]


def test_a_break_of_one_stage_is_caught(tmp_path: Path) -> None:
    """Without the line that has a work run again where it runs, it runs on two CPUs at once; the suite says so of C as of Python."""
    shutil.copytree(IN_C, tmp_path / "broken")
    file = tmp_path / "broken" / "w1.c"
    text = file.read_text(encoding="utf-8")
    assert text.count("running == NOWHERE ||") == 1
    file.write_text(text.replace("running == NOWHERE ||", "running >= NOWHERE ||"), encoding="utf-8")
    suite = suite_named(str(SUITE))
    module = load(target_of_file(str(file), suite.found_as))
    clause = suite.clauses["once"]
    found = search(
        executing(clause.program_named("queued-by-two"), module, "work", clause.id), OptimalDpor(ENGINES[SC]), Limits(executions=300)
    )
    assert found.verdict == FAILED
    assert found.failure is not None
    assert "w runs on two CPUs at once" in found.failure.message


def test_what_a_stage_in_c_lacks_is_said(tmp_path: Path) -> None:
    """A function that the suite wants and the stage has not is no verdict; nor is a suite without C."""
    (tmp_path / "w.c").write_text('#include "workqueue.h"\nstruct work w;\nvoid workqueue_init(void) { }\n', encoding="utf-8")
    shutil.copy(IN_C / "workqueue.h", tmp_path)
    for suite, lacks in (
        (SUITE, "lacks the API of a stage: no function init_work"),
        (
            EXAMPLE.parent / "mpsc_queue" / "mpsc_suite.py",
            "is in C, and suite mpsc_suite.py does not say how such a stage provides its API",
        ),
    ):
        with pytest.raises(NotAStage, match=f"^{lacks}$"):
            load(target_of_file(str(tmp_path / "w.c"), suite_named(str(suite)).found_as))
