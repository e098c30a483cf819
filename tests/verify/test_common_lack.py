"""What all of several stages lack is most likely a wrong name in the suite."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.machine.lacking_api import ApiLack
from harness.verify.common_lack import lacked_by_all, lacked_in_search
from harness.verify.search_rounds import PairSearch
from harness.verify.series_search import BINARY, ClauseSearch
from harness.verify.verdicts import ERROR, PASS, UNTESTABLE, ClauseResult, Failure, KindResult, StageResult

LINE = "suite s.py:15"
NO_POP = ApiLack("pop").sentence(LINE, "said")
NEARLY = ApiLack("pop", near="top").sentence(LINE, "said otherwise")
CALL = ApiLack("Ring.push", is_call=True).sentence(LINE, "said")
NO_STAGE = f"no stage has 'pop', which {LINE} asks for: most likely the suite's name is wrong"


def result(reason: str) -> KindResult:
    """A test that could not be made for that reason; one that passes, if there is none."""
    failure = Failure(UNTESTABLE, reason) if reason else None
    return KindResult("a", "k", ERROR if reason else PASS, 1, failure=failure)


def stage(index: int, reason: str) -> StageResult:
    """A stage with one such test."""
    return StageResult(index, "", "", {"a": ClauseResult("a", {"k": result(reason)})})


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        ([NO_POP, NO_POP], NO_STAGE),
        # (Near is what each stage has.)
        ([NO_POP, NEARLY, NO_POP], NO_STAGE),
        ([CALL, CALL], f"no stage takes what {LINE} passes to 'Ring.push': most likely the suite's call is wrong"),
        # One stage alone; one that has it; another line, another name; another reason, also if all have that.
        ([NO_POP], ""),
        ([NO_POP, ""], ""),
        ([NO_POP, ApiLack("pop").sentence("suite s.py:16", "said")], ""),
        ([NO_POP, ApiLack("push").sentence(LINE, "said")], ""),
        ([NO_POP, CALL], ""),
        ([NO_POP, "does not import: E"], ""),
        (["does not import: E", "does not import: E"], ""),
        ([], ""),
    ],
)
def test_what_no_stage_has(reasons: list[str], said: str) -> None:
    """It is said if every one of several stages lacks the same at the same line; in a run, and of those that a search has tested."""
    assert lacked_by_all([stage(index, reason) for index, reason in enumerate(reasons)]) == [said] * bool(said)
    search = PairSearch(("a", "k"), ClauseSearch(BINARY, 9), dict(enumerate(map(result, reasons))))
    assert lacked_in_search([search]) == said


def test_a_stage_may_lack_it_before_any_program() -> None:
    """What `lacks` asks for is a reason why the stage does not load; then there are no results."""
    stages = [StageResult(0, "", ""), stage(1, NO_POP)]
    assert lacked_by_all(stages, {0: NO_POP}) == [NO_STAGE]
    assert lacked_by_all(stages, {}) == []


def test_of_what_some_tests_ask_for_each_thing_is_said_by_itself() -> None:
    """Other clauses may have verdicts, and other things may be lacking in some of the stages only."""
    stages = []
    for index, reasons in enumerate(((NO_POP, CALL, ""), ("", CALL, NEARLY))):
        kinds = [result(reason) for reason in reasons]
        lacking = [replace(each, failure=each.failure and replace(each.failure, lacking=True)) for each in kinds]
        stages.append(
            StageResult(index, "", "", {name: ClauseResult(name, {"k": each}) for name, each in zip("abc", lacking, strict=True)})
        )
    (call,) = lacked_by_all([stage(0, CALL), stage(1, CALL)])
    assert lacked_by_all(stages) == [NO_STAGE, call]
    assert lacked_by_all([*stages, stage(2, CALL)]) == [call]
