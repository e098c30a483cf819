"""Views: who may read what, what orders it, and how an older read is shown and replayed."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import pytest

from harness.explored.models import ARM, ENGINES
from harness.explored.view_engine import ViewEngine
from harness.explored.views import View
from harness.jobs.stage_loading import load
from harness.litmus.litmus_programs import Threads, executed
from harness.litmus.weak_programs import GAVE_UP, MB, WMB, peterson, r, threads, w
from harness.machine.engine import FENCE, Process
from harness.search.minimise import minimise
from harness.search.natural_order import Deviating
from harness.search.race_detector import RaceDetector, checking_races, race_of
from harness.search.record import deviations_of, recorded
from harness.search.search import EXHAUSTED, FAILED, LIMIT_REACHED, Execute, Limits, SearchResult, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.sources.shipped import targets_of_series
from harness.tasklets.contract import CLAUSES
from harness.verify.no_races import executing
from stages import POSTED
from stages.hypervisor import Word
from tests.explored.arrangements import handed_on_with_a_lock
from tests.search.traces import trace_of

ALL = Limits(stop_at_failure=False)
Body = Callable[[Threads, dict[str, Word]], object]
Arrange = Callable[[Threads], None]


def bodies(*of_threads: Body) -> Arrange:
    """Threads on the words x, y and z, which return what they have found."""

    def arrange(t: Threads) -> None:
        words = {name: t.word(name) for name in "xyz"}
        found: list[object] = [None] * len(of_threads)

        def run(number: int) -> None:
            found[number] = of_threads[number](t, words)

        for number in range(len(of_threads)):
            t.thread(lambda number=number: run(number))  # type: ignore[misc]
        t.observe = lambda: tuple(found)

    return arrange


def explored(arrange: Arrange) -> SearchResult:
    """Explore with optimal DPOR: each trace once, none in vain, and the traces and final states of the unreduced search."""
    found = []
    for strategy in (OptimalDpor, DepthFirst):
        traces: list[Hashable] = []
        result = search(executed(arrange), strategy(ViewEngine), ALL, [lambda engine, _: traces.append(trace_of(engine))])  # noqa: B023
        assert result.verdict == EXHAUSTED
        found.append((result, traces))
    (reduced, traces), (full, all_traces) = found
    assert reduced.blocked == 0
    assert set(traces) == set(all_traces)
    assert len(traces) == len(set(traces))
    assert set(reduced.finals) == set(full.finals)
    return reduced


def writes(second: Callable[[Threads, Word], object], between: Callable[[Threads], object] = lambda t: None) -> Body:
    """Write x, and y after it."""

    def body(t: Threads, words: dict[str, Word]) -> object:
        words["x"].write(1)
        between(t)
        return second(t, words["y"])

    return body


def reads(first: Callable[[Threads, Word], object], between: Callable[[Threads], object] = lambda t: None) -> Body:
    """Read y, and x after it."""

    def body(t: Threads, words: dict[str, Word]) -> object:
        found = first(t, words["y"])
        between(t)
        return found, words["x"].read()

    return body


def release(t: Threads, word: Word) -> None:
    """Write 1 with release."""
    t.smp_store_release(word, 1)


def acquire(t: Threads, word: Word) -> object:
    """Read with acquire."""
    return t.smp_load_acquire(word)


PLAIN_WRITE = writes(lambda t, word: word.write(1))
PLAIN_READ = reads(lambda t, word: word.read())


@pytest.mark.parametrize(
    ("writer", "reader", "count"),
    [
        (PLAIN_WRITE, PLAIN_READ, 4),
        (writes(lambda t, word: word.write(1), Threads.smp_wmb), PLAIN_READ, 4),
        (writes(release), reads(acquire), 3),
        (writes(release), PLAIN_READ, 4),
        (PLAIN_WRITE, reads(acquire), 4),
        (writes(lambda t, word: word.write(1), Threads.smp_wmb), reads(lambda t, word: word.read(), Threads.smp_rmb), 3),
        (writes(lambda t, word: word.write(1), Threads.smp_mb), reads(lambda t, word: word.read(), Threads.smp_mb), 3),
        (writes(lambda t, word: word.xchg(1)), reads(lambda t, word: word.set_bit(1)), 4),
        (writes(lambda t, word: word.xchg(1)), reads(lambda t, word: word.set_bit(1), Threads.smp_mb__after_atomic), 3),
        (writes(lambda t, word: word.xchg(1)), reads(lambda t, word: word.add(2)), 3),
        (writes(lambda t, word: word.cmpxchg(5, 6)), reads(lambda t, word: word.cmpxchg(5, 6)), 2),
    ],
)
def test_message_passing(writer: Body, reader: Body, count: int) -> None:
    """Who sees the second write sees the first only if both sides say so."""
    assert explored(bodies(writer, reader)).executions == count


def wrc(read_first: Callable[[Threads, Word], object], write: Callable[[Threads, Word], None]) -> Arrange:
    """One writes x, one reads it and writes y, one reads both."""

    def relay(t: Threads, words: dict[str, Word]) -> object:
        found = words["x"].read()
        write(t, words["y"])
        return found

    return bodies(lambda t, words: words["x"].write(1), relay, reads(read_first))


def test_what_was_read_is_told() -> None:
    """WRC: a release tells of what its CPU has only read; so it does over several CPUs (ISA2)."""

    def hands_on(t: Threads, words: dict[str, Word]) -> object:
        found = acquire(t, words["y"])
        release(t, words["z"])
        return found

    assert explored(wrc(lambda t, word: word.read(), lambda t, word: word.write(1))).executions == 8
    assert explored(wrc(acquire, release)).executions == 7
    last: Body = lambda t, words: (acquire(t, words["z"]), words["x"].read())  # noqa: E731
    assert explored(bodies(writes(release), hands_on, last)).executions == 7


@pytest.mark.parametrize(("between", "count"), [((), 16), ((MB,), 15)])
def test_two_readers_agree_only_behind_full_barriers(between: tuple[tuple[str], ...], count: int) -> None:
    """IRIW."""
    arrange = threads([w("x")], [r("x"), *between, r("y")], [r("y"), *between, r("x")], [w("y")])
    assert explored(arrange).executions == count


def test_an_acquire_is_not_enough_for_two_readers() -> None:
    """IRIW with acquire reads: nothing orders the two writes."""
    first: Body = lambda t, words: (acquire(t, words["x"]), acquire(t, words["y"]))  # noqa: E731
    second: Body = lambda t, words: (acquire(t, words["y"]), acquire(t, words["x"]))  # noqa: E731
    arrange = bodies(lambda t, words: words["x"].write(1), first, second, lambda t, words: words["y"].write(1))
    assert explored(arrange).executions == 16


@pytest.mark.parametrize(("fence", "complete"), [(False, 22), (True, 14)])
def test_petersons_algorithm(fence: bool, complete: int) -> None:
    """A full barrier where one enters is not enough: what is written inside may be seen after the flag has come down."""
    result = search(executed(peterson(fence)), OptimalDpor(ViewEngine), ALL)
    counts = {final: count for final, count in result.finals.items() if isinstance(final, tuple) and GAVE_UP not in final}
    assert (sum(counts.values()), result.blocked) == (complete, 0)
    assert any(False in final for final in counts)


class GlobalView(ViewEngine):
    """Full barriers as they are defined: each joins one view with its CPU's, in the order of execution."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.all = View()

    def fence(self) -> None:
        if not self._idle():
            self._step(FENCE, self.current.name, 0, 0)
            self._barrier(self.current)

    def _barrier(self, p: Process) -> None:
        knowledge = self.knowledge(p)
        knowledge.order_reads()
        knowledge.now.join(self.all)
        self.all.join(knowledge.now)
        knowledge.told = knowledge.now.copy()


BARRIERS = {
    "SB": threads([w("x"), MB, r("y")], [w("y"), MB, r("x")]),
    "R": threads([w("x"), MB, w("y")], [w("y", 2), MB, r("x")]),
    "W+RWC": threads([w("x"), WMB, w("z")], [r("z"), MB, r("y")], [w("y"), MB, r("x")]),
}


@pytest.mark.parametrize("name", BARRIERS)
def test_the_order_of_barriers_is_that_of_a_view_that_all_share(name: str) -> None:
    """The search does not choose an order of barriers; what may be read is what some order allows."""
    traces: dict[str, set[Hashable]] = {}
    for engine in (GlobalView, ViewEngine):
        found = traces.setdefault(engine.__name__, set())
        search(executed(BARRIERS[name]), DepthFirst(engine), ALL, [lambda engine, _: found.add(trace_of(engine))])  # noqa: B023
    assert traces["GlobalView"] == traces["ViewEngine"]
    explored(BARRIERS[name])


def test_a_loop_that_relaxes_sees_the_newest() -> None:
    """It may read what is old, but not for ever; and a barrier behind it lets see what came with that."""

    def waits(t: Threads, words: dict[str, Word]) -> object:
        while not words["y"].read():
            t.engine.relax()
        t.smp_rmb()
        return words["x"].read()

    assert set(explored(bodies(writes(release), waits)).finals) == {(None, 1)}


def test_a_release_hands_on_what_came_with_what_was_read() -> None:
    """ISA2: also where the read is no acquire. A write that is none does not, nor one behind a write barrier."""

    def outcomes(write: Callable[[Threads, Word], object]) -> set[object]:
        def relay(t: Threads, words: dict[str, Word]) -> object:
            found = words["y"].read()
            write(t, words["z"])
            return found

        def last(t: Threads, words: dict[str, Word]) -> object:
            return acquire(t, words["z"]), words["x"].read()

        found = explored(bodies(writes(release), relay, last)).finals
        return {(relayed, *seen) for _, relayed, seen in found}  # type: ignore[misc]

    assert (1, 1, 0) not in outcomes(release)
    assert (1, 1, 0) in outcomes(lambda t, word: word.write(1))
    assert (1, 1, 0) in outcomes(lambda t, word: (t.smp_wmb(), word.write(1)))


def test_a_write_barrier_behind_a_release_hands_on_what_that_does() -> None:
    """A release is a write, which the barrier orders: before what is behind it comes what came with a read before the release."""

    def outcomes(*between: str) -> set[object]:
        def relay(t: Threads, words: dict[str, Word]) -> object:
            found = words["y"].read()
            for each in between:
                t.smp_wmb() if each == "wmb" else release(t, t.word("other"))
            words["z"].write(1)
            return found

        def last(t: Threads, words: dict[str, Word]) -> object:
            return acquire(t, words["z"]), words["x"].read()

        found = explored(bodies(writes(release), relay, last)).finals
        return {(relayed, *seen) for _, relayed, seen in found}  # type: ignore[misc]

    assert (1, 1, 0) not in outcomes("release", "wmb")
    assert (1, 1, 0) in outcomes("wmb", "release")
    assert (1, 1, 0) in outcomes("release")


Between = tuple[Callable[[], None], Callable[[], None]]


def handing(*, other: bool = False, lock_first: bool = False) -> Callable[[Threads], Between]:
    """What comes before two accesses and between them: one lock unlocked and locked, or another one; `lock_first`: the other way round."""

    def make(t: Threads) -> Between:
        mutex = t.mutex("m")
        next_one = t.mutex("n") if other else mutex
        if lock_first:
            return (lambda: None), (lambda: (t.lock(mutex), t.unlock(mutex))[0])
        return (lambda: t.lock(mutex)), (lambda: (t.unlock(mutex), t.lock(next_one))[0])

    return make


@pytest.mark.parametrize(("how", "ordered"), [(handing(), True), (handing(other=True), True), (handing(lock_first=True), False)])
def test_to_unlock_and_to_lock_is_in_order_for_everybody(how: Callable[[Threads], Between], ordered: bool) -> None:
    """Writes on both sides of it, and reads; not what is on both sides of a critical section, and not a read behind a write."""

    def outcomes(first: Callable[[Word, Word], object], second: Callable[[Threads, Word, Word], object]) -> set[object]:
        def arrange(t: Threads) -> None:
            x, y, found = t.word("x"), t.word("y"), [None, None]
            begin, between = how(t)

            def one() -> None:
                begin()
                found[0] = first(x, y, between)

            t.thread(one)
            t.thread(lambda: found.__setitem__(1, second(t, x, y)))
            t.observe = lambda: tuple(found)

        return set(explored(arrange).finals)

    assert ((None, (1, 0)) in outcomes(_write_both, _read_behind_a_barrier)) is not ordered
    assert (((1, 0), None) in outcomes(_read_both, _write_behind_a_barrier)) is not ordered
    assert (0, 0) in outcomes(_write_and_read, lambda t, x, y: (y.write(1), t.smp_mb(), x.read())[2])


def _write_both(x: Word, y: Word, between: Callable[[], None]) -> None:
    x.write(1)
    between()
    y.write(1)


def _read_both(x: Word, y: Word, between: Callable[[], None]) -> object:
    found = y.read()
    between()
    return found, x.read()


def _write_and_read(x: Word, y: Word, between: Callable[[], None]) -> object:
    x.write(1)
    between()
    return y.read()


def _read_behind_a_barrier(t: Threads, x: Word, y: Word) -> object:
    found = y.read()
    t.smp_rmb()
    return found, x.read()


def _write_behind_a_barrier(t: Threads, x: Word, y: Word) -> None:
    x.write(1)
    t.smp_wmb()
    y.write(1)


def test_a_lock_hands_on_what_is_known() -> None:
    """What was written under it is seen under it."""
    assert set(explored(handed_on_with_a_lock).finals) == {(0, 0), (1, 1)}


def plainly(ordered: bool) -> Execute:
    """One writes x plainly and tells of it by y; who sees that reads x plainly."""

    def writer(t: Threads, words: dict[str, Word]) -> object:
        t.store(words["x"], 1)
        return release(t, words["y"]) if ordered else words["y"].write(1)

    def reader(t: Threads, words: dict[str, Word]) -> object:
        return t.load(words["x"]) if (acquire(t, words["y"]) if ordered else words["y"].read()) else None

    return executed(bodies(writer, reader))


def test_a_plain_access_that_does_not_know_the_newest_write_is_a_data_race() -> None:
    """Both places are named; with release and acquire there is none."""
    assert search(checking_races(plainly(ordered=True)), OptimalDpor(ViewEngine), ALL).verdict == EXHAUSTED
    result = search(checking_races(plainly(ordered=False)), OptimalDpor(ViewEngine), Limits())
    assert result.verdict == FAILED
    assert result.failure is not None
    assert result.failure.kind == "data race"
    assert "P0" in result.failure.message
    assert "P1" in result.failure.message


def untried_in(execute: Execute) -> set[tuple[int, int] | None]:
    """Of each execution, the two operations that `untried` names."""
    found: set[tuple[int, int] | None] = set()
    search(execute, DepthFirst(ViewEngine), ALL, [lambda engine, _: found.add(engine.untried())])
    return found


def test_a_plain_read_that_races_is_untried() -> None:
    """It is the last of four operations, where the flag is seen; with release and acquire, none is."""
    assert untried_in(plainly(ordered=False)) == {None, (3, 0)}
    assert untried_in(plainly(ordered=True)) == {None}


def test_plain_writes_and_marked_reads_that_race_are_played_out() -> None:
    """Nothing is untried where two write plainly, or where a plain write is read by choice, older values included."""

    def write(t: Threads, words: dict[str, Word]) -> object:
        return t.store(words["x"], 1)

    def read(_: Threads, words: dict[str, Word]) -> object:
        return words["x"].read(), words["x"].read()

    for other in (write, read):
        execute = executed(bodies(write, other))
        assert search(checking_races(execute), OptimalDpor(ViewEngine), Limits()).verdict == FAILED
        assert untried_in(execute) == {None}
    assert set(search(execute, OptimalDpor(ViewEngine), ALL).finals) == {(None, (0, 0)), (None, (0, 1)), (None, (1, 1))}


def test_a_full_barrier_orders_plain_accesses_too() -> None:
    """Who has read, after a barrier, that the other one has not come yet was there before the other one's barrier."""

    def first(t: Threads, words: dict[str, Word]) -> object:
        t.store(words["z"], 1)
        words["x"].write(1)
        t.smp_mb()
        return words["y"].read()

    def second(t: Threads, words: dict[str, Word]) -> object:
        words["y"].write(1)
        t.smp_mb()
        return t.load(words["z"]) if words["x"].read() else None

    raced: dict[Hashable, set[bool]] = {}

    def look(engine: ViewEngine, _: SearchResult) -> None:
        raced.setdefault(engine.final, set()).add(RaceDetector().finds_race(engine))
        assert (race_of(engine) is not None) == RaceDetector().finds_race(engine) == (engine.untried() is not None)

    search(executed(bodies(first, second)), DepthFirst(ViewEngine), ALL, [look])  # type: ignore[list-item]
    assert raced[0, 1] == {False}
    assert True in raced[1, 1]


def failing() -> Execute:
    """Message passing that fails if the first write is missed."""

    def reader(t: Threads, words: dict[str, Word]) -> object:
        if words["y"].read() and not words["x"].read():
            t.BUG("x is missed")
        return None

    return executed(bodies(PLAIN_WRITE, reader))


def test_an_older_read_is_replayed_and_minimised() -> None:
    """It is one deviation from the natural order; the row says what was read and what was missed."""
    result = search(failing(), OptimalDpor(ENGINES[ARM]), Limits())
    assert result.verdict == FAILED
    engine = minimise(failing(), result.schedule, 100, make=ViewEngine)
    deviations = deviations_of(failing(), engine.schedule, 100, ViewEngine)
    assert deviations == {3: 1}
    again = ViewEngine(Deviating(deviations), 100)
    failing()(again)
    assert again.failure is not None
    _, rows = recorded(failing(), engine.schedule, 100, ViewEngine)
    assert rows[3].kind == "read"
    assert (rows[3].what, rows[3].value.partition(" of ")[0]) == ("x", "0 from before; has not seen P0's 1")


def test_a_script_that_reads_what_cannot_be_read_is_noticed() -> None:
    """It does not silently read something else."""
    engine = ViewEngine(script=[0, 0, 1, 1 + 2 * 77], max_steps=100)
    executed(bodies(PLAIN_WRITE, PLAIN_READ))(engine)
    assert engine.diverged == "no such message can be read by operation 3"


def test_to_write_the_same_value_again_tells_as_much() -> None:
    """Who overwrites it has read it from there: with a read barrier behind, nothing is missed."""

    def sets(t: Threads, words: dict[str, Word]) -> object:
        words["x"].write(1)
        return words["y"].fetch_or(1)

    def clears(t: Threads, words: dict[str, Word]) -> object:
        words["y"].set_bit(0)
        words["y"].clear_bit(0)
        t.smp_rmb()
        return words["x"].read()

    found = explored(bodies(sets, clears)).finals
    assert (1, 0) not in found
    assert (1, 1) in found


def test_choices_past_the_step_limit_are_forgotten() -> None:
    """A search goes on after an execution that is cut off behind a read with a choice."""

    def reader(t: Threads, words: dict[str, Word]) -> object:
        return tuple(words["x"].read() for _ in range(9))

    def writer(t: Threads, words: dict[str, Word]) -> object:
        return tuple(words["x"].write(value) for value in range(3))

    result = search(executed(bodies(writer, reader)), OptimalDpor(ViewEngine), Limits(steps=10))
    assert (result.verdict, result.reached) == (LIMIT_REACHED, f"{result.endless} executions were longer than 10 operations")
    assert result.endless > 1


def test_turns_that_read_what_they_have_written_are_the_same() -> None:
    """A CPU that raises its own softirq and finds it raised, again and again, waits for somebody else, as without views."""
    target = targets_of_series(POSTED)[5]
    program = CLAUSES["no-lost-schedule"].program_named("by-another-cpu")
    result = search(executing(program, load(target), "softirq"), OptimalDpor(ViewEngine), Limits())
    assert (result.verdict, result.endless) == (EXHAUSTED, 0)
