"""Carries out everything that a command wants to know about stages, in one batch, so that no worker waits for another room's jobs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise

from harness.cli.exit_codes import UsageError
from harness.cli.progress_line import Counter
from harness.cli.selection import BudgetRequest, budget_of, core_of, every_clause, models_of
from harness.explored.models import ARM, ARM_2014, MODEL_WORDS, with_core
from harness.jobs.code_mark import NO_MARK
from harness.jobs.driving import Driven, drive
from harness.jobs.outcome_cache import OutcomeCache
from harness.jobs.remembering import KnownOutcomes
from harness.machine.core import MENDED
from harness.measure.measure_stages import Measurements, gather_measurements, measure_steps
from harness.sources.sourced_series import SourcedSeries
from harness.sources.target import Target
from harness.stopping import stopping
from harness.suite.suite import Suite
from harness.verify.checking import Budget
from harness.verify.conclusions import Clauses, Selection, count_of
from harness.verify.first_look import first_look, going_on, verdicts_of
from harness.verify.models_together import together
from harness.verify.run_stages import Verification, gather_by_model, sc_steps, tries_sc, verdicts_under_sc, verify_steps
from harness.verify.verdicts import StageResult
from stages.api import AcceptedChange


@dataclass(frozen=True)
class Plan:
    """What to find out about each stage: clauses with their kinds, and whether to probe and to measure."""

    clauses: tuple[tuple[str, tuple[str, ...]], ...] = ()
    budget: Budget = field(default_factory=Budget)
    # The memory models; none of them: that of the budget.
    models: tuple[str, ...] = ()
    seed: int = 0
    behaviour: bool = False
    performance: bool = False
    # Whether the first violation on a stage ends its tests, but for changes that are accepted wherever they are.
    stop_at_failure: bool = False
    accepted: tuple[AcceptedChange, ...] = ()
    # The core of the machine; with another one than the mended one, that one is tested as well, and verdicts are still of the mended one.
    core: str = MENDED.name


@dataclass
class Run:
    """The results of all stages; `problems` says, by position, why a stage could not be tested at all; `faults` are the harness's own.

    `unchanged`: patches that change no code of the stage before. `undone`: by position, how many tests an interrupted run lacks.
    """

    targets: list[Target]
    plan: Plan
    stages: list[StageResult]
    problems: dict[int, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    interrupted: bool = False
    # Whether a violation was the verdict before everything was searched as far as the budget goes.
    cut_short: bool = False
    unchanged: tuple[int, ...] = ()
    undone: dict[int, int] = field(default_factory=dict)

    @property
    def problems_by_stage(self) -> dict[int, str]:
        """Why stages could not be tested at all, by their numbers."""
        return {self.targets[position].index: problem for position, problem in self.problems.items()}


def carry_out(targets: Sequence[Target], plan: Plan, jobs: int, cache: KnownOutcomes | None = None) -> Run:
    """Carry out `plan` on every target, with progress on a terminal."""
    verification = _verification(plan)
    measurements = Measurements(plan.behaviour, plan.performance, plan.seed)
    steps = [*verify_steps(targets, verification), *measure_steps(targets, measurements)]
    # How much that will be, violations tell, of which nobody knows yet.
    progress = Counter("harness", without="without sc" if tries_sc(verification) else "")
    try:
        driven = drive(targets, steps, jobs, progress, cache=cache)
        # What goes wrong there is no verdict, and nothing more.
        more = [] if driven.interrupted or driven.faults else sc_steps(targets, verification, driven)
        again = drive(targets, more, jobs, partial(progress.of, "harness: what sc says"), cache=cache) if more else Driven()
    finally:
        progress.clear()
    verdicts = gather_by_model(targets, verification, driven)
    old = [models.pop(ARM_2014, {}) for models in verdicts]
    measured = gather_measurements(targets, driven)
    under_sc = verdicts_under_sc(targets, verification, driven, again)
    stages = [
        StageResult(
            target.index,
            target.title,
            target.module,
            together(models),
            found.behaviour,
            found.performance,
            models,
            under,
            core,
            target.commit,
        )
        for target, models, found, under, core in zip(targets, verdicts, measured, under_sc, old, strict=True)
    ]
    return Run(
        list(targets),
        plan,
        stages,
        driven.problems,
        driven.faults,
        driven.interrupted or again.interrupted,
        unchanged=_unchanged(targets, driven.code_marks),
        undone=driven.undone,
    )


def _unchanged(targets: Sequence[Target], marks: Mapping[int, str]) -> tuple[int, ...]:
    """The patches after which the code is what it was, comments and docstrings aside."""
    marked = [(target.index, marks.get(position, NO_MARK)) for position, target in enumerate(targets)]
    return tuple(new for (old, before), (new, now) in pairwise(marked) if new == old + 1 and now == before != NO_MARK)


def check_one(target: Target, plan: Plan, jobs: int, cache: KnownOutcomes | None = None) -> Run:
    """Test one target up to where its verdict is known; nothing is measured."""
    verification = _verification(plan)
    progress = Counter("harness")
    try:
        looked = first_look(target, verification, jobs, progress, cache)
        driven = looked.driven
        if looked.enough:
            models = verdicts_of(target, verification, looked)
        else:
            driven = drive([target], going_on(target, verification, looked), jobs, progress, cache=cache)
            (models,) = gather_by_model([target], verification, driven)
    finally:
        progress.clear()
    old = models.pop(ARM_2014, {})
    stage = StageResult(target.index, target.title, target.module, together(models), models=models, old_core=old)
    return Run([target], plan, [stage], driven.problems, driven.faults, driven.interrupted, cut_short=looked.enough)


def _verification(plan: Plan) -> Verification:
    return Verification(plan.clauses, plan.budget, tuple(_with_cores(plan)), plan.stop_at_failure, plan.accepted)


def _with_cores(plan: Plan) -> Iterator[str]:
    """The memory models, each also with the core that was asked for, where that makes a difference."""
    yield from plan.models
    yield from (other for model in plan.models if (other := with_core(model, plan.core)) != model)


def selection_of(series: SourcedSeries, suite: Suite, plan: Plan, targets: Sequence[Target]) -> Selection:
    """What of a series is tested with what of a suite, and what there would be."""
    chosen = tuple(target.index for target in targets)
    return Selection(
        series.name if suite.has_stages else suite.name,
        suite.name,
        plan.clauses,
        chosen,
        every_clause(suite),
        series.every_stage if suite.has_stages else chosen,
        plan.models,
        series.ends_early,
    )


def plan_without_core(clauses: Clauses, asked: BudgetRequest, suite: Suite, command: str) -> Plan:
    """Verdicts only, and with the mended core; raises `UsageError` if another one is asked for: `command` accuses patches."""
    if core_of(asked, suite) != MENDED.name:
        raise UsageError(f"what only a core of {asked.core} fails accuses no patch: {command} goes without --core")
    return Plan(clauses, budget_of(asked), models_of(asked, suite), asked.seed)


def effort(plan: Plan) -> str:
    """How much is run of each program, in words."""
    seeds = count_of(plan.budget.timed_seeds, "seed")
    return f"every interleaving up to {plan.budget.effort.executions} a program, {seeds} in virtual time{memory_model(plan)}"


def memory_model(plan: Plan) -> str:
    """The memory models and what they are, in words that follow others."""
    models = _verification(replace(plan, core=MENDED.name)).every_model
    said = ", ".join(f"{model} ({MODEL_WORDS[model]})" for model in models)
    old = f", and {ARM} with the core of {plan.core}" * (ARM in models and plan.core != MENDED.name)
    return f", memory model{'s' * (len(models) > 1)} {said}{old}"


def say_interrupted(done: Run, files: Sequence[str], cache: OutcomeCache | None, of: str = "") -> int:
    """Say on stderr that the run has ended early, what it lacks, `of` which version, and where its results are; return the exit code."""
    stages = ", ".join(f"{done.targets[position].label}: {number}" for position, number in sorted(done.undone.items()))
    lacking = f"{count_of(sum(done.undone.values()), 'job')} not done ({stages}){of}; " if stages else ""
    kept = ["the cache, from where the next run goes on"] if cache is not None and cache.works else []
    saved = " and ".join([*files, *kept])
    return stopping.tell(f"interrupted; {lacking}{f'what was done by then is in {saved}' if saved else 'nothing was saved'}")


def pass_on(target: Target, printed: str) -> None:
    """Show on stderr what a stage has printed, a line at a time, with its name before it."""
    for line in printed.splitlines():
        print(f"{target.label}: {line}", file=sys.stderr)
