"""Two versions of a series as a table, lines, a sentence and JSON."""

from __future__ import annotations

import json

from harness.report.versions_json import versions_json
from harness.report.versions_table import patches_of, version_lines, versions_sentence, versions_table
from stages.api import AcceptedChange
from tests.report.compared_versions import compared
from tests.report.made import MakeStage, under_models


def cells(table: str) -> list[list[str]]:
    """Those of a table in the format tsv, without the first row."""
    return [[cell.strip() for cell in (line + "\t" * 8).split("\t")][:9] for line in table.splitlines()[1:]]


def test_a_row_a_patch(stage: MakeStage) -> None:
    """What is mended, new, unchanged; patches that one version lacks; what a patch before may have done."""
    verdicts = ("pass pass", "fail pass", "pass fail"), ("pass pass", "pass undecided", "pass fail", "fail fail")
    old, new = ([stage(at, dict(zip("ab", words.split(), strict=True))) for at, words in enumerate(of)] for of in verdicts)
    sides, versions = compared(old, new, (1, 1), (2, 2), (None, 3))
    assert cells(versions_table(sides, versions, "tsv")) == [
        ["1", "1", "title 1", "a", "", "a", "", "", "b"],
        ["2", "2", "title 2", "b", "b (or before)", "", "", "b (or before)", ""],
        ["new", "3", "title 3", "", "a", "", "a", "", ""],
    ]
    assert version_lines(sides, versions) == [
        "a, new in patch 3 of v2, is broken in v1, too: by patch 1",
        "not compared: patch 1 of v2: b: v2 has no verdict",
    ]
    assert versions_sentence(sides, versions) == (
        "all 2 clauses under sc: patch 3 of v2 newly breaks a; mended in v2: a, which patch 1 of v1 broke; "
        "patch 2 of v2 still breaks b (or before); not wholly compared: 1 patch"
    )
    document = json.loads(versions_json(sides, versions))
    assert " ".join(document) == "clauses conclusion harness models newly_broken of_clauses patches schema suite undecided v1 v2"
    assert (document["newly_broken"], document["undecided"], document["conclusion"]) == (True, True, versions_sentence(sides, versions))
    assert document["patches"][2] == {
        "v1": None,
        "v2": 3,
        "title": "title 3",
        "verdicts": [{"clause": "a", "kind": "softirq", "model": "sc", "v1": None, "v2": "breaks", "said": "newly broken"}],
    }
    assert document["v2"] == {"series": "v2", "stages": 4, "baseline_breaks": {}}


def test_why_something_is_not_compared(stage: MakeStage) -> None:
    """The reasons, each once a patch; what a baseline violates is of no patch."""
    old = [stage(0, {"a": "pass", "b": "fail"}), stage(1, {"a": "undecided", "b": "fail"}), stage(2, {"a": "fail", "b": "pass"})]
    new = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "undecided", "b": "fail"})]
    sides, versions = compared(old, new, (1, 1), (2, None))
    assert versions_sentence(sides, versions).endswith(
        ": no patch of v2 newly breaks a clause, as far as that could be compared; not wholly compared: 2 patches"
    )
    assert version_lines(sides, versions) == [
        "the baseline of v1 breaks b (softirq): that is of no patch",
        "not compared: patch 1 of v2: a: v1 and v2 have no verdict",
        "not compared: patch 1 of v2: b: v1 violates it before the patch already",
        "not compared: patch 2 of v1, which v2 lacks: a: the patch is gone, and not every stage of v2 keeps it",
    ]


def test_several_models(stage: MakeStage) -> None:
    """Each for itself: a clause that is mended under one of them may be broken under another."""
    good, bad = ([stage(0, {"a": "pass"}), stage(1, {"a": word})] for word in ("pass", "fail"))
    old, new = under_models(sc=good, tso=bad), under_models(sc=bad, tso=good)
    sides, versions = compared(old, new, (1, 1))
    assert cells(versions_table(sides, versions, "tsv")) == [
        ["1", "1", "title 1", "a under tso", "a under sc", "a under tso", "a under sc", "", ""],
    ]
    sides, versions = compared(under_models(sc=bad, tso=bad), under_models(sc=bad, tso=bad), (1, 1))
    assert cells(versions_table(sides, versions, "tsv"))[0][7] == "a"


def test_what_the_second_version_accepts(stage: MakeStage) -> None:
    """It is broken as before, or newly so, and nobody is accused."""
    old = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "fail", "b": "pass"})]
    new = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "fail", "b": "fail"})]
    sides, versions = compared(old, new, (1, 1), accepted=tuple(AcceptedChange(clause, ("softirq",), 1, "Known.") for clause in "ab"))
    assert cells(versions_table(sides, versions, "tsv")) == [
        ["1", "1", "title 1", "a", "a (accepted), b (accepted)", "", "", "a (accepted)", ""],
    ]
    assert versions_sentence(sides, versions) == (
        "all 2 clauses under sc: no patch of v2 newly breaks a clause, but for what is accepted; patch 1 of v2 newly breaks b (accepted); "
        "patch 1 of v2 still breaks a (accepted)"
    )


def test_numbers_of_patches() -> None:
    """In words."""
    assert [patches_of(number) for number in (0, 1, 2)] == ["0 patches", "1 patch", "2 patches"]
