"""What litmus files amount to under each memory model: verdicts, counts, witnesses, races."""

from __future__ import annotations

import pytest

from harness.explored.models import ARM, ENGINES, PSO, SC, TSO
from harness.litmus.files.litmus_error import LitmusError
from harness.litmus.files.not_covered import Gap
from harness.litmus.files.outcomes import ALWAYS, NEVER, NOT_COVERED, SOMETIMES, UNDECIDED, FileOutcome, judge_file
from harness.litmus.files.syntax import Address
from harness.litmus.published_counts import published
from tests.litmus.litmus_files import FILES, file_called, one_process

MANY = 10_000
# Under sc, tso and pso: always, sometimes, never; a star where that is what the file asks for.
EXPECTED = {
    "SB": "N S* S*",
    "SB+mbs": "N* N* N*",
    "SB+xchgs": "N* N* N*",
    "SB+storembs": "A* A* A*",
    "SB+atomics": "N* N* N*",
    "MP": "N N S*",
    "MP+wmb": "N N N",
    "MP+wmb+rmb": "N* N* N*",
    "MP+rel+acq": "N* N* N*",
    "MP+plain": "N* N* S",
    "MP+pointer": "A* A* A*",
    "MP+locks": "A* A* A*",
    "LB": "N N N",
    "S": "N N S*",
    "R": "N S* S*",
    "2+2W": "N N S*",
    "2+2W+wmbs": "N* N* N*",
    "WRC": "N N N",
    "WRC+rel+acq": "N N N",
    "ISA2+rel+acq": "N N N",
    "IRIW": "N N N",
    "CoRR": "N* N* N*",
    "n6": "N S* S*",
    "inc": "S S S",
    "plain-inc": "S* S* S*",
    "atomic-inc": "S* S* S*",
    "cmpxchg": "A* A* A*",
    "xchg_relaxed": "N N N",
    "branches": "A* A* A*",
    "deadlock": "S* S* S*",
    "unless": "A* A* A*",
    "trylock": "N* N* N*",
    "trylock+held": "A* A* A*",
    "MP+trylock": "N N N",
}
LETTERS = {ALWAYS: "A", SOMETIMES: "S", NEVER: "N"}
# Files that are programs with a published number of executions.
PROGRAMS = {
    **{
        name: name
        for name in ("SB", "SB+mbs", "SB+xchgs", "MP", "MP+wmb", "LB", "S", "R", "2+2W", "2+2W+wmbs", "WRC", "IRIW", "CoRR", "n6")
    },
    "MP+wmb+rmb": "MP wmb/rmb",
    "MP+rel+acq": "MP rel/acq",
    "WRC+rel+acq": "WRC rel/acq",
    "ISA2+rel+acq": "ISA2 rel/acq",
    "inc": "inc(2)",
}


def judged(name: str, model: str) -> FileOutcome:
    """What a file amounts to."""
    return judge_file(file_called(name), model, MANY)


@pytest.mark.parametrize("name", FILES)
def test_verdicts(name: str) -> None:
    """Of every file under every model that has store buffers or needs none; no run is in vain."""
    outcomes = [judged(name, model) for model in (SC, TSO, PSO)]
    assert " ".join(f"{LETTERS[found.verdict]}{'*' * bool(found.validated)}" for found in outcomes) == EXPECTED[name]
    assert [found.blocked for found in outcomes] == [0, 0, 0]


@pytest.mark.parametrize("model", ENGINES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_as_many_executions_as_are_published(name: str, model: str) -> None:
    """Whether a program is written in Python or in C."""
    wanted = published(PROGRAMS[name], None, model)
    found = judged(name, model)
    assert found.blocked == 0
    assert wanted in (None, found.executions)


def test_who_finds_a_lock_taken_need_not_see_what_came_before() -> None:
    """Under arm, and only there; that a lock is tried is a row that says what was found."""
    found = judged("MP+trylock", ARM)
    assert found.verdict == SOMETIMES
    assert found.witness is not None
    assert any(row.text == "try lock s = held, MP+trylock.litmus:17 (P1)" for row in found.witness.rows)


def test_final_states_are_counted_in_order() -> None:
    """Each with what satisfies the condition."""
    states = [(dict(each.state), each.executions, each.satisfies) for each in judged("SB", TSO).states]
    assert states == [
        ({"0:r0": 0, "1:r0": 0}, 1, True),
        ({"0:r0": 0, "1:r0": 1}, 1, False),
        ({"0:r0": 1, "1:r0": 0}, 1, False),
        ({"0:r0": 1, "1:r0": 1}, 1, False),
    ]


def test_an_address_is_a_final_value() -> None:
    """It comes behind numbers, and is shown as C does."""
    (state,) = one_state("*p = x; r0 = 1;", "locations [p] exists (0:r0=1)")
    assert state == {"0:r0": 1, "p": Address("x")}


def one_state(body: str, condition: str, initial: str = "{}") -> list[dict[str, object]]:
    """The final states of one process."""
    return [dict(each.state) for each in judge_file(one_process(body, condition, initial), SC, MANY).states]


def test_the_witness_has_the_lines_of_the_file() -> None:
    """Where a store was made is the place of its arrival."""
    witness = judged("SB", TSO).witness
    assert witness is not None
    assert sorted(row.text for row in witness.rows) == [
        "arrival of write x: 0 → 1, SB.litmus:11 (P0)",
        "arrival of write y: 0 → 1, SB.litmus:19 (P1)",
        "read x = 0; has not seen P0's 1 of SB.litmus:11 (P0), in its store buffer, SB.litmus:20 (P1)",
        "read y = 0; has not seen P1's 1 of SB.litmus:19 (P1), in its store buffer, SB.litmus:12 (P0)",
    ]
    assert witness.reason == "the final state satisfies (0:r0=0 /\\ 1:r0=0)"


def test_a_witness_against_what_is_to_hold_for_all() -> None:
    """It violates the condition; where there is none, there is no witness."""
    witness = judged("inc", SC).witness
    assert witness is not None
    assert witness.reason == "the final state violates (x=3)"
    assert judged("branches", SC).witness is None


def test_data_races_are_told_beside_the_verdict() -> None:
    """Plain accesses that nothing orders; under PSO a flag without a barrier orders nothing, and marked accesses never race."""
    assert judged("plain-inc", SC).race == (
        "P0 at plain-inc.litmus:7 (P0) (store of x) and P1 at plain-inc.litmus:12 (P1) (load of x) are not ordered"
    )
    assert [bool(judged("MP+plain", model).race) for model in (SC, TSO, PSO)] == [False, False, True]
    assert judged("inc", PSO).race == ""


def test_executions_without_an_end() -> None:
    """Deadlocks are counted apart, and are no final states."""
    found = judged("deadlock", TSO)
    assert (found.executions, found.stuck, found.positive, found.negative, found.reached) == (3, 1, 1, 1, "")
    assert found.why_stuck.startswith("deadlock: P0 waits for b, held by P1")


def test_a_search_that_is_cut_off() -> None:
    """It knows no more than what it has seen."""
    found = judge_file(file_called("IRIW"), SC, 3)
    assert (found.verdict, found.validated, found.reached) == (UNDECIDED, None, "3 executions")
    found = judge_file(file_called("inc"), SC, 3)
    assert (found.verdict, found.validated) == (SOMETIMES, False)


def test_a_search_that_ends_at_its_limit_is_whole() -> None:
    """Nothing was left to do, also where some executions are deadlocks."""
    assert [judge_file(file_called(name), SC, 3).reached for name in ("SB", "deadlock")] == ["", ""]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("*x = *r0;", "P0 uses 0 as an address"),
        ("r0 = READ_ONCE(*s);", "P0 uses the lock s as a number"),
        ("spin_lock(x);", "P0 uses &x as a lock"),
        ("spin_unlock(s);", "P0 releases s, which it does not hold"),
        ("r0 = x + 1;", "P0 calculates with the address &x"),
        ("*a = x; atomic_inc(a);", "P0 calculates with the address &x"),
    ],
)
def test_values_that_make_no_sense(body: str, message: str) -> None:
    """Only an execution finds them, and names the line."""
    with pytest.raises(LitmusError) as caught:
        judge_file(one_process(f"\n{body}"), TSO, MANY)
    assert (str(caught.value), caught.value.line) == (message, 5)


def test_numbers_have_64_bits() -> None:
    """Larger ones begin again from below."""
    body = "r0 = 9223372036854775807; r0 = r0 + 1; r1 = -r0 - 1;"
    assert one_state(body, "exists (0:r0=0 /\\ 0:r1=0)") == [{"0:r0": -(2**63), "0:r1": 2**63 - 1}]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3 - -4", 11),
        ("(1 | 6) & ~2 ^ 1", 4),
        ("!0 + !5 + !x", 1),
        ("3 > 2 && 2 >= 2 && 1 < 2 && 2 <= 2 && 1 != 2", 1),
        ("0 || x", 1),
        ("x == &*x", 1),
        ("x == y", 0),
        ("0 && *r1", 0),
        ("1 || *r1", 1),
        ("5 == 5 == 1", 1),
        ("+7", 7),
    ],
)
def test_expressions(expression: str, value: int) -> None:
    """As in C; what is not evaluated does no harm."""
    assert one_state(f"r0 = {expression};", "exists (0:r0=0)") == [{"0:r0": value}]


@pytest.mark.parametrize(
    ("call", "value", "left"),
    [
        ("xchg(a, 7)", 5, 7),
        ("atomic_xchg_relaxed(a, 7)", 5, 7),
        ("cmpxchg(a, 5, 7)", 5, 7),
        ("cmpxchg_relaxed(a, 4, 7)", 5, 5),
        ("cmpxchg_relaxed(a, 5, 7)", 5, 7),
        ("atomic_cmpxchg_acquire(a, 4, 7)", 5, 5),
        ("atomic_add_return(2, a)", 7, 7),
        ("atomic_sub_return_release(2, a)", 3, 3),
        ("atomic_inc_return_relaxed(a)", 6, 6),
        ("atomic_dec_return(a)", 4, 4),
        ("atomic_fetch_add(2, a)", 5, 7),
        ("atomic_fetch_or(2, a)", 5, 7),
        ("atomic_fetch_and_acquire(4, a)", 5, 4),
        ("atomic_fetch_xor(1, a)", 5, 4),
        ("atomic_fetch_andnot(1, a)", 5, 4),
        ("atomic_fetch_dec(a)", 5, 4),
        ("atomic_sub_and_test(5, a)", 1, 0),
        ("atomic_dec_and_test(a)", 0, 4),
        ("atomic_inc_and_test(a)", 0, 6),
        ("atomic_add_negative(-6, a)", 1, -1),
        ("atomic_add_unless(a, 2, 5)", 0, 5),
        ("atomic_add_unless(a, 2, 4)", 1, 7),
        ("atomic_inc_not_zero(a)", 1, 6),
        ("atomic_read_acquire(a)", 5, 5),
        ("atomic_read(a)", 5, 5),
    ],
)
def test_atomic_operations(call: str, value: int, left: int) -> None:
    """What each returns, and what it leaves."""
    assert one_state(f"r0 = {call};", "exists (0:r0=0 /\\ a=0)", "{ a=5; }") == [{"0:r0": value, "a": left}]


@pytest.mark.parametrize(
    ("call", "left"),
    [
        ("atomic_set(a, 7)", 7),
        ("atomic_set_release(a, 7)", 7),
        ("atomic_inc(a)", 6),
        ("atomic_dec(a)", 4),
        ("atomic_add(2, a)", 7),
        ("atomic_sub(2, a)", 3),
        ("atomic_or(2, a)", 7),
        ("atomic_and(4, a)", 4),
        ("atomic_xor(1, a)", 4),
        ("atomic_andnot(1, a)", 4),
        ("smp_store_mb(*a, 7)", 7),
    ],
)
def test_atomic_operations_without_a_value(call: str, left: int) -> None:
    """What each leaves."""
    assert one_state(f"{call};", "exists (a=0)", "{ a=5; }") == [{"a": left}]


def test_what_a_model_orders_more_than_is_asked_for() -> None:
    """Atomic operations that are no barriers drain a store buffer; without any, everything is ordered anyway."""
    assert judged("xchg_relaxed", SC).stronger == ()
    assert judged("xchg_relaxed", TSO).stronger == ("xchg_relaxed (line 10)", "xchg_release (line 19)")
    assert judged("MP+locks", PSO).stronger == ("spin_lock (lines 6, 17)",)
    assert judged("SB+xchgs", TSO).stronger == ()


@pytest.mark.parametrize("call", ["cmpxchg(x, 9, 1)", "atomic_add_unless(a, 1, 0)"])
def test_what_fails_is_asked_for_no_order(call: str) -> None:
    """An operation that may fail is a full barrier also where it does: that is told under each model in which anything is late."""
    for model in (TSO, ARM):
        (told,) = judge_file(one_process(f"r0 = {call};"), model, MANY).stronger
        assert told == f"{call.partition('(')[0]} (line 4)"
    assert judge_file(one_process(f"r0 = {call};"), SC, MANY).stronger == ()


HIDES = Gap("what it does not show", lambda shape: True)
INVENTS = Gap("what it does not forbid", lambda shape: True, hides=False)
ELSEWHERE = Gap("what does not matter here", lambda shape: False)


@pytest.mark.parametrize(
    ("name", "gap", "verdict", "validated"),
    [
        ("LB", HIDES, NOT_COVERED, None),
        ("CoRR", HIDES, NOT_COVERED, None),
        ("cmpxchg", HIDES, NOT_COVERED, None),
        ("SB", HIDES, SOMETIMES, True),
        ("inc", HIDES, SOMETIMES, False),
        ("SB", INVENTS, NOT_COVERED, None),
        ("inc", INVENTS, NOT_COVERED, None),
        ("LB", INVENTS, NEVER, False),
        ("cmpxchg", INVENTS, ALWAYS, True),
        ("LB", ELSEWHERE, NEVER, False),
    ],
)
def test_what_a_model_does_not_cover(name: str, gap: Gap, verdict: str, validated: bool | None) -> None:
    """One that may hide an execution never says never, nor always; one that may have too many does not say sometimes."""
    found = judge_file(file_called(name), TSO, MANY, {TSO: (gap,)})
    assert (found.verdict, found.validated) == (verdict, validated)
    assert judge_file(file_called(name), TSO, MANY, {PSO: (gap,)}).verdict in LETTERS
