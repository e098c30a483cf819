"""A review of a series as plain text, to be pasted below the mails of its patches: what breaks, how, and how to see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from harness.report.counterexample_text import counterexample_text
from harness.report.looks import AT_ONCE, Looks
from harness.report.mail_text import INDENT, WIDTH, paragraph, shell_command
from harness.report.patch_lines import FileOfStage
from harness.report.quoted_patch import quoted_patch
from harness.report.replay_command import replay_words
from harness.search.counterexample import Counterexample
from harness.suite.suite import Suite
from harness.verify.complaints import Complaint, complaints, simplest_complaint
from harness.verify.conclusions import Conclusion, Search, searched, what
from harness.verify.executions import NONE, Executions, Key
from harness.verify.faults import stages_named
from harness.verify.steps import Step, by_patch
from harness.verify.verdicts import FAIL, PASS, StageResult

NOTHING = "Nothing to reply: no patch is found to break what the tree before it keeps."
BREAKS = "breaks what the tree before it keeps"
BEYOND = (
    "A clause that passes has not failed in any execution of its small programs that was looked at. What these programs do not do, "
    "what was not searched, and other memory models were not tested."
)
# What sequential consistency says.
SAID = {FAIL: ", and without store buffers (sc) as well", PASS: ", but not sc: it takes a weak memory"}
SHORT = 12
# What a mail shows of an execution.
IN_MAIL = Looks(WIDTH, most=AT_ONCE)


@dataclass(frozen=True)
class Reviewed:
    """What was tested, and all that a review needs besides. `effort`: how far it went, in words; `source`: options that name the series.

    `files`: of stages whose patches may be quoted, by their numbers.
    """

    stages: Sequence[StageResult]
    conclusion: Conclusion
    suite: Suite
    effort: str
    source: tuple[str, ...]
    files: Mapping[int, FileOfStage]
    # What a reader has to know about where the series comes from, and where it ends.
    notes: tuple[str, ...] = ()
    # All executions that can be shown, by the stage and the replay string.
    executions: Executions = field(default_factory=lambda: NONE)


def review_text(reviewed: Reviewed) -> str:
    """The whole review. No line has more than 76 columns, but lines of the patch, and words of a command that are longer."""
    found = complaints(reviewed.stages, reviewed.conclusion)
    parts = [part for patch, of in found.items() for part in _patch(reviewed, patch, of)]
    return "\n\n".join([*(parts or [_nothing(reviewed.conclusion)]), *_closing(reviewed)])


def executions_quoted(stages: Sequence[StageResult], conclusion: Conclusion) -> list[Key]:
    """The executions that a review shows: one of each patch that breaks something."""
    found = {index: simplest_complaint(of).failure for index, of in complaints(stages, conclusion).items()}
    return [(index, failure.replay) for index, failure in found.items() if failure.replay]


def _nothing(conclusion: Conclusion) -> str:
    if not conclusion.violated_alone:
        return paragraph(NOTHING)
    violated = ", ".join(step.what for step in conclusion.violated_alone)
    number = conclusion.selection.stages[0]
    return paragraph(
        f"Nothing to reply: stage {number} violates {violated}, but it is the only one tested, so nobody knows which patch did it."
    )


def _patch(reviewed: Reviewed, patch: int, found: Sequence[Complaint]) -> Iterator[str]:
    """What it breaks; the lines of it that an execution has been at, and that execution; and then what else it breaks."""
    stage = next(stage for stage in reviewed.stages if stage.index == patch)
    commit = f" ({stage.commit[:SHORT]})" if stage.commit else ""
    broken = ", ".join(_named(complaint.step) for complaint in found)
    shared = {models_and_sc(complaint) for complaint in found}
    models = f" {_sentence(shared.pop())}" if len(shared) == 1 else ""
    yield paragraph(f"Patch {patch}, “{stage.title.rstrip('.')}”{commit}, {BREAKS}: {broken}.{models}")
    shown = simplest_complaint(found)
    execution = reviewed.executions.get((patch, shown.failure.replay))
    if patch in reviewed.files and (quote := quoted_patch(reviewed.files[patch], execution, shown.failure.message)):
        yield quote
    yield from _shown(reviewed, shown, execution, not models)
    for complaint in found:
        if complaint is not shown:
            yield from _complaint(reviewed, complaint, not models)


def _named(step: Step) -> str:
    return f"{step.in_full}{', by this patch or one before' * (not step.certain)}"


def _shown(reviewed: Reviewed, complaint: Complaint, execution: Counterexample | None, models: bool) -> Iterator[str]:
    """A complaint with its execution, the text of which has the clause's sentence; without, if it cannot be shown."""
    if execution is None or not execution.rows:
        yield from _complaint(reviewed, complaint, models)
        why = "it is violated before the first operation" if execution else "it is not one execution that can be executed again"
        yield paragraph(f"How {complaint.step.clause} comes to be violated is not shown here: {why}.")
        return
    yield from _violated(reviewed, complaint, f"{complaint.step.in_full}: one execution of {complaint.failure.program}", models)
    yield counterexample_text(execution, IN_MAIL).rstrip("\n")


def _complaint(reviewed: Reviewed, complaint: Complaint, models: bool) -> Iterator[str]:
    """The clause with its sentence, and so on."""
    yield from _violated(reviewed, complaint, f"{complaint.step.in_full}: {reviewed.suite.clauses[complaint.step.clause].sentence}", models)


def _violated(reviewed: Reviewed, complaint: Complaint, head: str, models: bool) -> Iterator[str]:
    """What was violated, perhaps under which memory model, and the command that shows it."""
    lines = [paragraph(head, more=INDENT), paragraph(f"Violated: {what(complaint.failure)}", INDENT, INDENT)]
    yield "\n".join([*lines, *[paragraph(_sentence(models_and_sc(complaint)), INDENT, INDENT)] * models])
    if complaint.failure.replay:
        yield shell_command(replay_words(complaint.failure.replay, reviewed.source))


def models_of(complaint: Complaint) -> str:
    """Under which memory models, in words."""
    return f"memory model{'s' * (len(complaint.models) != 1)}: {', '.join(complaint.models)}"


def models_and_sc(complaint: Complaint) -> str:
    """The same, and what sequential consistency says to it, if it was tried."""
    return f"{models_of(complaint)}{SAID.get(complaint.under_sc, '')}"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _closing(reviewed: Reviewed) -> Iterator[str]:
    """What else there is to say, and what was tested, and what not."""
    if lines := [paragraph(f"{text}.") for text in remarks(reviewed)]:
        yield "\n".join(lines)
    yield paragraph(f"{tested(reviewed)} {BEYOND}")


def remarks(reviewed: Reviewed) -> Iterator[str]:
    """What there is to say besides what patches break; sentences without a full stop."""
    conclusion = reviewed.conclusion
    steps = conclusion.steps
    yield from (f"{who[0].upper()}{who[1:]} repairs {which}" for who, which in by_patch(steps.mends))
    if steps.baseline and not conclusion.violated_alone:
        yield f"The tree before the series violates {', '.join(step.in_full for step in steps.baseline)} already: that is of no patch"
    if not conclusion.violated_alone:
        for patch, of in groupby(steps.unknown, key=lambda step: step.patch):
            yield f"Patch {patch} or before, or the tree before the series, breaks {', '.join(step.in_full for step in of)}"
    yield from (f"Accepted from patch {change.patch} on: {change.clause} ({', '.join(kinds)})" for change, kinds in steps.accepted)
    yield from (each.sentence for each in steps.unmet)
    yield from reviewed.notes
    undecided = (
        ("Undecided", conclusion.undecided_stages),
        ("Cannot be tested", conclusion.untestable_stages),
        ("Cannot be tested in part", conclusion.lacking_stages),
    )
    yield from (f"{word}: {stages_named(numbers)}; that accuses no patch" for word, numbers in undecided if numbers)


def tested(reviewed: Reviewed) -> str:
    """What was tested, and how far."""
    selection = reviewed.conclusion.selection
    search = Search.of(result for stage in reviewed.stages for result in searched(stage.clauses.values()))
    whole = "everything" if selection.whole else selection.extent
    seen = f"Every interleaving was seen in {search.exhausted} of {search.programs} searches; a violation ends a search."
    return f"Tested: {whole}; {reviewed.effort}. {seen}"
