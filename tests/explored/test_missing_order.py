"""Why a read may return an older value: the barriers that are named are missing, and with them it could not."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from harness.explored.execution import Chooser
from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ARM, ENGINES
from harness.explored.operations import Operation
from harness.explored.view_record import OlderRead
from harness.explored.views import ACQUIRE, ALL, READS, RELEASE, WRITES, Evidence, MissingBarrier, OlderValue, Unordered
from harness.litmus.litmus_programs import Arrange, Threads, executed
from harness.litmus.weak_programs import Op, r, w, xchg
from harness.machine.diagnosis import ASSERTION, Violation
from harness.machine.engine import Process
from harness.search.search import Execute, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.verify.barrier_search import Barrier, placed
from tests.verify.small_programs import STEPS, SmallProgram


class Watch:
    """Keeps what there is to tell of the reads of older values, by the number of the operation."""

    def __init__(self) -> None:
        self.reads: dict[int, OlderValue] = {}
        self.at = 0

    def __call__(self, engine: object, process: Process, kind: str, what: object, time: int | None = None) -> None:
        if isinstance(what, OlderValue):
            self.reads[self.at] = what
        self.at += 1


def reads_of(execute: Execute, schedule: Sequence[int]) -> tuple[dict[int, OlderValue], list[Operation]]:
    """The reads of older values in an execution, and its operations."""
    engine = ENGINES[ARM](max_steps=STEPS, script=schedule)
    engine.listener = watch = Watch()
    execute(engine)
    assert not engine.diverged
    return watch.reads, engine.done


def why(threads: list[list[Op]], barriers: list[Barrier], seen: tuple[tuple[int, ...], ...], last: tuple[int, ...]) -> Unordered | None:
    """Why the last read of an older value in an execution has returned that; threads have read `seen`, and `last` is in memory."""
    program = SmallProgram(ARM, threads, {(seen, last)})
    program.barriers.placed = placed(barriers)
    reads, _ = reads_of(program.execute, program.search().schedule)
    return reads[max(reads)].why


def named(unordered: Unordered | None) -> list[tuple[str, str, str]]:
    """Who lacks what, and what would do as well."""
    assert unordered is not None
    return [(each.who, each.barrier, each.or_else) for each in unordered.missing]


def in_thread(rows: Sequence[Operation], at: int) -> int:
    """The place in front of an operation."""
    pid = rows[at][0]
    return 10 * pid + sum(row[0] == pid for row in rows[:at])


R = [[w("x"), w("y")], [w("y", 2), r("x")]]
SB = [[w("x"), r("y")], [w("y"), r("x")]]
MP = [[w("x"), w("y")], [r("y"), r("x")]]
WRC = [[w("x")], [r("x"), w("y")], [r("y"), r("x")]]
IRIW = [[w("x")], [w("y")], [r("x"), r("y")], [r("y"), r("x")]]
FULL_0, FULL_1 = ("P0", ALL, ""), ("P1", ALL, "")


@pytest.mark.parametrize(
    ("barriers", "missing"),
    [
        ([], [FULL_0, FULL_1]),
        ([(1, WRITES), (11, READS)], [FULL_0, FULL_1]),
        ([(1, WRITES), (11, ALL)], [FULL_0]),
        ([(1, ALL), (11, WRITES)], [FULL_1]),
    ],
)
def test_it_takes_two_full_barriers_to_order_by_what_was_overwritten_or_missed(
    barriers: list[Barrier], missing: list[tuple[str, ...]]
) -> None:
    """In R and SB, a barrier that is there is no missing one, and one that is weaker is not enough."""
    over = why(R, barriers, ((), (0,)), (1, 2))
    assert named(over) == missing
    assert over is not None
    assert (over.evidence, over.row, over.at, over.of) == (Evidence.OVERWRITTEN, 1, 2, "P0")
    buffered = why(SB, barriers, ((0,), (0,)), (1, 1))
    assert named(buffered) == missing
    assert buffered is not None
    assert (buffered.evidence, buffered.row, buffered.at, buffered.of) == (Evidence.MISSED_TOO, 1, 2, "P0")


@pytest.mark.parametrize(
    ("barriers", "missing"),
    [
        ([], [("P0", WRITES, RELEASE), ("P1", READS, ACQUIRE)]),
        ([(1, READS), (11, WRITES)], [("P0", WRITES, RELEASE), ("P1", READS, ACQUIRE)]),
        ([(1, WRITES)], [("P1", READS, ACQUIRE)]),
        ([(11, READS)], [("P0", WRITES, RELEASE)]),
        ([(1, ALL), (11, WRITES)], [("P1", READS, ACQUIRE)]),
    ],
)
def test_what_was_read_lacks_a_barrier_of_the_writer_or_of_the_reader(barriers: list[Barrier], missing: list[tuple[str, ...]]) -> None:
    """In message passing, those that are not there, and of these the ones that would do."""
    found = why(MP, barriers, ((), (1, 0)), (1, 1))
    assert named(found) == missing
    assert found is not None
    assert (found.evidence, found.row, found.at, found.of) == (Evidence.READ, 1, 2, "P0")


def test_who_hands_on_what_it_has_read_lacks_more_than_a_write_barrier() -> None:
    """In WRC it has not written the data itself; in IRIW both readers lack a full barrier, and read barriers do not help."""
    found = why(WRC, [(11, WRITES), (21, READS)], ((), (1,), (1, 0)), (1, 1))
    assert named(found) == [("P1", ALL, RELEASE)]
    assert named(why(IRIW, [(21, READS), (31, READS)], ((), (), (1, 0), (1, 0)), (1, 1))) == [("P2", ALL, ""), ("P3", ALL, "")]
    assert named(why(IRIW, [(21, ALL), (31, READS)], ((), (), (1, 0), (1, 0)), (1, 1))) == [("P3", ALL, "")]


def test_a_release_would_hand_on_what_came_with_what_was_read() -> None:
    """In ISA2, who hands on has only been told of the data, and has not acquired what told it: a full barrier, or a release."""
    threads = [[w("x"), w("y")], [r("y"), w("z")], [r("z"), r("x")]]
    found = why(threads, [(1, WRITES), (21, READS)], ((), (1,), (1, 0)), (1, 1, 1))
    assert named(found) == [("P1", ALL, RELEASE)]


def test_an_atomic_operation_is_a_full_barrier_on_either_side() -> None:
    """Where an exchange stands, none is missing: what is left is the other side's."""
    assert named(why([[w("x"), xchg("y")], [w("y", 2), r("x")]], [], ((0,), (0,)), (1, 2))) == [FULL_1]
    assert named(why([[xchg("x"), r("y")], [w("y"), r("x")]], [], ((0, 0), (0,)), (1, 1))) == [FULL_1]
    assert named(why([[w("x"), w("y")], [xchg("y", 2), r("x")]], [], ((), (1, 0)), (1, 2))) == [("P0", WRITES, RELEASE)]


def test_nothing_is_named_where_one_or_two_barriers_do_not_help() -> None:
    """A read that is merely early; and what was overwritten by somebody else than the reader."""
    assert why([[w("x")], [r("x")]], [], ((), (0,)), (1,)) is None
    assert why([[w("x"), w("y")], [r("z"), r("x")]], [], ((), (0, 0)), (1, 1, 0)) is None
    assert why([[w("x"), w("y")], [w("y", 2)], [r("y"), r("x")]], [], ((), (), (2, 0)), (1, 2)) is None
    assert why([[w("x"), r("y"), w("y")], [w("y", 2)], [r("y"), r("x")]], [], ((0,), (), (2, 0)), (1, 2)) is None


def passing(release: bool) -> list[MissingBarrier]:
    """What is missing in message passing with a release, or with an acquire, but not both."""

    def arrange(t: Threads) -> None:
        x, y, found = t.word("x"), t.word("y"), list[int]()

        def writer() -> None:
            x.write(1)
            if release:
                t.smp_store_release(y, 1)
            else:
                y.write(1)

        def reader() -> None:
            found.append(y.read() if release else t.smp_load_acquire(y))
            found.append(x.read())

        t.thread(writer)
        t.thread(reader)
        t.observe = lambda: tuple(found)

    return missing_in(arrange)


def missing_in(arrange: Arrange) -> list[MissingBarrier]:
    """What is missing where the data of a message is older than it."""

    def execute(engine: ExploredEngine) -> None:
        executed(arrange)(engine)
        if engine.final == (1, 0):
            engine.fail(Violation(ASSERTION, "older"))

    (read,) = reads_of(execute, search(execute, OptimalDpor(ENGINES[ARM])).schedule)[0].values()
    assert read.why is not None
    return list(read.why.missing)


def test_an_acquire_or_a_release_is_no_missing_barrier() -> None:
    """A release and no acquire: the reader's is missing; an acquire and no release: the writer's."""
    assert passing(release=True) == [MissingBarrier("P1", READS, 2, 3, ACQUIRE)]
    assert passing(release=False) == [MissingBarrier("P0", WRITES, 0, 1, RELEASE)]


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("writes", [False, True])
def test_to_unlock_and_to_lock_is_no_missing_barrier(writes: bool, inside: bool) -> None:
    """Between two writes, and between two reads: the other side's is missing. With one of them between the two, both are."""

    def arrange(t: Threads) -> None:
        x, y, mutex, found = t.word("x"), t.word("y"), t.mutex("m"), list[int]()

        def handing(first: Callable[[], None], second: Callable[[], None], locks: bool) -> Callable[[], None]:
            def body() -> None:
                if locks:
                    t.lock(mutex)
                    first()
                    t.unlock(mutex)
                    if inside:
                        second()
                    t.lock(mutex)
                    if not inside:
                        second()
                    t.unlock(mutex)
                else:
                    first()
                    second()

            return body

        t.thread(handing(lambda: x.write(1), lambda: y.write(1), writes))
        t.thread(handing(lambda: found.append(y.read()), lambda: found.append(x.read()), not writes))
        t.observe = lambda: tuple(found)

    missing = [("P0", WRITES), ("P1", READS)]
    assert [each[:2] for each in missing_in(arrange)] == (missing if inside else missing[writes : writes + 1])


OPS = (w("x"), w("y"), r("x"), r("y"), w("x", 2), w("y", 2), xchg("y", 3))


def old_reader(rng: random.Random) -> Chooser:
    """A chooser that mostly lets a process go on, and often has it read what is old."""

    def choose(_: object, enabled: list[Process], current: Process) -> Process:
        older = [each for each in enabled if type(each) is OlderRead]
        if older and rng.random() < 0.5:
            return rng.choice(older)
        return current if current in enabled and rng.random() < 0.8 else rng.choice(enabled)

    return choose


def test_what_is_named_is_missing_and_enough() -> None:
    """Of random programs, barriers and schedules: with the barriers that are named the same execution is impossible; none was there."""
    rng = random.Random("missing order")
    told = [0, 0]
    for _ in range(300):
        program = SmallProgram(ARM, [[*rng.choices(OPS, k=2), rng.choice((r("x"), r("y")))] for _ in range(3)])
        there = [each for each in program.every_barrier() if rng.random() < 0.1]
        program.barriers.placed = placed(there)
        engine = ENGINES[ARM](old_reader(rng), STEPS)
        program.execute(engine)
        schedule = engine.schedule
        reads, rows = reads_of(program.execute, schedule)
        for at, read in reads.items():
            if read.why is not None:
                told[len(read.why.missing) - 1] += 1
                named_here = [(each.barrier, *places(rows, at, each)) for each in read.why.missing]
                for barrier, behind, before in named_here:
                    assert not any(behind <= place <= before and kind in (barrier, ALL) for place, kind in there)
                for side in (1, 2):
                    more = [(each[side], each[0]) for each in named_here]
                    program.barriers.placed = placed([*there, *more])  # type: ignore[list-item]
                    again = ENGINES[ARM](max_steps=STEPS, script=schedule[: at + 1])
                    program.execute(again)
                    assert again.diverged, (program.threads, there, schedule, read.why)
    assert min(told) > 5, told


def places(rows: Sequence[Operation], at: int, missing: MissingBarrier) -> tuple[int, int]:
    """The first and the last place where a missing barrier could stand: operations `first` and `last` are one process's."""
    assert missing.first < missing.last <= at
    assert {f"P{rows[missing.first][0]}", f"P{rows[missing.last][0]}"} == {missing.who}
    return in_thread(rows, missing.first) + 1, in_thread(rows, missing.last)
