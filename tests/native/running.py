"""Little C functions on the emulated machine, for tests of what runs them: those of running.c, compiled once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from harness.explored.models import ENGINES, SC
from harness.machine.diagnosis import Violation
from harness.machine.engine import Engine
from harness.machine.machines import machine_on
from harness.machine.scheduler import Vcpu
from harness.native.c_source import CSource
from harness.native.glue import NativeCall, NativeGlue
from harness.native.loading import load_stage
from harness.native.native_module import NativeModule
from harness.search.search import Execute, Limits, SearchResult, search
from harness.search.strategies.optimal_dpor import OptimalDpor

FILE = Path(__file__).parent / "running.c"
TEXT = FILE.read_text(encoding="utf-8")
NAMES = re.findall(r"^(?:void|int) (\w+)\(struct thing \*t\)", TEXT, re.MULTILINE)
GLUE = NativeGlue("Functions", {"Thing": "thing"}, tuple(map(NativeCall, NAMES)))
NUMBERS = (61, 64, 62)


@lru_cache
def functions(intended: tuple[str, ...] = ()) -> NativeModule:
    """The functions as a stage."""
    return load_stage(CSource(FILE.name, FILE.read_bytes()), GLUE, "running", intended)


def executing(
    first: str, *then: str, at_first: str = "", at_last: str = "", intended: tuple[str, ...] = (), module: ModuleType | None = None
) -> Execute:
    """An execution in which CPU0 runs one function, CPU1 the next one, and so on, on one thing.

    Before, boot code runs `at_first`, and afterwards `at_last`. The functions are those of running.c, or of another module.
    """
    if module is None:
        module = functions(intended)
        module.begin()

    def execute(engine: Engine) -> None:
        names = (first, *then)
        machine = machine_on(engine, max(2, len(names)))
        machine.renumber(NUMBERS[: len(machine.cpus)])
        stage: Any = machine.install(module.Functions)
        thing = module.Thing(machine, "x")
        if at_first:
            getattr(stage, at_first)(thing)
        for cpu, name in enumerate(names):
            machine.start_vcpu(guest(machine, cpu, stage, name, thing))
        engine.run()
        if at_last and engine.failure is None:
            # What it finds wrong is the engine's failure as well.
            with suppress(Violation):
                getattr(stage, at_last)(thing)
        engine.close()

    return execute


def guest(machine: Any, cpu: int, stage: Any, name: str, thing: Any) -> Vcpu:
    """Runs one function and blocks."""

    def run(vcpu: Vcpu) -> None:
        getattr(stage, name)(thing)
        machine.vcpu_block(vcpu)

    return Vcpu(f"guest{cpu}", cpu, run)


def searched(names: Sequence[str], model: str = SC, most: int = 2000, **options: Any) -> SearchResult:
    """Search all executions."""
    return search(executing(*names, **options), OptimalDpor(ENGINES[model]), Limits(executions=most))


def message(result: SearchResult) -> str:
    """What has failed, if anything has."""
    return str(cast(Any, result.failure)) if result.failure is not None else ""


def line_of(text: str) -> int:
    """The line of running.c that has a text."""
    (found,) = [number for number, line in enumerate(TEXT.splitlines(), 1) if text in line]
    return found
