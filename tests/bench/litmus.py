"""The counts that take too long for the test suite: unreduced searches below a million interleavings, all bounds of the larger programs.

Usage: `python tests/bench/litmus.py`; prints one row for each, and ends with status 1 if one is wrong.
"""

from __future__ import annotations

from time import process_time

from tabulate import tabulate

from harness.litmus.litmus_programs import LITMUS, executed
from harness.search.search import Limits, Strategy, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.preemption_bounded import PreemptionBounded
from harness.search.strategies.source_dpor import SourceDpor


def main() -> int:
    """Run and print."""
    rows = []
    wrong = 0
    for litmus in LITMUS:
        bounded = PreemptionBounded(max(0, len(litmus.within) - 1))
        tasks: list[tuple[Strategy, int]] = [(OptimalDpor(), litmus.traces), (SourceDpor(), litmus.traces)]
        if 0 < litmus.interleavings < 1_000_000:
            tasks.append((DepthFirst(), litmus.interleavings))
        if litmus.within:
            tasks.append((bounded, -1))
        for strategy, expected in tasks:
            start = process_time()
            result = search(executed(litmus.arrange), strategy, Limits(stop_at_failure=False))
            taken = process_time() - start
            good = result.executions == expected
            found = str(result.executions)
            if strategy is bounded:
                good = tuple(bounded.counts()) == litmus.within
                found = " ".join(map(str, bounded.counts()))
            wrong += not good
            runs = result.executions + result.blocked
            rows.append((litmus.name, strategy.name, found, result.blocked, "" if good else "WRONG", f"{runs / max(taken, 1e-9):,.0f}"))
    print(tabulate(rows, headers=["program", "strategy", "found", "blocked", "", "runs/s"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
