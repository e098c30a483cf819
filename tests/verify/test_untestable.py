"""A Python exception in nearly every program accuses nobody; in a few it is a violation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.machine.diagnosis import ASSERTION, CRASH
from harness.sources.target import Target
from harness.verify.untestable import python_error, without_accusation
from harness.verify.verdicts import ERROR, FAIL, NOT_RUN, PASS, UNTESTABLE, ClauseResult, Failure, KindResult

MESSAGE = "NameError: name 'q' is not defined at stage.py:164 (tasklet_schedule)"
TARGET = Target(0, "", "", "/some/stage.py")


def result(clause: str, kind: str, failure: Failure | None, verdict: str = FAIL) -> KindResult:
    """One test's result."""
    return KindResult(clause, kind, PASS if failure is None else verdict, 1, failure=failure)


LACKS = Failure(UNTESTABLE, "has no 'pop'", lacking=True)


def judged(results: list[KindResult], target: Target = TARGET) -> list[str]:
    """The verdicts after all."""
    clauses: dict[str, ClauseResult] = {}
    for each in results:
        clauses.setdefault(each.clause, ClauseResult(each.clause)).kinds[each.kind] = each
    found = without_accusation(target, clauses, results)
    return [kind.verdict for clause in found.values() for kind in clause.kinds.values()]


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (MESSAGE, "raises NameError in nearly every program: name 'q' is not defined, line 164"),
        ("ValueError at stage.py:3 (kill)", "raises ValueError in nearly every program: line 3"),
        (
            "TypeError: f() takes 1: at most at stage.py:7 (<lambda>)",
            "raises TypeError in nearly every program: f() takes 1: at most, line 7",
        ),
    ],
)
def test_an_exception_in_the_stage(message: str, sentence: str) -> None:
    """With what it says, and the line."""
    error = python_error(Failure(CRASH, message), TARGET)
    assert error is not None
    assert error.sentence == sentence


def test_one_test_that_says_that_none_means_anything() -> None:
    """What another one violates accuses nobody."""
    unseen = Failure(UNTESTABLE, "keeps state where the machine does not see it")
    results = [result("a", "softirq", Failure(ASSERTION, "wrong")), result("b", "softirq", unseen, ERROR), result("c", "softirq", None)]
    assert judged(results) == [ERROR, ERROR, PASS]


@pytest.mark.parametrize(
    "failure",
    [
        None,
        Failure(ASSERTION, MESSAGE),
        Failure(CRASH, MESSAGE.replace("stage.py", "programs.py")),
        Failure(CRASH, MESSAGE.replace("NameError", "AssertionError")),
        Failure(CRASH, MESSAGE.replace("NameError", "SystemExit")),
        Failure(CRASH, MESSAGE.replace("NameError", "OfItsOwn")),
        Failure(CRASH, "RecursionError: maximum recursion depth exceeded in CPU0"),
    ],
    ids=["none", "no crash", "elsewhere", "a judgement", "an exit", "of its own", "recursion"],
)
def test_anything_else_is_a_violation(failure: Failure | None) -> None:
    """What the stage finds wrong itself, what others raise, and what is no mistake in Python."""
    assert python_error(failure, TARGET) is None


def test_nearly_every_program() -> None:
    """Nine of ten are enough, and nothing of the stage is a violation then; eight of nine are not."""
    crash, wrong = Failure(CRASH, MESSAGE), Failure(ASSERTION, "wrong")
    tests = [result(f"c{number}", "vcpu", crash) for number in range(9)]
    assert judged([*tests, result("d", "vcpu", wrong)]) == [ERROR] * 10
    assert judged([*tests, result("d", "vcpu", None)]) == [*[ERROR] * 9, PASS]
    assert judged([*tests[:8], result("d", "vcpu", wrong)]) == [FAIL] * 9


def test_what_was_not_run_or_follows_from_others_does_not_count() -> None:
    """All that were run are enough, even if they are fewer than three; what was not run stays that."""
    crash = Failure(CRASH, MESSAGE)
    others = [result("d", "vcpu", Failure(NOT_RUN, "given up"), ERROR), result("no-races", "vcpu", Failure("undecided", "no race"), ERROR)]
    found = without_accusation(
        TARGET, {"c": ClauseResult("c", {"vcpu": result("c", "vcpu", crash)})}, [result("c", "vcpu", crash), *others]
    )
    failure = found["c"].kinds["vcpu"].failure
    assert failure == Failure(UNTESTABLE, "raises NameError in nearly every program: name 'q' is not defined, line 164")


def test_a_stage_that_passes_stays_as_it_is() -> None:
    """Nothing is changed without such an exception."""
    assert judged([result("c", "vcpu", None), result("d", "vcpu", Failure(ASSERTION, "wrong"))]) == [PASS, FAIL]


def test_what_some_tests_ask_for_in_vain_is_no_reason_to_believe_no_other() -> None:
    """Where code handles exceptions, it is: and the place is named. So it is in C, of which nobody knows."""
    results = [result("a", "k", Failure(ASSERTION, "wrong")), result("b", "k", LACKS, ERROR), result("c", "k", None)]
    assert judged(results) == [FAIL, ERROR, PASS]
    handling = replace(TARGET, source=b"def f(g):\n  with g: pass\n")
    assert judged(results, handling) == [ERROR] * 3
    found = without_accusation(handling, {"a": ClauseResult("a", {"k": results[0]})}, results)["a"].kinds["k"].failure
    assert found == Failure(UNTESTABLE, "has no 'pop'; stage.py:2 may hide that it is asked for, so no verdict counts")
    assert judged(results, replace(TARGET, path="/some/stage.c")) == [ERROR] * 3


def test_tests_that_ask_in_vain_do_not_count_as_programs_that_go_well() -> None:
    """An exception in all of the others is one in nearly every program."""
    crash = Failure(CRASH, MESSAGE)
    lacking = [result(f"b{number}", "k", LACKS, ERROR) for number in range(5)]
    assert judged([result("a", "k", crash), *lacking]) == [ERROR] * 6
    assert judged([result("a", "k", crash), result("c", "k", None), *lacking]) == [FAIL, PASS, *[ERROR] * 5]
