"""The search for a smallest set of barriers: known programs, all sets of random ones, and its bounds."""

from __future__ import annotations

import pytest

from harness.litmus.weak_programs import Op, r, w
from harness.search.search import EXHAUSTED
from harness.verify.barrier_points import MB, RMB, WMB
from harness.verify.barrier_search import DEARNESS, Barrier, BarrierSearch, Bounds, SetOutcome
from tests.verify.small_programs import SmallProgram, random_program

USUAL = Bounds()
SB = ([w("x"), r("y")], [w("y"), r("x")])
MP = ([w("x"), w("y")], [r("y"), r("x")])
# What they must not end in: what was read, and the last values.
BOTH_OLD = (((0,), (0,)), (1, 1))
X_MISSED = (((), (1, 0)), (1, 1))


def searched(program: SmallProgram, bounds: Bounds = USUAL) -> SetOutcome:
    """Look for barriers for one program."""
    return BarrierSearch(program.model, [program], program.barriers, bounds).run()


@pytest.mark.parametrize(
    ("model", "threads", "wrong", "expected"),
    [
        ("tso", SB, BOTH_OLD, [(1, MB), (11, MB)]),
        ("pso", SB, BOTH_OLD, [(1, MB), (11, MB)]),
        ("arm", SB, BOTH_OLD, [(1, MB), (11, MB)]),
        ("pso", MP, X_MISSED, [(1, WMB)]),
        ("arm", MP, X_MISSED, [(1, WMB), (11, RMB)]),
        ("tso", MP, X_MISSED, []),
    ],
    ids=["sb-tso", "sb-pso", "sb-arm", "mp-pso", "mp-arm", "mp-tso"],
)
def test_well_known_programs(model: str, threads: tuple[list[Op], ...], wrong: object, expected: list[Barrier]) -> None:
    """Store buffering needs two full barriers, message passing a write barrier and, where reads may be old, a read barrier."""
    outcome = searched(SmallProgram(model, threads, {wrong}))
    assert outcome.found is not None
    assert sorted(outcome.found) == expected
    assert outcome.results[0].verdict == EXHAUSTED


@pytest.mark.parametrize("model", ["tso", "pso", "arm"])
def test_random_programs(model: str) -> None:
    """What is found is one of the smallest sets that there are, of those with the weakest barriers; all sets were tried."""
    sizes = []
    for program in filter(None, (random_program(model, seed) for seed in range(24))):
        smallest = program.smallest_by_force(2)
        found = searched(program).found
        assert found is not None
        assert all(program.fails_with(set(found) - {each}) for each in found)
        if smallest:
            assert tuple(sorted(found)) in [tuple(sorted(each)) for each in smallest]
            assert dearness(found) == min(map(dearness, smallest))
        else:
            assert len(found) > 2
            assert not program.fails_with(found)
        sizes.append(len(found))
    assert {1, 2} <= set(sizes)


def dearness(barriers: tuple[Barrier, ...]) -> int:
    """How dear barriers are together."""
    return sum(DEARNESS[kind] for _, kind in barriers)


def test_what_fails_under_sc_is_helped_by_no_barrier() -> None:
    """The first failing execution says so: nothing that is added forbids it."""
    outcome = searched(SmallProgram("tso", SB, {(((1,), (1,)), (1, 1))}))
    assert (outcome.found, outcome.none_helps, outcome.hopeless, outcome.sets) == (None, True, 0, 0)


def test_bounds_of_barriers_and_of_sets() -> None:
    """Nothing is found within them, and it is said whether that is proved."""
    program = SmallProgram("tso", SB, {BOTH_OLD})
    few = searched(program, Bounds(barriers=1))
    assert (few.found, few.refuted, few.reached) == (None, True, "1 barriers are not enough")
    short = searched(SmallProgram("arm", MP, {X_MISSED}), Bounds(sets=0))
    assert (short.found, short.refuted, short.reached) == (None, False, "the first 0 sets were not enough")
    quick = searched(program, Bounds(executions=2))
    assert (quick.found, quick.reached) == (None, "the first 2 executions were not enough")


def test_all_programs_have_to_pass() -> None:
    """What one of them needs is not enough for the other one."""
    both = [SmallProgram("arm", MP, {X_MISSED}), SmallProgram("arm", SB, {BOTH_OLD})]
    both[1].barriers = both[0].barriers
    outcome = BarrierSearch("arm", both, both[0].barriers, Bounds()).run()
    assert outcome.found is not None
    assert sorted(outcome.found) == [(1, MB), (11, MB)]
    assert both[1].fails_with([(1, WMB), (11, RMB)])


def test_it_begins_with_a_failing_execution() -> None:
    """Then no search without barriers is needed."""
    program = SmallProgram("tso", SB, {BOTH_OLD})
    failing = program.trace(program.search().schedule)
    outcome = BarrierSearch("tso", [program], program.barriers, Bounds()).run(failing)
    assert (outcome.found, outcome.sets) == (((11, MB), (1, MB)), 2)
