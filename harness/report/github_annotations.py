"""What GitHub shows at the lines of a pull request: workflow commands, a line each, for what is violated and what has no verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.report.failures_table import undecided_lines
from harness.report.patch_lines import FileOfStage
from harness.report.review import Reviewed
from harness.report.run_markdown import Reported
from harness.verify.complaints import Complaint, complaints, held_against_somebody
from harness.verify.conclusions import Conclusion, what
from harness.verify.faults import untestable
from harness.verify.steps import Step

ERROR = "error"
WARNING = "warning"
NOTICE = "notice"

# GitHub shows no more of each level than these for a step.
MOST = 10


@dataclass(frozen=True)
class Annotation:
    """A remark: `level` is one of the above; without a `file` it is about the whole."""

    level: str
    title: str
    message: str
    file: str = ""
    line: int = 1

    @property
    def command(self) -> str:
        """The line that GitHub reads."""
        place = f"file={_property(self.file)},line={self.line}," if self.file else ""
        return f"::{self.level} {place}title={_property(self.title)}::{_data(self.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


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
    return as_commands([*_violations(annotated), *_unmet(annotated), *_without_verdict(annotated)])


def as_commands(found: Iterable[Annotation]) -> list[str]:
    """Annotations as GitHub reads them; where there are more of a level than it shows, the last one says so."""
    every = list(found)
    levels = ([each for each in every if each.level == level] for level in (ERROR, WARNING, NOTICE))
    return [each.command for of_level in levels for each in _most(of_level)]


def _most(found: Sequence[Annotation]) -> Sequence[Annotation]:
    if len(found) <= MOST:
        return found
    rest = found[MOST - 1 :]
    return [*found[: MOST - 1], Annotation(rest[0].level, f"{len(rest)} more", "\n".join(each.title for each in rest))]


def _violations(annotated: Annotated) -> Iterator[Annotation]:
    reviewed, excused = annotated.reviewed, _excused(annotated)
    for index, found in complaints(reviewed.stages, reviewed.conclusion, held_against_somebody).items():
        file = annotated.files[index]
        for complaint in found:
            level = NOTICE if complaint.step in excused else ERROR
            line = file.line(reviewed.executions.get((index, complaint.failure.replay)), complaint.failure.message)
            yield Annotation(level, _accusation(reviewed.conclusion, complaint.step), _message(reviewed, complaint), file.name, line)


def _excused(annotated: Annotated) -> Sequence[Step]:
    """What does not count. What counts under one of several memory models does."""
    conclusion = annotated.reviewed.conclusion
    counts = not annotated.reported.new_only or (conclusion.models and conclusion.newly_bad)
    return () if counts else conclusion.excused_by_baseline


def _accusation(conclusion: Conclusion, step: Step) -> str:
    if step in conclusion.violated_alone:
        return f"{step.clause} is violated"
    if step in conclusion.steps.unknown:
        return f"patch {step.patch} or before, or the baseline, breaks {step.clause}"
    return f"patch {step.patch}{' or before' * (not step.certain)} breaks {step.clause}"


def _message(reviewed: Reviewed, complaint: Complaint) -> str:
    failure, clause = complaint.failure, reviewed.suite.clauses[complaint.step.clause]
    lines = [f"{complaint.step.in_full}: {clause.sentence}", what(failure), f"memory model: {', '.join(complaint.models)}"]
    return "\n".join([*lines, *[f"harness replay {failure.replay}"] * bool(failure.replay)])


def _unmet(annotated: Annotated) -> Iterator[Annotation]:
    for each in annotated.reviewed.conclusion.steps.unmet:
        yield Annotation(ERROR, "an accepted change does not happen", each.sentence)


def _without_verdict(annotated: Annotated) -> Iterator[Annotation]:
    stages, conclusion = annotated.reviewed.stages, annotated.reviewed.conclusion
    reasons = {**untestable(stages), **annotated.reported.problems}
    for index in conclusion.untestable_stages:
        why = f"it {reasons[index]}" if index in reasons else "no test has a verdict"
        yield _about(annotated, index, "cannot be tested", why)
    for index in conclusion.undecided_stages:
        lines = undecided_lines([stage for stage in stages if stage.index == index])
        # Where a violation was enough, nobody has tried the rest.
        if lines or not conclusion.violated_alone:
            yield _about(annotated, index, "is undecided", "\n".join(lines) or "some tests were not run")
    if conclusion.selection.ends_early:
        yield Annotation(WARNING, "the series ends early", conclusion.selection.ends_early)


def _about(annotated: Annotated, index: int, what_it_is: str, message: str) -> Annotation:
    file = annotated.files[index]
    title = f"stage {index} {what_it_is}" if len(annotated.reviewed.conclusion.selection.every_stage) > 1 else f"the stage {what_it_is}"
    return Annotation(WARNING, title, message, file.name, file.line(None, message))
