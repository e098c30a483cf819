"""The suite of litmus programs: it has no stages, and tests the engines and the search instead, against counts that are published.

The counts are those of the GenMC, Nidhugg and Concuerror suites, and of Flanagan and Godefroid (2005), or follow from a formula. Those
for weak memory models are Nidhugg's. It is also the smallest example of a suite.
"""

from __future__ import annotations

from dataclasses import replace

from harness.litmus.litmus_programs import (
    THREADS,
    Arrange,
    ab_ba,
    arranging,
    cas,
    casw,
    cinc,
    counter,
    filesystem,
    inc,
    indexer,
    iriw,
    lastzero,
    locked_counter,
    mp,
    readers,
    sb,
)
from harness.litmus.published_counts import weak_counts
from harness.litmus.weak_programs import MB, WMB, dekker, fib, r, threads, w, xchg
from harness.suite.clause import Clause, clause
from harness.suite.program import Known, Program
from harness.suite.suite import Suite

KINDS = (THREADS,)


def program(name: str, summary: str, arrange: Arrange, known: Known) -> Program:
    """A program of this suite, with what is known of it under weak memory models as well."""
    return Program(name, summary, KINDS, arranging(arrange), replace(known, weak=weak_counts(name, known.traces)))


def counted(name: str, sentence: str, *programs: Program) -> Clause:
    """A clause of this suite."""
    return clause(name, sentence, programs, KINDS)


TABLE = (
    counted(
        "store-buffering",
        "Of two threads that write a word each and then read the other's, at least one sees the other's write.",
        program("SB", "x = 1; r = y ‖ y = 1; r = x.", sb, Known(3, 6, (2, 3))),
        program("SB+mbs", "A full barrier in between.", threads([w("x"), MB, r("y")], [w("y"), MB, r("x")]), Known(3, 6)),
        program("SB+xchgs", "Exchanges instead of writes.", threads([xchg("x"), r("y")], [xchg("y"), r("x")]), Known(3, 6)),
        program("R", "x = 1; y = 1 ‖ y = 2; r = x.", threads([w("x"), w("y")], [w("y", 2), r("x")]), Known(3, 6)),
    ),
    counted(
        "message-passing",
        "Who sees the second of two writes sees the first.",
        program("MP", "x = 1; y = 1 ‖ r = y; r = x.", mp, Known(3, 6, (2, 3))),
        program("MP+wmb", "A write barrier in between.", threads([w("x"), WMB, w("y")], [r("y"), r("x")]), Known(3, 6)),
        program("LB", "r = y; x = 1 ‖ r = x; y = 1.", threads([r("y"), w("x")], [r("x"), w("y")]), Known(3, 6)),
        program("S", "x = 2; y = 1 ‖ r = y; x = 1.", threads([w("x", 2), w("y")], [r("y"), w("x")]), Known(3, 6)),
        program(
            "WRC",
            "x = 1 ‖ r = x; y = 1 ‖ r = y; r = x.",
            threads([w("x")], [r("x"), w("y")], [r("y"), r("x")]),
            Known(7, 30),
        ),
    ),
    counted(
        "independent-reads",
        "Two readers agree on the order of two independent writes.",
        program("IRIW", "x = 1 ‖ r = x; r = y ‖ r = y; r = x ‖ y = 1.", iriw, Known(15, 180, (14, 15))),
    ),
    counted(
        "write-order",
        "The writes of two threads to two words are ordered for each word by itself.",
        program("2+2W", "x = 1; y = 2 ‖ y = 1; x = 2.", threads([w("x"), w("y", 2)], [w("y"), w("x", 2)]), Known(3, 6)),
        program("2+2W+wmbs", "Write barriers in between.", threads([w("x"), WMB, w("y", 2)], [w("y"), WMB, w("x", 2)]), Known(3, 6)),
    ),
    counted(
        "own-writes",
        "A thread reads what it has written itself, whether others see that already or not.",
        program("CoRR", "x = 1 ‖ r = x; r = x.", threads([w("x")], [r("x"), r("x")]), Known(3, 3)),
        program("ROWE_1", "x = 1; r = x ‖ x = 2.", threads([w("x"), r("x")], [w("x", 2)]), Known(3, 3)),
        program(
            "n6",
            "x = 1; r = x; r = y ‖ y = 2; x = 2.",
            threads([w("x"), r("x"), r("y")], [w("y", 2), w("x", 2)]),
            Known(4, 10),
        ),
        program(
            "Small_peterson",
            "x = 1; t = 1; r = t; r = y ‖ y = 1; t = 0; r = t; r = x.",
            threads([w("x"), w("t"), r("t"), r("y")], [w("y"), w("t", 0), r("t"), r("x")]),
            Known(6, 70),
        ),
        program("fib(1)", "Two threads add each other's word to their own.", fib(1), Known(11, 560)),
        program("fib(2)", "Two threads do, twice each.", fib(2), Known(140)),
    ),
    counted(
        "entering",
        "Two threads that want to enter a critical section find out about each other, or do not.",
        program("Dekker, no fence", "Raise a flag, look at the other one's.", dekker(fence=False), Known(3, 16)),
        program("dekker_f", "A full barrier in between.", dekker(fence=True), Known(3, 16)),
    ),
    counted(
        "lost-updates",
        "Increments that are not atomic get lost in every way in which they can.",
        program("inc(2)", "Two threads add a bit each.", inc(2), Known(4, 6)),
        program("inc(3)", "Three threads add a bit each.", inc(3), Known(36, 90)),
        program("inc(4)", "Four threads add a bit each.", inc(4), Known(576, 2520, (24, 168, 432, 576))),
        program("counter 2×2", "Two threads increment a word, twice each.", counter(2, 2), Known(34, 70, (2, 8, 22, 32, 34))),
        program("counter 2×3", "Two threads, three times each.", counter(2, 3), Known(328, 924)),
        program("counter 2×4", "Two threads, four times each.", counter(2, 4), Known(3334, 12870)),
        program(
            "counter 3×2",
            "Three threads, twice each.",
            counter(3, 2),
            Known(7134, 34650, (6, 60, 360, 1380, 3384, 5628, 6864, 7122, 7134)),
        ),
    ),
    counted(
        "mutual-exclusion",
        "Of increments under a mutex, only the order is left to choose.",
        program("locked 2×2", "Two threads, twice each.", locked_counter(2, 2), Known(6, 6)),
        program("locked 3×2", "Three threads, twice each.", locked_counter(3, 2), Known(90, 90, (6, 24, 60, 90))),
    ),
    counted(
        "compare-and-swap",
        "A compare-and-swap that fails is a read.",
        program("cas(2)", "Two threads set a word if it is 0.", cas(2), Known(2, 2)),
        program("cas(3)", "Three threads do.", cas(3), Known(3, 6)),
        program("cas(5)", "Five threads do.", cas(5), Known(5, 120)),
        program("casw(2)", "Two threads set a word if it is 0, and then write it.", casw(2), Known(6, 6)),
        program("casw(3)", "Three threads do.", casw(3), Known(66, 90, (6, 24, 54, 66))),
        program("casw(4)", "Four threads do.", casw(4), Known(1200, 2520)),
    ),
    counted(
        "atomic-addition",
        "Atomic additions to several words are ordered for each word by itself.",
        program("cinc(3)", "Three threads add to three words.", cinc(3), Known(216, 1680)),
        program("cinc(4)", "Four threads add to three words.", cinc(4), Known(13824, 369600, (24, 312, 1704, 5160, 9792, 12960, 13824))),
    ),
    counted(
        "independent-readers",
        "Readers of one word are not ordered among themselves.",
        program("readers(8)", "One thread writes, eight read.", readers(8), Known(256, 1389404016000)),
    ),
    counted(
        "control-dependence",
        "What a thread reads decides what it does next.",
        program(
            "lastzero(5)",
            "One thread looks for a zero in an array that five others change.",
            lastzero(5),
            Known(64, 3487880),
        ),
        program("lastzero(10)", "Ten others change it.", lastzero(10), Known(3328)),
    ),
    counted(
        "hash-table",
        "Threads that insert into a hash table are ordered only where their entries collide.",
        program("indexer(12)", "Twelve threads insert four messages each.", indexer(12), Known(8)),
        program("indexer(15)", "Fifteen threads do.", indexer(15), Known(4096)),
    ),
    counted(
        "many-locks",
        "Threads that take locks are ordered only where they take the same one.",
        program("filesystem(14)", "Fourteen threads allocate a block each.", filesystem(14), Known(2)),
        program("filesystem(16)", "Sixteen threads do.", filesystem(16), Known(8)),
        program("filesystem(18)", "Eighteen threads do.", filesystem(18), Known(32)),
        program("filesystem(19)", "Nineteen threads do.", filesystem(19), Known(64)),
    ),
    counted(
        "deadlock",
        "Two locks that are taken in opposite order lead to one deadlock.",
        program("AB-BA", "Two threads take two mutexes in opposite order.", ab_ba, Known(3, 6, (2, 3), deadlocks=1)),
    ),
)

PROGRAMS = tuple(program for each in TABLE for program in each.programs)

SUITE = Suite(
    "litmus",
    "small programs whose executions are counted, and the counts compared with published ones",
    KINDS,
    {each.id: each for each in TABLE},
    has_stages=False,
)
