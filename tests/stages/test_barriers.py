"""Each barrier of the fixed series is needed: without it, the program that its comment names fails under the ARM-like model."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from harness.explored.models import ARM, ENGINES
from harness.search.search import EXHAUSTED, FAILED, Limits, SearchResult, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.tasklets.contract import CHECKED
from harness.verify.no_races import executing
from stages import FIXED

PROGRAMS = {program.name: program for each in CHECKED for program in each.programs}
BARRIER = re.compile(r"\((?P<program>[a-z-]+)\)\.\n +(?P<call>hv\.smp_\w+\(\))\n")
MOST = Limits(executions=3_000)


def barriers() -> list[tuple[int, int, str]]:
    """Each barrier of each stage: the stage, where it stands in the text, and the program that its comment names."""
    texts = {stage.index: stage.path.read_text(encoding="utf-8") for stage in FIXED.stages}
    return [(index, found.start("call"), found["program"]) for index, text in texts.items() for found in BARRIER.finditer(text)]


def module_from(path: Path) -> ModuleType:
    """Import a file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def searched(path: Path, program: str) -> SearchResult:
    """Search a program on a stage for the first kind that fails, or else for all of its kinds; the last result."""
    module = module_from(path)
    for kind in PROGRAMS[program].kinds:
        result = search(executing(PROGRAMS[program], module, kind), OptimalDpor(ENGINES[ARM]), MOST)
        if result.verdict != EXHAUSTED:
            break
    return result


def test_every_barrier_says_who_needs_it() -> None:
    """No call of one is without a comment that names a program."""
    texts = [stage.path.read_text(encoding="utf-8") for stage in FIXED.stages]
    calls = sum(len(re.findall(r"hv\.smp_(?!processor_id)", text)) for text in texts)
    assert len(barriers()) == calls > 0
    assert {program for _, _, program in barriers()} <= PROGRAMS.keys()


@pytest.mark.parametrize(("stage", "at", "program"), barriers(), ids=lambda each: str(each))
def test_without_it_that_program_fails(stage: int, at: int, program: str, tmp_path: Path) -> None:
    """And with it, it does not."""
    path = FIXED.stages[stage].path
    text = path.read_text(encoding="utf-8")
    without = tmp_path / "without.py"
    without.write_text(text[:at] + "pass\n" + text[text.index("\n", at) + 1 :], encoding="utf-8")
    assert (searched(path, program).verdict, searched(without, program).verdict) == (EXHAUSTED, FAILED)
