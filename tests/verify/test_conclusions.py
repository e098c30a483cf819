"""What is concluded from the results of all stages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.suite.figure import NotMeasured
from harness.verify.conclusions import Search, Selection, bisectable, what
from harness.verify.verdicts import UNTESTABLE, Failure
from stages.api import AcceptedChange
from tests.report.made import MakeStage, concluded, under_models


def test_nothing_that_was_searched_adds_up_to_nothing() -> None:
    """An interrupted run may have no result of a stage."""
    assert Search.of([]) == Search(0, 0, ())


def test_bisectable_is_a_sentence_about_everything(stage: MakeStage) -> None:
    """It is said only of all clauses of the suite on all stages of the series."""
    conclusion = concluded([stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "pass", "b": "pass"})])
    assert (conclusion.bisectable, conclusion.first_bad, conclusion.undecided) == (True, {}, False)
    assert conclusion.sentence == "bisectable: yes under sc: every stage keeps the contract"


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ([{"a": "pass", "b": "pass"}], "partial: 2 of 2 clauses, 1 of 2 stages, under sc: no violation found"),
        ([{"a": "pass"}, {"a": "pass"}], "partial: 1 of 2 clauses, 2 of 2 stages, under sc: no violation found"),
        ([{"a": "undecided"}], "partial: 1 of 2 clauses, 1 of 2 stages, under sc: no violation found; undecided: stage 0"),
        (
            [{"a": "pass", "b": "undecided"}, {"a": "pass", "b": "pass"}],
            "bisectable: undecided under sc: no violation found; undecided: stage 0",
        ),
        (
            [{"a": "pass", "b": "pass"}, {"a": "error", "b": "error"}],
            "bisectable: undecided under sc: no violation found; untestable: stage 1",
        ),
    ],
    ids=["one stage", "one clause", "one undecided test", "all, one undecided", "all, a stage cannot be tested"],
)
def test_anything_less_is_not_bisectable(stage: MakeStage, verdicts: list[dict[str, str]], said: str) -> None:
    """It is not the contrary either: nothing is bad, and the sentence says what was tested."""
    conclusion = concluded([stage(index, words) for index, words in enumerate(verdicts)])
    assert (conclusion.bisectable, conclusion.first_bad) == (None, {})
    assert conclusion.sentence == said


def test_some_kinds_are_a_part(stage: MakeStage) -> None:
    """Even where all clauses and all stages were tested."""
    stages = [stage(0, {"a": "pass"})]
    both = (("a", ("softirq", "vcpu")),)
    conclusion = bisectable(stages, Selection("fixed", "tasklets", (("a", ("softirq",)),), (0,), both, (0,)))
    assert conclusion.bisectable is None
    assert conclusion.sentence == "partial: 1 of 1 clauses, some kinds, 1 of 1 stages, under sc: no violation found"


def test_what_was_selected_but_not_seen_proves_nothing(stage: MakeStage) -> None:
    """A kind whose result is missing, as in an interrupted run, is not taken for a pass."""
    both = (("a", ("softirq", "vcpu")),)
    conclusion = bisectable([stage(0, {"a": "pass"})], Selection("fixed", "tasklets", both, (0,), both, (0,)), interrupted=True)
    assert conclusion.bisectable is None


def test_every_patch_that_breaks_something_is_named(stage: MakeStage) -> None:
    """The first one counts for each clause; what another patch breaks for another kind, or again, is said too."""
    stages = [stage(0, {"a": "pass", "b": "pass", "c": "pass"}), stage(1, {"a": "pass fail", "b": "pass", "c": "fail"})]
    stages[0].clauses["a"].kinds.update(stage(0, {"a": "pass pass"}).clauses["a"].kinds)
    stages.append(stage(2, {"a": "fail fail", "b": "fail", "c": "pass"}))
    conclusion = concluded(stages, every_clause=("a", "b", "c"), of_stages=3)
    assert conclusion.first_bad == {"a": 1, "c": 1, "b": 2}
    assert (conclusion.bisectable, conclusion.bad) == (False, True)
    assert conclusion.sentence == "bisectable: no under sc: patch 1 breaks a, c; patch 2 breaks a, b; patch 2 mends c"


def test_what_the_baseline_breaks_accuses_no_patch(stage: MakeStage) -> None:
    """The series is bisectable all the same; who mends it is said."""
    words = ({"a": "fail", "b": "pass"}, {"a": "fail", "b": "pass"}, {"a": "pass", "b": "pass"})
    conclusion = concluded([stage(index, each) for index, each in enumerate(words)], of_stages=3)
    assert (conclusion.bisectable, conclusion.bad, conclusion.first_bad) == (True, False, {})
    assert conclusion.sentence == (
        "bisectable: yes under sc: no patch breaks what the stage before it kept; patch 2 mends a; the baseline breaks a (softirq)"
    )


def test_what_is_mended_can_be_broken_again(stage: MakeStage) -> None:
    """That the baseline broke it once is no excuse."""
    stages = [stage(index, {"a": word, "b": "pass"}) for index, word in enumerate(("fail", "pass", "fail"))]
    conclusion = concluded(stages, of_stages=3)
    assert (conclusion.bisectable, conclusion.bad, conclusion.first_bad) == (False, True, {"a": 2})


def test_undecided_accuses_nobody_wrongly(stage: MakeStage) -> None:
    """Neither does a stage that cannot be tested: a patch before may have broken it."""
    stages = [stage(0, {"a": "pass", "b": "undecided"}), stage(1, {"a": "error", "b": "pass"}), stage(2, {"a": "fail", "b": "pass"})]
    conclusion = concluded(stages, of_stages=3)
    assert (conclusion.bisectable, conclusion.bad, conclusion.undecided) == (False, True, True)
    assert conclusion.sentence == "bisectable: no under sc: patch 2 or before breaks a; undecided: stages 0–1"


def test_the_baseline_may_have_broken_it(stage: MakeStage) -> None:
    """Where no stage before has a verdict, no patch is accused, and the run does not tell."""
    conclusion = concluded([stage(0, {"a": "undecided", "b": "pass"}), stage(1, {"a": "fail", "b": "pass"})])
    assert (conclusion.bisectable, conclusion.bad, conclusion.undecided) == (None, False, True)
    assert conclusion.sentence == "bisectable: undecided under sc: patch 1 or before, or the baseline, breaks a; undecided: stage 0"


def test_stages_without_the_one_before_have_no_verdict_about_it(stage: MakeStage) -> None:
    """The first stage that was tested violates it, and is not the baseline: that is undecided too."""
    conclusion = concluded([stage(1, {"a": "fail"}), stage(2, {"a": "fail"})], of_stages=3)
    assert (conclusion.bisectable, conclusion.bad, conclusion.undecided) == (None, False, True)


def test_the_only_stage_is_bad_if_it_violates_a_clause(stage: MakeStage) -> None:
    """Whoever broke it: which patch, or the baseline, is not known, and that is not said."""
    for index in (0, 1):
        conclusion = concluded([stage(index, {"a": "fail"})])
        assert (conclusion.bisectable, conclusion.bad, conclusion.first_bad) == (None, True, {})
        assert conclusion.sentence == f"partial: 1 of 2 clauses, 1 of 2 stages, under sc: stage {index}, the only one tested, violates a"


def test_an_accepted_change_is_no_break(stage: MakeStage) -> None:
    """From its patch on, for its kinds."""
    stages = [stage(index, {"a": word, "b": "pass"}) for index, word in enumerate(("pass", "fail", "fail"))]
    conclusion = concluded(stages, of_stages=3, accepted=(AcceptedChange("a", ("softirq", "vcpu"), 1, "it must be"),))
    assert (conclusion.bisectable, conclusion.bad, conclusion.first_bad) == (True, False, {})
    assert conclusion.sentence == (
        "bisectable: yes under sc: no patch breaks what the stage before it kept, but for what is accepted"
        "; accepted: a (softirq) from patch 1"
    )


def test_an_accepted_change_of_another_patch_or_kind_is_a_break(stage: MakeStage) -> None:
    """What does not belong to it is no better for it."""
    stages = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "fail", "b": "pass"})]
    for change in (AcceptedChange("a", ("vcpu",), 1, ""), AcceptedChange("b", ("vcpu",), 1, "")):
        assert concluded(stages, accepted=(change,)).first_bad == {"a": 1}


def test_an_accepted_change_that_does_not_happen_is_an_error(stage: MakeStage) -> None:
    """Nothing is broken, but the declaration is wrong."""
    stages = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "pass", "b": "pass"})]
    conclusion = concluded(stages, accepted=(AcceptedChange("a", ("softirq",), 1, ""),))
    assert (conclusion.bisectable, conclusion.bad) == (True, True)
    assert conclusion.sentence == (
        "bisectable: yes under sc: every stage keeps the contract; accepted change does not happen: stage 1 keeps a (softirq)"
    )


def test_what_was_violated_has_one_line_and_no_address() -> None:
    """Masks stay."""
    assert what(Failure("crash", "<f at 0x7f17496c09a0>\n of 0x10")) == "crash: <f at 0x…> of 0x10"


def test_what_could_not_be_measured_is_undecided(stage: MakeStage) -> None:
    """The clauses are kept all the same."""
    slow = stage(1, {"a": "pass", "b": "pass"}, NotMeasured("the stage did not come back"))
    conclusion = concluded([stage(0, {"a": "pass", "b": "pass"}), slow])
    assert (conclusion.bisectable, conclusion.bad, conclusion.undecided) == (True, False, True)


@pytest.mark.parametrize(
    ("words", "bad", "newly"),
    [
        (["pass", "fail"], True, True),
        (["fail", "fail"], False, False),
        (["fail", "pass", "fail"], True, False),
        (["pass", "fail", "pass"], True, True),
        (["undecided", "pass", "fail"], True, True),
        (["fail pass", "pass pass", "fail fail"], True, True),
        (["fail"], True, False),
    ],
)
def test_what_the_baseline_violates_itself(stage: MakeStage, words: list[str], bad: bool, newly: bool) -> None:
    """A patch that breaks it again, after another one has mended it, breaks nothing that the baseline keeps."""
    conclusion = concluded([stage(index, {"a": word}) for index, word in enumerate(words)], of_stages=len(words))
    assert (conclusion.bad, conclusion.newly_bad) == (bad, newly)


def test_the_baseline_under_each_model(stage: MakeStage) -> None:
    """What it violates under one memory model excuses nothing under another one."""
    kept = [stage(index, {"a": word}) for index, word in enumerate(("pass", "pass", "fail"))]
    broken = [stage(0, {"a": "fail"}), *kept[1:]]
    assert concluded(under_models(sc=broken, tso=broken), of_stages=3).newly_bad is False
    assert concluded(under_models(sc=kept, tso=broken), of_stages=3).newly_bad is True


def test_a_stage_of_which_some_tests_ask_for_what_it_lacks(stage: MakeStage) -> None:
    """It answers for the others, is never good, and is not called undecided; one that has no other test cannot be tested."""
    stages = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "fail", "b": "error"}), stage(2, {"a": "error", "b": "error"})]
    lacking = Failure(UNTESTABLE, "has no 'pop'", lacking=True)
    for index, clause in ((1, "b"), (2, "a"), (2, "b")):
        kinds = stages[index].clauses[clause].kinds
        kinds["softirq"] = replace(kinds["softirq"], failure=lacking)
    found = concluded(stages, of_stages=3)
    assert found.sentence == "bisectable: no under sc: patch 1 breaks a; untestable: stage 2; untestable in part: stage 1"
    assert (found.undecided, found.undecided_stages, found.untestable_stages, found.lacking_stages) == (True, (), (2,), (1,))
    stages[1].clauses["a"] = stages[0].clauses["a"]
    assert (concluded(stages[:2]).bisectable, concluded(stages[:2]).undecided) == (None, True)
