"""Searches for several clauses go on side by side: each is asked only what it wants to know, and what accuses somebody is tested anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from harness.jobs.executor import Outcome, Task
from harness.jobs.standing import Standing
from harness.sources.shipped import targets_of_series
from harness.sources.target import Target
from harness.verify.checking import Budget
from harness.verify.deepening import Effort
from harness.verify.run_stages import Verification
from harness.verify.search_rounds import Judge, Results, Want, search_series
from harness.verify.series_search import BINARY, CULPRIT, INCONSISTENT, KEPT, LINEAR, UNCONFIRMED, Answer, Change
from harness.verify.verdicts import ERROR, FAIL, PASS, KindResult
from stages import FIXED

LETTERS = {"k": PASS, "v": FAIL, "?": ERROR}
SMALL = Verification((), Budget(timed_seeds=1, effort=Effort(executions=50, preemptions=0)))


def no_progress(standing: Standing) -> None:
    """Nobody looks."""


@dataclass(frozen=True)
class Oracle(Judge):
    """Knows the verdicts of all stages, by clause; of a second test, what `second` has, if it has any."""

    first: dict[str, str] = field(default_factory=dict)
    second: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[bool, list[Want]]] = field(default_factory=list)

    def results(self, wants: Sequence[Want], *, afresh: bool = False) -> Results:
        """What is known of each."""
        self.asked.append((afresh, list(wants)))
        found = {**self.first, **(self.second if afresh else {})}
        return {(stage, pair): KindResult(*pair, LETTERS[found[pair[0]][stage]], executions=1) for stage, pair in wants}


def oracle(first: dict[str, str], second: dict[str, str] | None = None) -> Oracle:
    """One for as many stages as the verdicts have letters."""
    targets = [Target(index, str(index), "m", "m.py") for index in range(len(next(iter(first.values()))))]
    return Oracle(targets, SMALL, 1, no_progress, first=first, second=second or {})


def test_each_clause_is_asked_what_it_wants() -> None:
    """A stage that was tested for one is not tested for another, and a clause that both ends keep is not searched."""
    judge = oracle({"a": "kkkkkvvvv", "b": "kvvvvvvvv", "c": "kvkkkkkkk"})
    a, b, c = search_series(judge, [("a", "x"), ("b", "x"), ("c", "x")], BINARY)
    assert [each.answer.outcome for each in (a, b, c)] == [CULPRIT, CULPRIT, KEPT]
    assert [each.answer.suspects for each in (a, b, c)] == [(5,), (1,), ()]
    assert [list(each.results) for each in (a, b, c)] == [[0, 8, 4, 6, 5], [0, 8, 4, 2, 1], [0, 8]]
    assert judge.asked[-1] == (True, [(4, ("a", "x")), (5, ("a", "x")), (0, ("b", "x")), (1, ("b", "x"))])
    assert [afresh for afresh, _ in judge.asked].count(True) == 1


def test_a_linear_search_sees_every_change() -> None:
    """It accuses nobody then, and has nothing to confirm."""
    judge = oracle({"a": "kvkv"})
    (found,) = search_series(judge, [("a", "x")], LINEAR)
    assert found.answer == Answer(INCONSISTENT, (Change(0, 1, True), Change(1, 2, False), Change(2, 3, True)))
    assert not any(afresh for afresh, _ in judge.asked)


@pytest.mark.parametrize(("second", "outcome"), [("kkvv", CULPRIT), ("kvvv", INCONSISTENT), ("kkkk", INCONSISTENT), ("kk?v", UNCONFIRMED)])
def test_the_second_test_decides(second: str, outcome: str) -> None:
    """Where it says something else than the first one, nobody is accused."""
    (found,) = search_series(oracle({"a": "kkvv"}, {"a": second}), [("a", "x")], BINARY)
    assert found.answer.outcome == outcome


def test_what_is_accepted_is_as_good_as_kept() -> None:
    """The patch that breaks more than that is the culprit, and a tip with nothing else is kept."""
    judge = oracle({"a": "kvvvv", "b": "kvvvv"})
    a, b = search_series(judge, [("a", "x"), ("b", "x")], BINARY, lambda stage, result: stage < 3 or result.clause == "b")
    assert (a.answer.outcome, a.answer.suspects, b.answer.outcome) == (CULPRIT, (3,), KEPT)


class Recorder:
    """A cache that knows nothing, and notes that it was asked."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def known(self, task: Task) -> Outcome | None:
        """Nothing."""
        self.parts.append(task.arguments[0].part)
        return None

    def keep(self, task: Task, outcome: Outcome) -> None:
        """Forget it."""


def test_a_clause_is_judged_by_its_own_tests() -> None:
    """Whatever else a round tests of the stage; and a test from scratch asks no cache."""
    cache = Recorder()
    judge = Judge(targets_of_series(FIXED), SMALL, 1, no_progress, cache)
    want, others = (5, ("before-init", "softirq")), [(0, ("before-init", "softirq")), (5, ("static-declaration", "vcpu"))]
    alone = judge.results([want], afresh=True)
    assert cache.parts == []
    together = judge.results([others[0], want, others[1]])
    assert set(together) == {want, *others}
    assert together[want] == alone[want]
    assert alone[want].verdict == PASS
    assert sorted(part for part in cache.parts if part != "load") == ["before-init", "before-init", "static-declaration"]
