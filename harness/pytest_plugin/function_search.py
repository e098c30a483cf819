"""Searches the executions of a test function, or executes one of them again. It runs in a process that was forked for that."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType

from harness.explored.models import EVERY_ENGINE
from harness.jobs.stage_loading import NotAStage
from harness.jobs.watchdog import OutOfMemory, on_duty
from harness.machine.diagnosis import HANG, RACE
from harness.pytest_plugin.determinism import NOT_THE_SAME, USES_RANDOM, seeds_itself, unsteady
from harness.pytest_plugin.function_machine import KIND, FunctionMachine, Noted, program_of
from harness.pytest_plugin.mended_function import hint_of
from harness.report.counterexample_text import counterexample_text
from harness.report.looks import Looks
from harness.search.counterexample import Heading, counterexample
from harness.search.replay_string import EXPLORED, Replay
from harness.search.search import Execute, untried_read_of
from harness.search.untried_reads import described_untried
from harness.suite.program import Program
from harness.verify.conclusions import count_of, what
from harness.verify.deepening import Effort, Exploration, explore
from harness.verify.no_races import executing, only_races
from harness.verify.verdicts import NOT_DETERMINISTIC, Failure
from harness.verify.verify_in_worker import executed

# What becomes of the test.
HOLDS, FAILS, OPEN, UNSOUND, ESCAPES = "holds", "fails", "undecided", "unsound", "escapes"


@dataclass(frozen=True)
class Wanted:
    """The arguments of the marker. `executions`: of each search; `exhaustive`: whether less than every execution is no pass."""

    model: str
    cpus: int = 2
    executions: int = Effort.executions
    preemptions: int = Effort.preemptions
    steps: int = Effort.steps
    exhaustive: bool = True
    races: bool = True
    seed: int = 0

    @property
    def effort(self) -> Effort:
        """The same for a search."""
        return Effort(executions=self.executions, preemptions=self.preemptions, steps=self.steps, model=self.model)


@dataclass(frozen=True)
class FunctionResult:
    """What the executions of a function have shown. `reached`: how many there were, and whether that were all.

    `failure` has the execution that `execution` shows; `raised` is what was raised in it, as pytest shows exceptions. `remark`: what is to
    be told although the test passes. `escaped`: the name of what has ended the test without a verdict.
    """

    outcome: str
    reason: str = ""
    reached: str = ""
    failure: Failure | None = None
    execution: str = ""
    raised: str = ""
    remark: str = ""
    escaped: str = ""


# Shows an exception as pytest does.
Show = Callable[[BaseException], str]


class FunctionSearch:
    """A test function, to be searched in this process; `module` has it, and must not change."""

    def __init__(self, name: str, function: Callable[[FunctionMachine], object], module: ModuleType, wanted: Wanted, show: Show) -> None:
        self.noted = Noted()
        self.module = module
        self.wanted = wanted
        self.show = show
        self.program: Program = program_of(name, function, wanted.cpus, self.noted)

    def searched(self, looks: Looks) -> FunctionResult:
        """Execute every interleaving, up to the first that fails."""
        return self._guarded(lambda: self._searched(looks))

    def replayed(self, replay: Replay, looks: Looks) -> FunctionResult:
        """Execute one execution again."""
        return self._guarded(lambda: self._replayed(replay, looks))

    def _guarded(self, work: Callable[[], FunctionResult]) -> FunctionResult:
        try:
            with on_duty():
                result = work()
        except (NotAStage, OutOfMemory) as error:
            return FunctionResult(UNSOUND, f"the test {str(error).removesuffix(f' ({KIND})')}")
        if (escaped := self.noted.escaped) is not None:
            return FunctionResult(ESCAPES, str(escaped), escaped=type(escaped).__name__)
        return result

    def _searched(self, looks: Looks) -> FunctionResult:
        execute = executing(self.program, self.module, KIND)
        natural = executed(execute, {}, self.wanted.steps, self.wanted.effort.engine).failure
        if natural is not None and natural.kind == HANG:
            # Each further execution would take as long.
            return FunctionResult(FAILS, str(natural), "the first execution")
        if problem := unsteady(execute, self.wanted.steps, self.wanted.effort.engine):
            return FunctionResult(UNSOUND, problem)
        rng = random.Random(f"{self.wanted.seed} {self.program.name}")
        numbers = random.getstate()
        found = explore(self.program, self.module, KIND, self.wanted.effort, rng)
        if found.verdict == NOT_DETERMINISTIC:
            return FunctionResult(UNSOUND, f"{NOT_THE_SAME}: {found.reached}")
        if random.getstate() != numbers and not seeds_itself(execute, self.wanted.steps, self.wanted.effort.engine):
            return FunctionResult(UNSOUND, f"{NOT_THE_SAME}: {USES_RANDOM}")
        reached = _reached(found, self.wanted.model)
        race = found.race if self.wanted.races else None
        if found.failure is not None and found.failure.kind == HANG:
            return FunctionResult(FAILS, what(found.failure), reached, found.failure)
        if found.failure is not None:
            return self._failing(found.failure, execute, reached, looks)
        if race is not None:
            return self._failing(race, only_races(execute), reached, looks)
        return self._without_failure(found, reached)

    def _without_failure(self, found: Exploration, reached: str) -> FunctionResult:
        if found.exhausted:
            return FunctionResult(HOLDS, reached=reached)
        if not self.wanted.exhaustive:
            remark = f"{reached}, as exhaustive=False allows{f': {found.untried}' * bool(found.untried)}"
            return FunctionResult(HOLDS, reached=reached, remark=remark)
        more = "not every interleaving was executed; allow more with executions=, or this with exhaustive=False"
        return FunctionResult(OPEN, f"undecided: {found.untried or more}", reached)

    def _failing(self, failure: Failure, execute: Execute, reached: str, looks: Looks) -> FunctionResult:
        engine = executed(execute, dict(failure.deviations), failure.steps, EVERY_ENGINE[failure.model])
        shown = counterexample(execute, engine.schedule, failure.steps, type(engine))
        raised = "" if self.noted.raised is None else self.show(self.noted.raised)
        how = Heading("", "", "", "", "", "", f"memory model {failure.model}")
        found = replace(shown, heading=how, hint=self._hint(failure))
        text = counterexample_text(found, looks) if shown.rows else ""
        return FunctionResult(FAILS, what(failure), reached, failure, text, raised)

    def _hint(self, failure: Failure) -> str:
        """Which barrier would forbid it; what is raised meanwhile says nothing about the test."""

        def execute() -> Execute:
            execute = executing(self.program, self.module, KIND)
            return only_races(execute) if failure.kind == RACE else execute

        escaped = self.noted.escaped
        hint = hint_of(failure, self.module, execute)
        self.noted.escaped = escaped
        return hint

    def _replayed(self, replay: Replay, looks: Looks) -> FunctionResult:
        execute = executing(self.program, self.module, KIND)
        engine = executed(execute, replay.deviations, replay.max_steps, EVERY_ENGINE[replay.model])
        if engine.failure is None and self.wanted.races:
            execute = only_races(execute)
            engine = executed(execute, replay.deviations, replay.max_steps, EVERY_ENGINE[replay.model])
        violation = engine.failure
        if violation is None:
            untried = described_untried(execute, untried_read_of(engine), replay.max_steps, type(engine))
            remark = f"the execution that was executed again violates nothing{f'; {untried}' * bool(untried)}"
            return FunctionResult(HOLDS, remark=remark)
        how = (EXPLORED, 0, tuple(replay.deviations.items()), replay.max_steps)
        failure = Failure(violation.kind, violation.message, self.program.name, *how, model=replay.model)
        if violation.kind == HANG:
            return FunctionResult(FAILS, what(failure), failure=failure)
        return self._failing(failure, execute, f"memory model {replay.model}", looks)


def _reached(found: Exploration, model: str) -> str:
    """How much was executed, in words."""
    within = f" within {count_of(found.within, 'preemption')}" if found.within is not None else ""
    every = "every one" if found.exhausted else f"every one{within}" if within else "not every one"
    how = "up to the first that fails" if found.failure is not None else every
    return f"{count_of(found.executions, 'execution')}, {how}, memory model {model}"
