"""The answer at the top of a page: who is named, for how much, and where that leads."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.report.html.short_answer import Linked, linked_line, short_answer
from harness.verify.conclusions import Conclusion
from stages.api import AcceptedChange
from tests.report.made import MakeStage, concluded, under_models


def said(conclusion: Conclusion) -> list[str]:
    """The parts as text."""
    return ["".join(part.text for part in parts) for parts in short_answer(conclusion).parts]


def places(conclusion: Conclusion) -> list[str]:
    """Where they lead."""
    return [part.place for parts in short_answer(conclusion).parts for part in parts if part.place]


def test_who_breaks_how_much(stage: MakeStage) -> None:
    """The only clause by its name, several by their number; each patch leads to its section, and the baseline is told apart."""
    stages = [
        stage(0, {"a": "pass", "b": "fail", "c": "pass"}),
        stage(1, {"a": "fail", "b": "pass", "c": "fail"}),
        stage(2, {"a": "pass", "b": "pass", "c": "fail"}),
    ]
    found = concluded(stages, every_clause=("a", "b", "c"), of_stages=3)
    assert short_answer(found).head == "bisectable: no under sc"
    assert said(found) == [
        "patch 1 breaks 2 clauses and mends b",
        "patch 2 mends a",
        "the baseline violates b itself, which is held against no patch",
    ]
    assert places(found) == ["patch-1", "patch-2", "patch-0"]


# What two stages do to the clauses a and b, and the answer.
ANSWERS: list[tuple[Sequence[dict[str, str]], str, list[str]]] = [
    ([{"a": "pass", "b": "pass"}] * 2, "yes", ["every stage keeps the contract"]),
    (
        [{"a": "pass", "b": "pass"}, {"a": "undecided", "b": "pass"}],
        "undecided",
        ["no violation found", "without a verdict: tests of 1 stage"],
    ),
    (
        [{"a": "error", "b": "pass"}, {"a": "fail", "b": "pass"}],
        "undecided",
        ["patch 1 or before, or the baseline, breaks a", "without a verdict: tests of 1 stage"],
    ),
]


@pytest.mark.parametrize(("verdicts", "word", "parts"), ANSWERS)
def test_where_nobody_breaks_anything(stage: MakeStage, verdicts: Sequence[dict[str, str]], word: str, parts: list[str]) -> None:
    """What the run says, and where verdicts are missing."""
    stages = [stage(index, of) for index, of in enumerate(verdicts)]
    found = concluded(stages)
    assert (short_answer(found).head, said(found)) == (f"bisectable: {word} under sc", parts)


def test_the_only_stage_that_was_tested(stage: MakeStage) -> None:
    """It is no patch's fault, nor the baseline's."""
    stages = [stage(1, {"a": "fail", "b": "pass"})]
    assert said(concluded(stages)) == ["stage 1, the only one tested, violates a"]


def test_what_is_accepted_and_does_not_happen(stage: MakeStage) -> None:
    """It makes the series bad, so it is said."""
    stages = [stage(index, {"a": "pass", "b": "pass"}) for index in range(2)]
    accepted = (AcceptedChange("a", ("softirq",), 1, "meant"),)
    assert "1 accepted change does not happen" in said(concluded(stages, accepted=accepted))


def test_memory_models_that_disagree(stage: MakeStage) -> None:
    """The answer under each is in the first words."""
    kept = [stage(index, {"a": "pass", "b": "pass"}) for index in range(2)]
    broken = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "pass", "b": "fail"})]
    found = concluded(under_models(sc=kept, tso=kept, arm=broken))
    assert short_answer(found).head == "bisectable: no under arm; yes under sc, tso"
    assert said(found) == ["patch 1 breaks b"]


def test_lines_lead_to_whom_they_name_first() -> None:
    """If that is part of the run."""
    line = "under tso: patch 2 breaks a, and patch 3 does not"
    assert linked_line(line, (1, 2), 0) == (
        Linked("under tso: "),
        Linked("patch 2", "patch-2"),
        Linked(" breaks a, and patch 3 does not"),
    )
    assert linked_line(line, (1,), 0) == (Linked(line),)
    assert linked_line("the baseline breaks a", (0, 1), 0)[1] == Linked("the baseline", "patch-0")
    assert linked_line("nobody", (0, 1), 0) == (Linked("nobody"),)
