"""How fast the exploration is: executions per second of the counter 2×2, against generators with no bookkeeping at all, and a peer.

The *floor* is the least that a search can do: depth first over all 70 interleavings of two Python generators that yield before each access,
with nothing recorded but what is left to try. Peers, if installed (extra `bench`): detangle searches asyncio tasks that sleep for no time
before each access, exhaustively; interleave-test (Python 3.12 or later) searches threads line by line, depth first within two preemptions.
Rates are of CPU time, best of several rounds, all in this run. Usage: `python -m tests.bench.counter [ROUNDS]`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from time import process_time

from tabulate import tabulate

from harness.litmus.litmus_programs import counter, executed
from harness.search.search import Limits, Strategy, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.preemption_bounded import PreemptionBounded
from harness.search.strategies.source_dpor import SourceDpor

TARGET = 10_000


def body(shared: list[int]) -> Iterator[None]:
    """A thread."""
    for _ in range(2):
        yield
        read = shared[0]
        yield
        shared[0] = read + 1


def floor() -> int:
    """One unreduced search over generators: run, back to the last choice that is not exhausted, run again."""
    executions = 0
    choices: list[list[int]] = []
    while True:
        shared = [0]
        alive = {0: body(shared), 1: body(shared)}
        for thread in alive.values():
            next(thread)
        at = 0
        while alive:
            if at == len(choices):
                choices.append(list(alive))
            pid = choices[at][-1]
            at += 1
            try:
                next(alive[pid])
            except StopIteration:
                del alive[pid]
        executions += 1
        while choices and len(choices[-1]) == 1:
            choices.pop()
        if not choices:
            return executions
        choices[-1].pop()


def ours(make: Callable[[], Strategy]) -> Callable[[], int]:
    """One search."""

    def run() -> int:
        result = search(executed(counter(2, 2)), make(), Limits(stop_at_failure=False))
        return result.executions + result.blocked

    return run


def detangle() -> int:
    """One search by detangle."""
    import detangle as peer

    async def program() -> None:
        shared = [0]

        async def body() -> None:
            for _ in range(2):
                await asyncio.sleep(0)
                read = shared[0]
                await asyncio.sleep(0)
                shared[0] = read + 1

        await asyncio.gather(body(), body())

    stats = peer.explore(program, strategy=peer.DFS(max_delays=8), runs=200, database=False, shrink=False)
    return int(stats.runs)


def interleave_test() -> int:
    """One search by interleave-test."""
    import interleave_test as peer

    def program() -> None:
        shared = [0]

        def body() -> None:
            for _ in range(2):
                read = shared[0]
                shared[0] = read + 1

        for task in [peer.spawn(body), peer.spawn(body)]:
            task.join()

    result = peer.explore(program, strategy="dfs", granularity="line", iterations=200, seed=0)
    return int(result.schedules_run)


PEERS = {"detangle, DFS": detangle, "interleave-test, DFS, 2 preemptions": interleave_test}


def rate(run: Callable[[], int], rounds: int) -> float:
    """Executions per second of CPU time: the best of so many rounds of at least a fifth of a second."""
    best = 0.0
    for _ in range(rounds):
        executions, start = 0, process_time()
        while (taken := process_time() - start) < 0.2:
            executions += run()
        best = max(best, executions / taken)
    return best


def main(rounds: int) -> int:
    """Print the table; 1 if the target is missed."""
    rows = [
        ("bare generators, no bookkeeping (floor)", rate(floor, rounds)),
        ("optimal DPOR", rate(ours(OptimalDpor), rounds)),
        ("source DPOR", rate(ours(SourceDpor), rounds)),
        ("unreduced depth-first", rate(ours(DepthFirst), rounds)),
        ("at most 4 preemptions", rate(ours(lambda: PreemptionBounded(4)), rounds)),
    ]
    for name, peer in PEERS.items():
        try:
            rows.append((name, rate(peer, rounds)))
        except ImportError as error:
            print(f"{error.name} is not installed (extra `bench`)")
    slowest = rows[0][1]
    print(
        tabulate([(name, f"{speed:,.0f}", f"{speed / slowest:.2f}") for name, speed in rows], headers=["", "executions/s", "of the floor"])
    )
    reached = {f"{TARGET:,} executions/s": rows[1][1] >= TARGET, "a tenth of the floor": rows[1][1] >= slowest / 10}
    for target, good in reached.items():
        print(f"optimal DPOR: {'at least' if good else 'LESS THAN'} {target}")
    return 0 if all(reached.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
