"""Reads that have missed a store in a buffer: what is said of them is what the rows have, and nothing is left out."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from harness.explored.models import ENGINES, PSO, TSO
from harness.litmus.weak_programs import Op, r, w, xchg
from harness.machine.engine import FENCE, READ, RMW
from harness.report.explanation import explanation
from harness.report.shown_rows import causes
from harness.report.unseen_stores import first_misses, unseen_store
from harness.search.counterexample import Counterexample, CounterexampleRow, Heading, counterexample
from harness.search.strategies.random_walks import RandomWalk
from tests.verify.small_programs import STEPS, SmallProgram

HEADING = Heading("a stage", "clause", "It holds.", "program", "It runs.", "", "memory model")
Threads = list[list[Op]]
SB: Threads = [[w("x"), r("y")], [w("y"), r("x")]]
MP: Threads = [[w("x"), w("y")], [r("y"), r("x")]]


def written_down(model: str, threads: Threads, schedule: list[int]) -> Counterexample:
    """An execution of a small program."""
    found = counterexample(SmallProgram(model, threads).execute, schedule, STEPS, ENGINES[model])
    return replace(found, heading=HEADING)


def failing(model: str, threads: Threads, final: object) -> Counterexample:
    """The execution of a small program that ends in a certain state."""
    program = SmallProgram(model, threads, {final})  # type: ignore[arg-type]
    return written_down(model, threads, list(program.search().schedule))


def said(found: Counterexample) -> list[str]:
    """What is said of all rows."""
    return [words for at in range(len(found.rows)) if (words := unseen_store(found.rows, at, dict(found.columns)))]


@pytest.mark.parametrize("model", [TSO, PSO])
def test_store_buffering_lacks_a_full_barrier(model: str) -> None:
    """Each of the two reads misses the write of the other thread, which has gone on to read before its write was seen."""
    first, second = said(written_down(model, SB, [0, 1]))
    assert re.fullmatch(
        r"Row 0 does not see P1's write to y \(1\), at small_programs.py:\d+ \(body\), which is in P1's store buffer until row \d: "
        r"between its write of y and its read of x in row 1, P1 has no full barrier \(smp_mb\)\.",
        first,
    )
    assert "Row 1 does not see P0's write to x (1)" in second
    assert "between its write of x and its read of y in row 0, P0 has no full barrier (smp_mb)." in second


def test_a_barrier_that_is_not_enough_is_not_named_alone() -> None:
    """The reader's own write comes even after its read: with the writer's barrier only, the program still fails."""
    threads = [[w("x"), r("y")], [r("z"), w("y"), r("x")]]
    (words,) = said(written_down(TSO, threads, [0, 1, 1]))
    assert words.endswith("P0 has no full barrier (smp_mb); nor has P1 between its write of y and row 2.")
    program = SmallProgram(TSO, threads, {(((0,), (0, 0)), (1, 1, 0))})
    assert program.fails_with([(1, "smp_mb")])
    assert not program.fails_with([(1, "smp_mb"), (12, "smp_mb")])
    (words,) = said(written_down(TSO, [threads[0], [r("z"), xchg("y"), r("x")]], [0, 1, 1, 1]))
    assert words.endswith("P0 has no full barrier (smp_mb).")


def test_both_are_named_where_both_lack_a_barrier() -> None:
    """Also if the reader's write has come in time, as it need not have; and if the other one's read has missed it before."""
    threads = [[w("x"), r("y")], [r("z"), w("y"), r("x")]]
    early = [0, 1, 3, 1]
    found = written_down(TSO, threads, early)
    assert [row.what for row in found.rows[2:4]] == ["y", "x"]
    assert said(found)[0].endswith("P0 has no full barrier (smp_mb); nor has P1 between its write of y and row 3.")
    found = written_down(TSO, [[w("x"), r("y"), r("y")], [r("x"), w("y"), r("x")]], [1, 1, 0, 0])
    assert said(found)[2].endswith("P1 has no full barrier (smp_mb); nor has P0 between its write of x and row 2.")


@pytest.mark.parametrize("stored", [2, 0])
def test_who_reads_its_own_store_back_lacks_no_barrier_before_that(stored: int) -> None:
    """What it reads is no older for that, also if memory has the same value: with full barriers in both, the program still ends so."""
    threads = [[w("y"), w("x", stored), r("x")], [w("x"), r("y")]]
    found = written_down(TSO, threads, [1, 0, 3, 2, 2])
    assert [row.what for row in found.rows] == ["y", "x", "x", "y", "x"]
    assert found.rows[1].value == str(stored)
    assert "barrier" not in said(found)[0]
    assert SmallProgram(TSO, threads, {(((stored,), (0,)), (stored, 1))}).fails_with([(2, "smp_mb"), (11, "smp_mb")])
    if stored:
        # Where nothing shows that the store arrives, the value does.
        assert "barrier" not in unseen_store(found.rows[:3], 0, dict(found.columns))


def test_message_passing_lacks_a_write_barrier() -> None:
    """The flag is seen before the data: under partial store order, stores overtake each other."""
    (words,) = said(failing(PSO, MP, (((), (1, 0)), (1, 1))))
    assert words.startswith("Row 2 does not see P0's write to x (1), at ")
    assert "its later one to y is there from row 0 on: between the two, P0 has no barrier (smp_wmb, a release)." in words


def test_no_barrier_is_named_that_would_have_ordered_nothing() -> None:
    """A store that is merely late is told of as that; and so is one that its CPU has read back itself."""
    (words,) = said(failing(TSO, [[w("x")], [r("x"), w("z")]], (((), (0,)), (1, 1))))
    assert words.startswith("Row 0 does not see P0's write to x (1), at ")
    assert "barrier" not in words
    _, words = said(written_down(TSO, [[w("x"), r("x")], [xchg("x", 3), r("x")]], [0, 1, 1]))
    assert "Row 2 does not see P0's write to x (1)" in words
    assert "barrier" not in words


def test_how_many_more_were_missed() -> None:
    """Whoever has made them; one that would have changed nothing is none. A store that has been seen is not missed again."""
    (words,) = said(written_down(PSO, [[w("x"), w("x", 2), r("y")], [w("x", 3), w("x", 0), r("z")], [r("x")]], [0, 1, 2]))
    assert words.startswith("Row 2 does not see P0's write to x (1), at ")
    assert words.endswith("P0's store buffer until row 3. Nor does row 2 see 2 more writes to x, also in a store buffer.")
    found = written_down(TSO, [[w("x"), w("x", 2), r("y")], [r("x"), r("x")]], [0, 1, 2, 1])
    assert found.rows[2].arrives
    first, second = said(found)
    assert first.endswith("until row 2. Nor does row 1 see 1 more write to x, also in a store buffer.")
    assert second.startswith("Row 3 does not see P0's write to x (2), at ")
    assert "Nor does" not in second


def test_the_star_stands_on_the_read() -> None:
    """Not on what the CPU goes on with whose store is late; an arrival that comes late is no cause."""
    found = failing(TSO, [[w("x"), r("y")], [xchg("y"), r("x")]], (((0,), (0, 0)), (1, 1)))
    stars = causes(found.rows)
    (read,) = first_misses(found.rows)
    assert found.rows[0].deviation
    assert 0 not in stars
    assert read in stars


WRITES = (w("x"), w("x", 2), w("y"), w("y", 2))
OPS = (*WRITES, r("x"), r("y"), r("x"), r("y"), xchg("x", 3), xchg("y", 3))
SAID = re.compile(
    r"Row (?P<at>\d+) does not see (?P<of>\w+)'s write to (?P<what>\w+) \((?P<value>\w+)\), at (?P<place>.+? \(body\)), "
    r"which is in (?P=of)'s store buffer "
    r"(?:until row (?P<row>\d+)|to the end)"
    r"(?:: between its write of (?P<written>\w+) and its read of (?P<read>\w+) in row (?P<barrier>\d+), (?P=of) has no full barrier"
    r" \(smp_mb\)(?:; nor has (?P<reader>\w+) between its write of (?P=read) and row (?P=at))?"
    r"|, and its later one to (?P<later>\w+) is there from row (?P<seen>\d+) on: between the two, (?P=of) has no barrier"
    r" \(smp_wmb, a release\))?\."
    r"(?: Nor does row (?P=at) see (?P<more>\d+) more writes? to (?P=what), also in a store buffer\.)?"
)


def missed(found: Counterexample) -> set[int]:
    """Which reads have found what was there before a store that another process had made already: from the arrivals alone.

    Who reads what it has stored itself has missed nothing.
    """
    names = dict(found.columns)
    reads = set()
    for at, row in enumerate(found.rows):
        later = [other.arrives for other in found.rows[at + 1 :] if other.arrives and other.what == row.what and other.arrives.made <= at]
        own = any(store.of == names[row.pid] for store in later)
        if row.kind in (READ, RMW) and not own and any(store.value != row.value.partition(" → ")[0] for store in later):
            reads.add(at)
    return reads


def number_missed(found: Counterexample, at: int) -> int:
    """How many stores a read has missed, from the arrivals alone: those that would have changed what it finds."""
    row = found.rows[at]
    later = [other.arrives for other in found.rows[at + 1 :] if other.arrives and other.what == row.what and other.arrives.made <= at]
    return sum(store.value != row.value.partition(" → ")[0] for store in later)


def is_one_memory(found: Counterexample) -> bool:
    """Whether each change finds what the one before it has left, and a store that arrives leaves what was stored."""
    memory: dict[str, str] = {}
    for row in found.rows:
        before, arrow, after = row.value.partition(" → ")
        if (row.arrives or row.kind == RMW) and (memory.get(row.what, "0") != before or (row.arrives and row.arrives.value != after)):
            return False
        if arrow:
            memory[row.what] = after
    return True


def writes_it(rows: Sequence[CounterexampleRow], at: int, read: int, names: Mapping[int, str]) -> bool:
    """Whether who reads in row `at` has written, before that in its program, what is read in row `read`, and that was there only later."""
    own, pid = names[rows[at].pid], rows[at].pid
    atomic = any(row.pid == pid and row.kind == RMW and row.what == rows[read].what for row in rows[read:at])
    stores = [row.arrives for row in rows[read:] if row.what == rows[read].what and row.arrives is not None]
    return atomic or any(store.of == own and store.made <= at for store in stores)


def is_stored(row: CounterexampleRow, of: str, what: str, at: int) -> bool:
    """Whether a store of that process to that word arrives there, which it has made before row `at`."""
    return row.what == what and row.arrives is not None and row.arrives.of == of and row.arrives.made <= at


@pytest.mark.parametrize("model", [TSO, PSO])
def test_what_is_said_is_what_the_rows_have(model: str) -> None:
    """Of random programs and schedules: who wrote what and where it arrives, who read what in between, and that nothing has waited."""
    rng = random.Random(model)
    barriers = overtaken = neither = several = 0
    for _ in range(250):
        second = [r("y"), w("y"), r("x")] if rng.random() < 0.2 else [rng.choice(WRITES), *rng.choices(OPS, k=2)]
        threads = [[w("x"), rng.choice((w("y"), r("y")))], second, [r("y"), r("x")]]
        engine = ENGINES[model](RandomWalk(rng), STEPS)
        SmallProgram(model, threads).execute(engine)
        found = written_down(model, threads, engine.schedule)
        rows, names = found.rows, dict(found.columns)
        assert {at for at, row in enumerate(rows) if row.late} == missed(found)
        assert is_one_memory(found)
        for at in missed(found):
            match = SAID.fullmatch(unseen_store(rows, at, names))
            assert match is not None
            assert (int(match["at"]), match["what"]) == (at, rows[at].what)
            assert int(match["more"] or 0) == number_missed(found, at) - 1
            several += match["more"] is not None
            arrival = rows[int(match["row"])]
            assert names[arrival.pid] == f"{match['of']}'s store buffer"
            assert (arrival.what, arrival.value.split(" → ")[-1], arrival.where) == (rows[at].what, match["value"], match["place"])
            made = arrival.arrives.made if arrival.arrives else -1
            if match["barrier"]:
                barriers += 1
                read = rows[int(match["barrier"])]
                assert (names[read.pid], read.kind, read.what, match["written"]) == (match["of"], READ, match["read"], rows[at].what)
                assert made <= int(match["barrier"]) < int(match["row"])
                between = rows[made : int(match["barrier"])]
                assert not any(names[row.pid] == match["of"] and row.kind in (RMW, FENCE) for row in between)
                assert match["read"] != match["written"]
                assert writes_it(rows, at, int(match["barrier"]), names)
                if match["reader"]:
                    neither += 1
                    assert match["reader"] == names[rows[at].pid]
                    own = [j for j in range(int(match["barrier"]), len(rows)) if is_stored(rows[j], match["reader"], match["read"], at)]
                    assert any(not any(row.pid == rows[at].pid and row.kind != READ for row in rows[j:at]) for j in own)
            if match["seen"]:
                overtaken += 1
                seen = rows[int(match["seen"])]
                assert names[seen.pid] == f"{match['of']}'s store buffer"
                assert seen.what == match["later"]
                assert seen.arrives is not None
                assert arrival.arrives is not None
                assert seen.arrives.number > arrival.arrives.number
        text = explanation(found)
        for at in first_misses(rows):
            verb = "reads" if rows[at].kind == READ else "finds"
            assert f"{verb} {rows[at].what} = {rows[at].value.partition(' → ')[0]} (row {at})" in text or "more times" in text
    assert barriers > 10
    assert neither > 0
    assert several > 2
    assert (overtaken > 2) == (model == PSO)
