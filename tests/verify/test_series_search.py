"""A search of a series accuses a patch only where the stages show that it broke the clause, and tests few of them for that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.verify.series_search import (
    BINARY,
    BROKEN_BEFORE,
    CULPRIT,
    INCONSISTENT,
    KEPT,
    LINEAR,
    NO_END,
    SUSPECTS,
    UNCONFIRMED,
    Answer,
    Change,
    ClauseSearch,
    changes_of,
)
from harness.verify.verdicts import ERROR, FAIL, PASS

VERDICTS = (PASS, FAIL, ERROR)
MOST = 9
LETTERS = {"k": PASS, "v": FAIL, "?": ERROR}

searches = st.sampled_from([BINARY, LINEAR])
series = st.lists(st.sampled_from(VERDICTS), min_size=2, max_size=MOST)
between = st.lists(st.sampled_from(VERDICTS), max_size=300)


def searched(how: str, verdicts: Sequence[str], again: Callable[[int], str] | None = None) -> ClauseSearch:
    """Search stages with these verdicts; `again` has those of a second test, if they are others."""
    search = ClauseSearch(how, len(verdicts))
    while wanted := search.wanted():
        assert not set(wanted) & search.known.keys()
        search.known |= {stage: verdicts[stage] for stage in wanted}
    search.again = {stage: (again or verdicts.__getitem__)(stage) for stage in search.to_confirm()}
    return search


def stages(text: str) -> list[str]:
    """Verdicts in short: k, v and ? for kept, violated and none."""
    return [LETTERS[letter] for letter in text]


def require_true(how: str, answer: Answer, verdicts: Sequence[str]) -> None:
    """See that the answer is what the verdicts of all stages say, as far as such a search can know them."""
    every = changes_of(dict(enumerate(verdicts)))
    ends = verdicts[0], verdicts[-1]
    if answer.outcome in (CULPRIT, SUSPECTS):
        first, last = answer.suspects[0], answer.suspects[-1]
        assert (verdicts[first - 1], verdicts[last]) == (PASS, FAIL)
        assert set(verdicts[first:last]) <= {ERROR}
        assert (answer.outcome == CULPRIT) == (first == last)
        assert answer.changes[0] in every
        assert how == BINARY or len(every) == 1
    elif answer.outcome == INCONSISTENT:
        assert how == LINEAR
        assert answer.changes == every
        assert len(every) > 1
    else:
        assert answer.suspects == ()
        assert answer.outcome == (NO_END if ERROR in ends else BROKEN_BEFORE if ends[0] == FAIL else KEPT)
        assert ends != (PASS, FAIL)


def test_every_short_series_has_a_true_answer() -> None:
    """Whatever the stages do, up to seven of them: a change that is there, all that may have made it, all changes, or why none is named."""
    for length in range(2, 8):
        for verdicts in product(VERDICTS, repeat=length):
            for how in (BINARY, LINEAR):
                require_true(how, searched(how, verdicts).answer(), verdicts)


@given(searches, series)
def test_longer_ones_have_as_well(how: str, verdicts: list[str]) -> None:
    """Up to nine stages, by example."""
    require_true(how, searched(how, verdicts).answer(), verdicts)


@pytest.mark.parametrize(
    ("how", "text", "wrong"),
    [
        (BINARY, "kkvv", Answer(CULPRIT, (Change(0, 1, True),))),
        (BINARY, "kkvv", Answer(CULPRIT, (Change(2, 3, True),))),
        (BINARY, "k?vv", Answer(CULPRIT, (Change(1, 2, True),))),
        (BINARY, "k?vv", Answer(SUSPECTS, (Change(0, 3, True),))),
        (LINEAR, "kvkv", Answer(CULPRIT, (Change(0, 1, True),))),
        (LINEAR, "kvkv", Answer(INCONSISTENT, (Change(0, 1, True), Change(2, 3, True)))),
        (BINARY, "kvk", Answer(BROKEN_BEFORE)),
        (BINARY, "kkvv", Answer(KEPT)),
    ],
)
def test_an_answer_that_is_not_true_is_noticed(how: str, text: str, wrong: Answer) -> None:
    """An innocent patch, a set that is too large, a change that is left out: what the tests above look for would be seen."""
    with pytest.raises(AssertionError):
        require_true(how, wrong, stages(text))


@given(between)
def test_a_binary_search_tests_few_stages(verdicts: list[str]) -> None:
    """Both ends, and then each verdict rules out half of those that are left; one that has none costs a test."""
    search = searched(BINARY, [PASS, *verdicts, FAIL])
    without = list(search.known.values()).count(ERROR)
    assert len(search.known) <= 2 + len(verdicts).bit_length() + without


@pytest.mark.parametrize(("length", "most"), [(2, 2), (3, 3), (10, 6), (1000, 12)])
def test_how_few_that_are(length: int, most: int) -> None:
    """In figures: of a thousand stages no more than twelve, wherever the culprit is."""
    places = range(1, length)
    tested = [len(searched(BINARY, [PASS] * place + [FAIL] * (length - place)).known) for place in places]
    assert max(tested) == most


@pytest.mark.parametrize(
    ("how", "text", "outcome", "suspects"),
    [
        (BINARY, "kkkvv", CULPRIT, (3,)),
        (BINARY, "kk??v", SUSPECTS, (2, 3, 4)),
        (LINEAR, "kk?vv", SUSPECTS, (2, 3)),
        (LINEAR, "kvvkv", INCONSISTENT, ()),
        (LINEAR, "kvvkk", KEPT, ()),
        (BINARY, "vkkkv", BROKEN_BEFORE, ()),
        (BINARY, "kvvv?", NO_END, ()),
        (BINARY, "?vvvv", NO_END, ()),
    ],
)
def test_what_a_search_comes_to(how: str, text: str, outcome: str, suspects: tuple[int, ...]) -> None:
    """One patch, several ones, or nobody; between ends that do not differ nothing is tested."""
    search = searched(how, stages(text))
    assert (search.answer().outcome, search.answer().suspects) == (outcome, suspects)
    assert outcome not in (KEPT, BROKEN_BEFORE, NO_END) or list(search.known) == [0, search.tip]


@pytest.mark.parametrize(
    ("again", "outcome"),
    [
        ("kkvv", CULPRIT),
        ("kkkv", INCONSISTENT),
        ("kvvv", INCONSISTENT),
        ("kvkv", INCONSISTENT),
        ("k?vv", UNCONFIRMED),
        ("kk?v", UNCONFIRMED),
        ("k??v", UNCONFIRMED),
    ],
)
@pytest.mark.parametrize("how", [BINARY, LINEAR])
def test_nobody_is_accused_whose_verdict_does_not_come_again(how: str, again: str, outcome: str) -> None:
    """Neither a patch whose stage keeps the clause then, nor one whose parent violates it, or where either has no verdict."""
    answer = searched(how, stages("kkvv"), stages(again).__getitem__).answer()
    assert answer.outcome == outcome
    assert bool(answer.suspects) == (outcome == CULPRIT)


def test_nobody_is_accused_before_the_second_test() -> None:
    """What has been seen once does not do."""
    search = searched(BINARY, stages("kkvv"))
    assert search.to_confirm() == (1, 2)
    search.again = {}
    assert search.answer().outcome == UNCONFIRMED
    assert search.answer().suspects == ()


def test_all_changes_that_were_seen_count() -> None:
    """Also for a binary search that has been told more than it asked for: it accuses nobody then, and asks no further."""
    search = ClauseSearch(BINARY, 9, known=dict(enumerate(stages("kvkkkkkkv"))))
    assert (search.wanted(), search.to_confirm()) == ([], ())
    assert search.answer() == Answer(INCONSISTENT, (Change(0, 1, True), Change(1, 2, False), Change(7, 8, True)))
