"""Which memory model a failure takes: on the series as posted, and a suite of three tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.explored.models import ARM, SC, TSO
from harness.jobs.executor import OK, Outcome
from harness.report.by_model_document import answer, mismatches, to_markdown
from harness.report.findings_document import examples
from harness.sources.shipped import targets_of_series
from harness.sources.target import Target
from harness.suite.clause import NO_RACES
from harness.suite.registry import suite_named
from harness.suite.suite import Suite
from harness.tasklets.tasklet_under_test import SOFTIRQ, VCPU
from harness.verify import weakest_models
from harness.verify.explore_programs import Row
from harness.verify.find_violations import Remark, Unfit
from harness.verify.suggest_in_worker import NONE_HELPS, Suggestion, named
from harness.verify.weakest_models import ByModel, by_model
from stages import POSTED

MODELS = (SC, TSO, ARM)
# Clause, program, kind.
TESTS = (
    ("no-lost-schedule", "by-itself", VCPU),
    ("visibility", "seen-by-its-killer", SOFTIRQ),
    ("never-concurrent", "two-cpus-schedule", SOFTIRQ),
)
TARGETS = [target for target in targets_of_series(POSTED) if target.index in (0, 5)]
REMARK = Remark("visibility", ARM, "Nobody looks.")


def silent(*_: object) -> None:
    """No progress is shown."""


@pytest.fixture(scope="module")
def suite() -> Suite:
    """These tests and nothing else, but for the clause that is none."""
    every = suite_named("tasklets")
    clauses = {NO_RACES: every.clauses[NO_RACES]}
    for clause, program, kind in TESTS:
        only = replace(every.clauses[clause].program_named(program), kinds=(kind,))
        clauses[clause] = replace(every.clauses[clause], programs=(only,))
    return replace(every, clauses=clauses)


@pytest.fixture(scope="module")
def found(suite: Suite) -> ByModel:
    """What is found of the baseline and of the last stage."""
    return by_model(TARGETS, suite, MODELS, 200, 2, silent)


def test_each_is_tried_until_it_fails(found: ByModel) -> None:
    """One fails under sc, where nothing more is asked; one under arm only; nothing fails on the baseline."""
    assert [each.needs for each in found.on_stage(0)] == [None, None, None]
    assert {each.clause: each.needs for each in found.on_stage(5)} == {"no-lost-schedule": SC, "visibility": ARM, "never-concurrent": None}
    assert [each.row.request.model for each in found.on_stage(0)] == [ARM, ARM, ARM]


def test_barriers_are_missing_where_only_a_weaker_model_fails(found: ByModel) -> None:
    """On the last stage, two: the store before the flag is cleared, and the load after it was seen clear."""
    assert found.missing.keys() == {5}
    suggestion = found.missing[5].found
    assert suggestion is not None
    assert [each.kind for each in suggestion.barriers] == ["smp_wmb", "smp_rmb"]


def test_the_document_says_where_and_what_mends_it(found: ByModel, suite: Suite) -> None:
    """The answer first; the execution can be replayed."""
    text = to_markdown("posted", suite, found, TARGETS, [REMARK])
    assert answer(found).startswith(
        "**No, and nowhere else either.** After the last patch, 1 of 3 tests fail on every machine; besides, none only with"
    )
    assert text.index("# Would the series `posted` have worked on ARM?") < text.index(answer(found))
    assert "| visibility | seen-by-its-killer | softirq | 5 " in " ".join(text.split())
    assert "First at stage 5. Nobody looks.\n" in text
    assert "before line 220 of s5_drop_scaffolding.py: smp_wmb()" in text
    ((_, replay),) = examples(text)
    assert "/arm." in replay


def test_texts_that_do_not_fit_are_named(found: ByModel) -> None:
    """What is found without one, too."""
    stale = replace(REMARK, model=TSO)
    assert mismatches(found, [REMARK]) == []
    assert mismatches(found, [stale]) == [
        "no text about visibility under arm",
        "a text about visibility under tso, which is not what is found",
    ]


def test_what_was_not_searched_to_its_end_is_counted(suite: Suite) -> None:
    """With two executions each, there are more of the third test."""
    found = by_model(TARGETS[:1], suite, (SC, TSO), 2, 2, silent)
    assert found.on_stage(0)[2].unseen == (SC, TSO)
    assert answer(found).startswith("**As far as was looked, yes.**")


def test_a_stage_that_does_not_load(suite: Suite) -> None:
    """It is named."""
    with pytest.raises(Unfit, match="stage 0 cannot be tested: it does not import"):
        by_model([replace(TARGETS[0], source=b"1 / 0")], suite, (SC,), 2, 1, silent)


def test_a_stronger_model_is_searched_further_where_only_a_weaker_one_failed(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nobody knows which of them the failure takes; it is counted apart, then."""
    found = by_model(TARGETS[1:], suite, (SC, ARM), 2, 2, silent)
    assert [each.clause for each in found.needing(ARM)] == ["visibility"]
    monkeypatch.setattr("harness.verify.weakest_models.Effort.executions", 2)
    found = by_model(TARGETS[1:], suite, (SC, ARM), 2, 2, silent)
    assert [each.clause for each in found.unsure(5)] == ["visibility"]
    assert not found.needing(ARM)
    assert "fail, and nobody knows where" in to_markdown("posted", suite, found, TARGETS[1:], [])


def test_what_no_barrier_mends_is_told_apart(found: ByModel, suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Barriers are looked for again without it."""
    request = found.needing(ARM)[0].row.request
    asked: list[list[str]] = []

    def suggest(_: Target, rows: Sequence[Row], *__: object) -> Outcome:
        asked.append([row.request.kind for row in rows])
        return Outcome(OK, Suggestion(NONE_HELPS, about=named(request)) if len(rows) > 1 else found.missing[5].found)

    monkeypatch.setattr(weakest_models, "suggest_barriers", suggest)
    row = found.needing(ARM)[0].row
    other = replace(row, request=replace(request, kind=VCPU))
    missing = weakest_models._missing(TARGETS[1], [row, other], ARM, 1, silent)
    assert asked == [[SOFTIRQ, VCPU], [VCPU]]
    assert (missing.past_mending, missing.found) == ((request,), found.missing[5].found)
    hopeless = replace(found, missing={5: missing}, examples=[])
    assert not hopeless.needing(ARM)
    assert "\n1 more fails in a weak model only, and no barrier helps." in answer(hopeless)
    assert "## What fails only in a weak model, and no barrier helps\n" in to_markdown("posted", suite, hopeless, TARGETS, [])


def test_a_plain_read_that_races_is_counted(found: ByModel, suite: Suite) -> None:
    """Of a test that does not fail, under the weakest model: it was not searched to the end either."""
    racing = [
        replace(each, unseen=(ARM,), row=replace(each.row, found=replace(each.row.found, passed=False, untried=True)))
        if each.clause == "never-concurrent"
        else each
        for each in found.tried
    ]
    table = to_markdown("posted", suite, replace(found, tried=racing), TARGETS, [REMARK]).rpartition("it may find under `arm`:")[2]
    assert [line.split()[1::2] for line in table.strip().splitlines()[2:]] == [["0", "0", "0", "1", "1"], ["5", "0", "0", "1", "1"]]
