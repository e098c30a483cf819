"""A review of a series as plain text, to be pasted below the mails of its patches: what breaks, how, and how to see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.report.mail_text import INDENT, interleaving, paragraph, shell_command
from harness.report.replay_command import replay_words
from harness.search.counterexample import Counterexample
from harness.suite.suite import Suite
from harness.verify.complaints import Complaint, complaints
from harness.verify.conclusions import Conclusion, Search, searched, what
from harness.verify.executions import NONE, Executions
from harness.verify.faults import stages_named
from harness.verify.steps import by_patch
from harness.verify.verdicts import FAIL, PASS, StageResult

NOTHING = "Nothing to reply: no patch is found to break what the tree before it keeps."
HOW_TO_READ = (
    "One execution that shows it, an operation a line, in the order in which they take effect. A star says that somebody was held up "
    "there, or came in between; “…” stands for operations that are left out."
)
BEYOND = (
    "A clause that passes has not failed in any execution of its small programs that was looked at. What these programs do not do, "
    "what was not searched, and other memory models were not tested."
)
# What sequential consistency says.
SAID = {FAIL: ", and without store buffers (sc) as well", PASS: ", but not sc: it takes a weak memory"}
SHORT = 12


@dataclass(frozen=True)
class Reviewed:
    """What was tested, and all that a review needs besides. `effort`: how far it went, in words; `source`: options that name the series.

    `shown`: for patches that break something, the execution of their first complaint.
    """

    stages: Sequence[StageResult]
    conclusion: Conclusion
    suite: Suite
    effort: str
    source: tuple[str, ...]
    shown: Mapping[int, tuple[Complaint, Counterexample | None]]
    # What a reader has to know about where the series comes from, and where it ends.
    notes: tuple[str, ...] = ()
    # All executions that can be shown, by the stage and the replay string.
    executions: Executions = field(default_factory=lambda: NONE)


def review_text(reviewed: Reviewed) -> str:
    """The whole review. No line has more than 76 columns."""
    found = complaints(reviewed.stages, reviewed.conclusion)
    parts = [part for patch, of in found.items() for part in _patch(reviewed, patch, of)]
    return "\n\n".join([*(parts or [_nothing(reviewed.conclusion)]), *_closing(reviewed)])


def _nothing(conclusion: Conclusion) -> str:
    if not conclusion.violated_alone:
        return paragraph(NOTHING)
    violated = ", ".join(step.what for step in conclusion.violated_alone)
    number = conclusion.selection.stages[0]
    return paragraph(
        f"Nothing to reply: stage {number} violates {violated}, but it is the only one tested, so nobody knows which patch did it."
    )


def _patch(reviewed: Reviewed, patch: int, found: Sequence[Complaint]) -> Iterator[str]:
    stage = next(stage for stage in reviewed.stages if stage.index == patch)
    commit = f" ({stage.commit[:SHORT]})" if stage.commit else ""
    yield paragraph(f"Patch {patch}, “{stage.title.rstrip('.')}”{commit}, breaks what the tree before it keeps.")
    yield from (_complaint(reviewed, complaint) for complaint in found)
    complaint, shown = reviewed.shown.get(patch, (found[0], None))
    yield from _execution(complaint, shown)


def _execution(complaint: Complaint, shown: Counterexample | None) -> Iterator[str]:
    """How it comes about, as far as that can be shown."""
    of = f"{complaint.step.clause} ({complaint.kind}), program {complaint.failure.program}"
    if shown is None:
        yield paragraph(f"{complaint.step.clause} cannot be shown as one execution.")
    elif not shown.rows:
        yield paragraph(f"Of {of}, nothing can be shown: it is violated before the first operation.")
    else:
        yield paragraph(f"{HOW_TO_READ} It is of {of}:")
        yield "\n".join([interleaving(shown), paragraph(what(complaint.failure), INDENT)])


def _complaint(reviewed: Reviewed, complaint: Complaint) -> str:
    """The clause with its sentence, what was violated, under which memory model, and the command that shows it."""
    step, failure = complaint.step, complaint.failure
    sentence = reviewed.suite.clauses[step.clause].sentence
    under = f"{', '.join(complaint.models)}{SAID.get(complaint.under_sc, '')}"
    before = "" if step.certain else ", broken by this patch or one before"
    lines = [
        paragraph(f"{step.in_full}{before}: {sentence}", more=INDENT),
        paragraph(f"Violated: {what(failure)}", INDENT, INDENT),
        paragraph(f"Memory model: {under}", INDENT, INDENT),
    ]
    if failure.replay:
        lines += ["", shell_command(replay_words(failure.replay, reviewed.source))]
    return "\n".join(lines)


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
        yield from (f"Patch {step.patch} or before, or the tree before the series, breaks {step.in_full}" for step in steps.unknown)
    yield from (f"Accepted from patch {change.patch} on: {change.clause} ({', '.join(kinds)})" for change, kinds in steps.accepted)
    yield from (each.sentence for each in steps.unmet)
    yield from reviewed.notes
    undecided = (("Undecided", conclusion.undecided_stages), ("Cannot be tested", conclusion.untestable_stages))
    yield from (f"{word}: {stages_named(numbers)}; that accuses no patch" for word, numbers in undecided if numbers)


def tested(reviewed: Reviewed) -> str:
    """What was tested, and how far."""
    selection = reviewed.conclusion.selection
    search = Search.of(result for stage in reviewed.stages for result in searched(stage.clauses.values()))
    whole = "everything" if selection.whole else selection.extent
    seen = f"Every interleaving was seen in {search.exhausted} of {search.programs} searches; a violation ends a search."
    return f"Tested: {whole}; {reviewed.effort}. {seen}"
