"""What a search says: one sentence for each thing that it may come to, and how many stages it has tested for that."""

from __future__ import annotations

import pytest

from harness.report.search_tables import (
    ENDS_ONLY,
    ONE_CHANGE,
    answer_lines,
    answers_table,
    first_bad_stages,
    not_seen_lines,
    steps_table,
)
from harness.sources.target import Target
from harness.verify.search_rounds import PairSearch
from harness.verify.series_search import BINARY, LINEAR, ClauseSearch
from harness.verify.verdicts import ERROR, FAIL, PASS, UNDECIDED, Failure, KindResult

LETTERS = {"k": PASS, "v": FAIL, "?": ERROR}
CHANGE = "stage {} keeps it and stage {} violates it"
NONE = "no verdict (undecided: cut off)"
COMMITTED = [Target(index, f"patch {index}", "m", "m.py", commit=f"{index}" * 40) for index in range(5)]


def result(letter: str, kind: str = "x") -> KindResult:
    """A result for the clause `a`; one without a verdict says why."""
    failure = {"k": None, "v": Failure("assertion", "not so", replay="h2/-"), "?": Failure(UNDECIDED, "cut off")}[letter]
    return KindResult("a", kind, LETTERS[letter], executions=1, failure=failure)


def search(text: str, again: str = "", how: str = LINEAR, kind: str = "x") -> PairSearch:
    """A search of stages with these verdicts, a dot for those that were not tested; `again` has those of a second test."""
    results = {stage: result(letter, kind) for stage, letter in enumerate(text) if letter != "."}
    second = {stage: result(letter, kind) for stage, letter in enumerate(again) if letter != "."}
    known, known_again = ({stage: each.verdict for stage, each in found.items()} for found in (results, second))
    return PairSearch(("a", kind), ClauseSearch(how, len(text), known, known_again), results, second)


@pytest.mark.parametrize(
    ("text", "again", "sentence"),
    [
        ("kkv.v", ".kv", "patch 2 breaks it: stage 1 keeps it and stage 2 violates it, once more from scratch"),
        (
            "k?vvv",
            "k.v",
            f"one of patches 1, 2 breaks it: stage 0 keeps it and stage 2 violates it, once more from scratch; stage 1: {NONE}",
        ),
        ("k...k", "", "both ends keep it"),
        ("v...v", "", "the base violates it already"),
        ("?...?", "", f"no search: stages 0, 4: {NONE}"),
        (
            "kvkkv",
            "",
            f"inconsistent: {CHANGE.format(0, 1)}; stage 1 violates it and stage 2 keeps it; {CHANGE.format(3, 4)}",
        ),
        (
            "kkvvv",
            ".kk",
            f"inconsistent: {CHANGE.format(1, 2)}; once more from scratch, stage 1 keeps it and stage 2 keeps it",
        ),
        (
            "kkvvv",
            ".v?",
            f"inconsistent: {CHANGE.format(1, 2)}; once more from scratch, stage 1 violates it and stage 2 has no verdict",
        ),
        (
            "kkvvv",
            ".k?",
            f"not confirmed: {CHANGE.format(1, 2)}; once more from scratch, stage 2: {NONE}",
        ),
    ],
)
def test_what_a_search_comes_to(text: str, again: str, sentence: str) -> None:
    """Whoever is accused was seen twice; whoever is not is not named as the culprit."""
    (line,) = answer_lines([search(text, again)])
    assert line.sentence == sentence
    assert line.tested == len(text.replace(".", ""))
    assert ("break" in sentence) == bool(line.suspects)


def test_kinds_with_the_same_answer_are_together() -> None:
    """In one row; others have a row of their own, and so has an answer that took more stages."""
    lines = answer_lines([search("k???v", "k...v"), search("kkv.v", ".kv", kind="y"), search("kkv.v", ".kv", kind="z")])
    assert [(line.kinds, line.who) for line in lines] == [(("x",), "one of patches 1, 2, 3, 4"), (("y", "z"), "patch 2")]
    assert answers_table(lines, 5, "plain").splitlines()[2].split()[:4] == ["a", "y,", "z", "patch"]
    assert answers_table(lines, 5, "plain").splitlines()[2].endswith("4 of 5")
    assert answers_table([], 5, "plain") == ""


def test_the_steps_are_in_their_order() -> None:
    """The second tests come last; why there is no verdict is said; and kinds that do the same are one step."""
    searches = [search("k?v.v", "k.v", kind=kind) for kind in ("x", "y")]
    steps = [" ".join(line.split()) for line in steps_table(searches, COMMITTED, "plain").splitlines()]
    assert steps == [
        "step stage commit patch clause verdict",
        "1 0 0000000000 patch 0 a (x, y) keeps it",
        "2 1 1111111111 patch 1 a (x, y) no verdict: undecided: cut off",
        "3 2 2222222222 patch 2 a (x, y) violates it",
        "4 4 4444444444 patch 4 a (x, y) violates it",
        "5 0 0000000000 patch 0 a (x, y) keeps it, from scratch",
        "6 2 2222222222 patch 2 a (x, y) violates it, from scratch",
    ]


def test_what_the_base_violates_is_shown() -> None:
    """Beside what patches break, so that each kind of which the answer says that it is violated has a failure to look at."""
    base, second = first_bad_stages([search("v...v", kind="z"), search("kkv.v", ".kv"), search("k...k", kind="y")], COMMITTED)
    assert [(stage.index, list(stage.clauses["a"].kinds)) for stage in (base, second)] == [(0, ["z"]), (2, ["x"])]


def test_only_who_is_accused_is_shown_with_what_it_violates() -> None:
    """Not a violation that did not come again."""
    (stage,) = first_bad_stages([search("kkv.v", ".kv"), search("kkkvv", "..kk", kind="y")], COMMITTED)
    assert (stage.index, list(stage.clauses["a"].kinds)) == (2, ["x"])


def test_what_such_a_search_cannot_see_is_said() -> None:
    """As far as it matters: a linear search sees all stages, where the ends differ."""
    differ, kept = answer_lines([search("kkv.v", ".kv")]), answer_lines([search("k...k")])
    assert not_seen_lines(BINARY, differ) == [ONE_CHANGE]
    assert not_seen_lines(LINEAR, differ) == []
    assert not_seen_lines(BINARY, kept) == not_seen_lines(LINEAR, kept) == [ENDS_ONLY]
    assert ENDS_ONLY.endswith(": `harness run` judges each patch")
    assert not_seen_lines(BINARY, answer_lines([search("v...v")])) == []
