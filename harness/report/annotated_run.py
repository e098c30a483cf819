"""What GitHub shows of a run at the lines of a pull request: what is violated, and what has no verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.report.failures_table import lacking_of, undecided_lines
from harness.report.github_annotations import ERROR, NOTICE, WARNING, Annotation, PatchRemark, annotations_of, as_commands, version_of
from harness.report.interrupted_words import TITLE
from harness.report.patch_lines import GONE, NOT_LOOKED_AT, FileOfStage, LineOfPatch
from harness.report.replay_command import replay_command
from harness.report.review import Reviewed, models_of
from harness.report.run_markdown import Reported
from harness.search.counterexample import Counterexample
from harness.verify.complaints import Complaint, complaints, held_against_somebody
from harness.verify.conclusions import Conclusion, what
from harness.verify.faults import untestable
from harness.verify.steps import Step
from harness.verify.verdicts import Failure


@dataclass(frozen=True)
class Annotated:
    """What was tested, and the file of each stage, by its number."""

    reported: Reported
    files: Mapping[int, FileOfStage]

    @property
    def reviewed(self) -> Reviewed:
        return self.reported.reviewed


def commands(annotated: Annotated) -> list[str]:
    """All annotations of a run, as GitHub reads them."""
    lacking = interrupt_told(annotated.reported.lacking)
    return as_commands([*annotations_of(_violations(annotated)), *_unmet(annotated), *lacking, *_without_verdict(annotated)])


def interrupt_told(lacking: str) -> Iterator[Annotation]:
    """That a run was interrupted, if it was."""
    if lacking:
        yield Annotation(WARNING, TITLE, lacking)


def place_in(file: FileOfStage, failure: Failure, execution: Counterexample | None, lacking: str) -> LineOfPatch:
    """Where to show a failure: at no line if an interrupt has kept everybody from looking at its execution."""
    if lacking and failure.replay and execution is None:
        return NOT_LOOKED_AT
    return file.place(execution, failure.message)


def _violations(annotated: Annotated) -> Iterator[PatchRemark]:
    reviewed, excused = annotated.reviewed, _excused(annotated)
    for index, found in complaints(reviewed.stages, reviewed.conclusion, held_against_somebody).items():
        file = annotated.files[index]
        for complaint in found:
            level = NOTICE if complaint.step in excused else ERROR
            execution = reviewed.executions.get((index, complaint.failure.replay))
            place = place_in(file, complaint.failure, execution, annotated.reported.lacking)
            form = _accusation(reviewed.conclusion, complaint.step)
            yield PatchRemark(level, index, form, complaint.step.clause, tuple(_lines(reviewed, complaint)), file, place)


def _excused(annotated: Annotated) -> Sequence[Step]:
    """What does not count. What counts under one of several memory models does."""
    conclusion = annotated.reviewed.conclusion
    counts = not annotated.reported.new_only or (conclusion.models and conclusion.newly_bad)
    return () if counts else conclusion.excused_by_baseline


def _accusation(conclusion: Conclusion, step: Step) -> str:
    if step in conclusion.violated_alone:
        return f"{_stage(conclusion, step.patch)} violates {{}}"
    if step in conclusion.steps.unknown:
        return f"patch {step.patch} or before, or the baseline, breaks {{}}"
    return f"patch {step.patch}{' or before' * (not step.certain)} breaks {{}}"


def _stage(conclusion: Conclusion, index: int) -> str:
    return f"stage {index}" if len(conclusion.selection.every_stage) > 1 else "the stage"


def _lines(reviewed: Reviewed, complaint: Complaint) -> Iterator[str]:
    failure, clause = complaint.failure, reviewed.suite.clauses[complaint.step.clause]
    yield f"{complaint.step.in_full}: {clause.sentence}"
    yield what(failure)
    yield models_of(complaint)
    if failure.replay:
        yield replay_command(failure.replay, reviewed.source)


def _unmet(annotated: Annotated) -> Iterator[Annotation]:
    for each in annotated.reviewed.conclusion.steps.unmet:
        yield Annotation(ERROR, "an accepted change does not happen", each.sentence, patch=each.change.patch)


def _without_verdict(annotated: Annotated) -> Iterator[Annotation]:
    stages, conclusion = annotated.reviewed.stages, annotated.reviewed.conclusion
    reasons = {**untestable(stages), **annotated.reported.problems}
    lacking = {stage.index: "\n".join(lacking_of(stage)) for stage in stages}
    for index in conclusion.untestable_stages:
        why = f"it {reasons[index]}" if index in reasons else lacking[index] or "no test has a verdict"
        yield _about(annotated, index, "cannot be tested", why)
    for index in conclusion.lacking_stages:
        yield _about(annotated, index, "cannot be tested in part", lacking[index])
    for index in conclusion.undecided_stages:
        lines = undecided_lines([stage for stage in stages if stage.index == index])
        # Where a violation was enough, nobody has tried the rest.
        if lines or not conclusion.violated_alone:
            yield _about(annotated, index, "is undecided", "\n".join(lines) or "some tests were not run")
    if conclusion.selection.ends_early:
        yield Annotation(WARNING, "the series ends early", conclusion.selection.ends_early)


def _about(annotated: Annotated, index: int, what_it_is: str, message: str) -> Annotation:
    file = annotated.files[index]
    line = file.place(None, message).line
    title = f"{_stage(annotated.reviewed.conclusion, index)} {what_it_is}"
    said = file.dated(message, version_of(index))
    return Annotation(WARNING, title, said, "" if line == GONE else file.name, max(line, 1), index)
