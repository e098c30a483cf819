"""What came out of litmus files, for people: for each memory model the verdict, the final states, and an execution that shows it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

from harness.litmus.files.final_condition import FORALL
from harness.litmus.files.outcomes import NOT_COVERED, FileOutcome, StateCount
from harness.report.counterexample_text import counterexample_text
from harness.report.looks import AT_ONCE, Looks
from harness.report.table_format import room_of
from harness.report.tables import table
from harness.search.counterexample import Counterexample

# The outcomes of each file, by memory model.
FileOutcomes = Mapping[str, Mapping[str, FileOutcome]]

LKMM = (
    "A verdict is about the machine that the memory model describes. None of them is about the kernel's own memory model (LKMM), "
    "under which more may happen."
)


def litmus_verdict(path: str, found: FileOutcome, tablefmt: str) -> str:
    """All that is to be said of a file under one model."""
    parts = [
        f"{path} ({found.file.name}) under {found.model}: {found.verdict}\n{_judged(found)}",
        table([_row(found, each) for each in found.states], ["final state", "executions", ""], tablefmt, ["executions"]),
        "\n".join(_remarks(found)),
        _witness(path, found, found.witness, tablefmt) if found.witness else "",
    ]
    return "\n\n".join(filter(None, parts))


def _witness(path: str, found: FileOutcome, witness: Counterexample, tablefmt: str) -> str:
    """The execution, and how to see it again."""
    shown = counterexample_text(witness, Looks(room_of(tablefmt), most=AT_ONCE, tablefmt=tablefmt))
    return f"{shown}replay: harness replay {found.replay} {shlex.quote(path)}"


def answer(found: FileOutcome) -> str:
    """Whether what the file asks for is so."""
    return {True: "validated", False: "not validated", None: "undecided"}[found.validated]


def _judged(found: FileOutcome) -> str:
    condition = found.file.condition
    counted = f"{found.positive} of {found.executions} executions satisfy it"
    return f"{condition}: {answer(found)}; {counted}, {found.blocked} blocked"


def _row(found: FileOutcome, each: StateCount) -> list[object]:
    shown = "; ".join(f"{name}={value}" for name, value in each.state.items()) or "nothing is looked at"
    violates = found.file.condition.quantifier == FORALL and not each.satisfies
    return [shown, each.executions, "violates" if violates else "satisfies" if each.satisfies else ""]


def _remarks(found: FileOutcome) -> Iterator[str]:
    if found.reached:
        allow = ", allow more --executions" * found.reached.endswith(" executions")
        yield f"cut off: {found.reached}; there may be more final states{allow}"
    if found.stuck:
        yield f"{found.stuck} executions come to no end, and count for nothing: {found.why_stuck}"
    for gap in found.gaps:
        yield f"{NOT_COVERED}: {gap.sentence}"
    if found.race:
        yield f"data race of plain accesses: {found.race}"
    if found.stronger:
        yield f"{found.model} orders more than is asked for, as these are full barriers: {', '.join(found.stronger)}"


def litmus_summary(outcomes: FileOutcomes, models: Sequence[str], tablefmt: str) -> str:
    """A row for each file, a column for each model."""
    rows = [[path, *(f"{of[model].verdict} ({answer(of[model])})" for model in models)] for path, of in outcomes.items()]
    return table(rows, ["file", *models], tablefmt)
