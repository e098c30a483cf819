"""Every violation of a run with the execution that shows it: what the cells of the matrix and the lines of patches lead to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.report.html.anchors import Anchors
from harness.report.html.execution_on_page import ExecutionOnPage, shown_execution
from harness.report.html.judged_cases import JudgedCase, judged_cases
from harness.report.html.program_source import ProgramSource, program_source
from harness.report.html.verdict_words import word_of
from harness.report.replay_command import replay_command
from harness.report.review import Reviewed
from harness.search.counterexample import Counterexample
from harness.sources.target import Target
from harness.verify.conclusions import what
from harness.verify.simplicity import simplicity
from harness.verify.verdicts import Failure

# A stage, a memory model, a clause and a kind.
Place = tuple[int, str, str, str]


@dataclass(frozen=True)
class FailureOnPage:
    """A violation. `word`: as the matrix says it; `said`: what was violated; `command`: what shows it on a terminal, if anything does.

    `new`: whether the stage before kept the clause, or nobody knows; `certain`: whether it is known that the patch of this stage has
    broken it. `found` and `execution`: the execution, if there is one to show; `program`: what was executed, where its source can be had.
    """

    anchor: str
    stage: int
    clause: str
    kind: str
    sentence: str
    models: tuple[str, ...]
    word: str
    said: str
    whose: str
    new: bool
    certain: bool
    command: str
    found: Counterexample | None
    execution: ExecutionOnPage | None
    program: ProgramSource | None


# A violation that several memory models share is on the page once.
Failures = Mapping[Place, FailureOnPage]


def failures_on_page(reviewed: Reviewed, targets: Mapping[int, Target], anchors: Anchors) -> Failures:
    """By where they are in the matrix, in the order of the stages; of a clause the simplest first. `targets`: by number."""
    made: dict[tuple[int, str, str, str], FailureOnPage] = {}
    places: dict[Place, tuple[int, str, str, str]] = {}
    for case, failure in _from_the_simplest(judged_cases(reviewed.stages, reviewed.conclusion)):
        result = case.result
        same = (case.stage.index, result.clause, result.kind, failure.replay or f"{case.model} {what(failure)}")
        first = made.get(same)
        made[same] = replace(first, models=(*first.models, case.model)) if first else _made(case, failure, reviewed, targets, anchors)
        places[case.stage.index, case.model, result.clause, result.kind] = same
    return {place: made[same] for place, same in places.items()}


def _from_the_simplest(cases: Iterable[JudgedCase]) -> Sequence[tuple[JudgedCase, Failure]]:
    """What is violated, and how; of each stage and clause, what other outputs show for all of them comes first."""
    violated = [(case, failure) for case in cases if (failure := case.violation) is not None]
    clauses = {pair: at for at, pair in enumerate(dict.fromkeys((case.stage.index, case.result.clause) for case, _ in violated))}
    violated.sort(key=lambda pair: (clauses[pair[0].stage.index, pair[0].result.clause], simplicity(pair[1])))
    return violated


def each_once(failures: Failures) -> Sequence[FailureOnPage]:
    """Those of several memory models only once."""
    return list({failure.anchor: failure for failure in failures.values()}.values())


def _made(case: JudgedCase, failure: Failure, reviewed: Reviewed, targets: Mapping[int, Target], anchors: Anchors) -> FailureOnPage:
    result, index = case.result, case.stage.index
    known = reviewed.suite.clauses.get(result.clause)
    found = reviewed.executions.get((index, failure.replay))
    steps = case.conclusion.steps
    program = program_source(reviewed.suite, result.clause, failure.program)
    return FailureOnPage(
        anchors.of("failure", index, result.clause, result.kind),
        index,
        result.clause,
        result.kind,
        "" if known is None else known.sentence,
        (case.model,),
        word_of(index, result, case.conclusion),
        what(failure),
        case.whose,
        case.is_step((*steps.breaks, *steps.unknown, *steps.baseline)) or _newly_accepted(case),
        case.is_step([step for step in steps.breaks if step.certain]),
        replay_command(failure.replay, reviewed.source) if failure.replay else "",
        found,
        None if found is None else shown_execution(found, targets[index], None if program is None else program.file),
        program,
    )


def _newly_accepted(case: JudgedCase) -> bool:
    """Whether it is the patch of an accepted change that this is about."""
    steps, result = case.conclusion.steps, case.result
    return any(
        change.patch == case.stage.index and change.clause == result.clause and result.kind in kinds for change, kinds in steps.accepted
    )
