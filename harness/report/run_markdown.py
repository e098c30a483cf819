"""A run as Markdown, for a forge, a wiki, or the summary of a step on GitHub: the series, what each patch breaks and repairs, and how."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from itertools import accumulate

from harness.report.counterexample_text import counterexample_text
from harness.report.failures_table import undecided_lines, untestable_lines
from harness.report.looks import Looks
from harness.report.mail_text import WIDTH
from harness.report.patches_table import patches_table
from harness.report.replay_command import replay_command
from harness.report.review import BEYOND, Reviewed, models_and_sc, remarks, tested
from harness.search.counterexample import Counterexample
from harness.verify.complaints import Complaint, complaints, held_against_somebody, simplest_complaint
from harness.verify.conclusions import Conclusion, what
from harness.verify.executions import Executions, Key
from harness.verify.steps import Step
from harness.verify.verdicts import StageResult

FORMAT = "github"
# What means something in the middle of a line.
SPECIAL = re.compile(r"([\\`*_\[\]<>~|&])")
SHORT = 10
LEFT_OUT = "Some executions are not shown, since this would be too long: the commands show them."
CUT = "**The rest is left out, since this would be too long.** The tables that the command prints have all of it."
# In a block of code no line is broken, so it is narrow.
IN_BLOCK = Looks(WIDTH)


@dataclass(frozen=True)
class Reported:
    """What was tested: what to call it, and the answer, both as text; and whether it was measured.

    `problems`: by the number of the stage, why it could not be tested at all, in words after "it". `new_only`: what the baseline violates
    itself does not count. `lacking`: what an interrupt has left out, in words (`harness.report.interrupted_words`); empty if nothing is.
    """

    reviewed: Reviewed
    heading: str
    answer: str
    problems: Mapping[int, str] = field(default_factory=dict)
    performance: bool = False
    new_only: bool = False
    lacking: str = ""


def to_markdown(reported: Reported, most: int | None = None) -> str:
    """The whole document, with a newline at its end.

    If there would be more than `most` bytes of UTF-8, of the executions as many as fit are shown; if that is too long without any, it is
    cut off.
    """

    def document(shown: Executions, notes: tuple[str, ...]) -> str:
        return _document(replace(reported, reviewed=replace(reported.reviewed, executions=shown)), notes)

    reviewed = reported.reviewed
    wanted = executions_shown(reviewed.stages, reviewed.conclusion)
    return within(most, {key: reviewed.executions[key] for key in wanted if key in reviewed.executions}, document)


def within(most: int | None, shown: Executions, document: Callable[[Executions, tuple[str, ...]], str]) -> str:
    """What `document` makes of as many executions as fit into so many bytes, the first ones, and of a note if some are left out."""
    made = document(shown, ())
    if most is None or size_of(made) <= most:
        return made
    every = list(shown.items())

    def some(number: int) -> str:
        return document(dict(every[:number]), (LEFT_OUT,) * bool(every))

    too_many = bisect_left(range(len(every)), True, key=lambda number: size_of(some(number)) > most)
    return _cut(some(max(too_many - 1, 0)), most)


def size_of(text: str) -> int:
    """How many bytes of UTF-8 it has; what is none is written as an escape."""
    return len(text.encode("utf-8", "backslashreplace"))


def _cut(text: str, most: int) -> str:
    """The paragraphs that fit, and a note if these are not all. There are no executions in it, which have paragraphs of their own."""
    if size_of(text) <= most:
        return text
    parts = text.split("\n\n")
    left = most - size_of(CUT) - 3
    sizes = list(accumulate(size_of(part) + 2 for part in parts))
    return "\n\n".join([*parts[: bisect_right(sizes, left)], CUT]) + "\n"


def executions_shown(stages: Sequence[StageResult], conclusion: Conclusion) -> list[Key]:
    """The executions that the document shows: one of each clause that a patch breaks. Those that stand for a whole patch come first."""
    found = complaints(stages, conclusion, held_against_somebody)
    first = [(index, simplest_complaint(of)) for index, of in found.items()]
    every = [*first, *((index, complaint) for index, of in found.items() for complaint in of)]
    return list(dict.fromkeys((index, complaint.failure.replay) for index, complaint in every if complaint.failure.replay))


def lacking_told(lacking: str) -> list[str]:
    """What an interrupt has left out, as a paragraph, if there is any."""
    return [f"**{plain(lacking[0].upper() + lacking[1:])}.**"] if lacking else []


def plain(text: str) -> str:
    """Text that Markdown shows as it is, in one line."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """Text between backticks, of which it may have some itself."""
    line = " ".join(text.split())
    fence = _fence(line, 1)
    space = " " * (line[:1] == "`" or line[-1:] == "`")
    return f"{fence}{space}{line}{space}{fence}"


def _fence(text: str, least: int) -> str:
    """More backticks than there are in a row in the text."""
    return "`" * max([least, *(len(run) + 1 for run in re.findall("`+", text))])


def block(text: str, language: str) -> str:
    """Text between fences."""
    fence = _fence(text, 3)
    return f"{fence}{language}\n{text}\n{fence}"


def _document(reported: Reported, notes: tuple[str, ...] = ()) -> str:
    reviewed = reported.reviewed
    found = complaints(reviewed.stages, reviewed.conclusion, held_against_somebody)
    stages = {stage.index: stage for stage in reviewed.stages}
    parts = [
        f"## {plain(reported.heading)}",
        f"**{plain(reported.answer)}**",
        *lacking_told(reported.lacking),
        patches_table(reviewed.stages, reported.performance, FORMAT, reviewed.conclusion),
        *(part for index, of in found.items() for part in _stage(reviewed, stages[index], of)),
        *_lists(reported),
        *notes,
        f"{plain(tested(reviewed))} {BEYOND}",
    ]
    return "\n\n".join(parts) + "\n"


def _stage(reviewed: Reviewed, stage: StageResult, found: list[Complaint]) -> Iterator[str]:
    commit = f" ({stage.commit[:SHORT]})" * bool(stage.commit)
    word = "Stage" if reviewed.conclusion.violated_alone else "Patch"
    yield f"### {word} {stage.index}: {plain(stage.title.rstrip('.'))}{commit}"
    for complaint in found:
        yield _complaint(reviewed, complaint)
        if complaint.failure.replay:
            yield block(replay_command(complaint.failure.replay, reviewed.source), "sh")
            shown = reviewed.executions.get((stage.index, complaint.failure.replay))
            if shown is not None and shown.rows:
                of = f"{complaint.step.clause} ({complaint.kind}), program {complaint.failure.program}"
                yield execution_folded(of, shown)


def _complaint(reviewed: Reviewed, complaint: Complaint) -> str:
    """The clause with its sentence, what was violated, and under which memory model."""
    sentence = reviewed.suite.clauses[complaint.step.clause].sentence
    head = f"{_verb(reviewed.conclusion, complaint.step)} **{plain(complaint.step.in_full)}**: {sentence}"
    return f"{head}\n{code(what(complaint.failure))}; {plain(models_and_sc(complaint))}."


def _verb(conclusion: Conclusion, step: Step) -> str:
    if step in conclusion.violated_alone:
        return "Violates"
    if step in conclusion.steps.unknown:
        return "This patch or one before, or the baseline, breaks"
    return "Breaks" if step.certain else "This patch or one before breaks"


def execution_folded(of: str, shown: Counterexample) -> str:
    """An execution of something, in details that a reader unfolds."""
    text = block(counterexample_text(shown, IN_BLOCK).removesuffix("\n"), "text")
    return f"<details>\n<summary>One execution of {escape(of)}</summary>\n\n{text}\n\n</details>"


def _lists(reported: Reported) -> Iterator[str]:
    """What else there is to say, line by line."""
    stages = reported.reviewed.stages
    lines = [*remarks(reported.reviewed), *undecided_lines(stages), *untestable_lines(stages, reported.problems)]
    if lines:
        yield "\n".join(f"- {plain(line)}" for line in lines)
