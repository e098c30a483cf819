"""The counts that `harness run --suite litmus` does not make: source-DPOR, unreduced searches below a million interleavings, all bounds.

Usage: `python -m tests.bench.litmus`; prints one row for each, and ends with status 1 if one is wrong.
"""

from __future__ import annotations

from time import process_time

from tabulate import tabulate

from harness.litmus.litmus_programs import NO_STAGE, THREADS
from harness.litmus.litmus_suite import PROGRAMS
from harness.search.search import Limits, Strategy, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.preemption_bounded import PreemptionBounded
from harness.search.strategies.source_dpor import SourceDpor


def main() -> int:
    """Run and print."""
    rows = []
    wrong = 0
    for program in PROGRAMS:
        known = program.known
        assert known is not None
        bounded = PreemptionBounded(max(0, len(known.within) - 1))
        tasks: list[tuple[Strategy, int]] = [(SourceDpor(), known.traces)]
        if known.interleavings is not None and known.interleavings < 1_000_000:
            tasks.append((DepthFirst(), known.interleavings))
        if known.within:
            tasks.append((bounded, -1))
        for strategy, expected in tasks:
            start = process_time()
            result = search(lambda engine, p=program: p.execute(NO_STAGE, THREADS, engine), strategy, Limits(stop_at_failure=False))  # type: ignore[misc]
            taken = process_time() - start
            good = result.executions == expected
            found = str(result.executions)
            if strategy is bounded:
                good = tuple(bounded.counts()) == known.within
                found = " ".join(map(str, bounded.counts()))
            wrong += not good
            runs = result.executions + result.blocked
            rows.append((program.name, strategy.name, found, result.blocked, "" if good else "WRONG", f"{runs / max(taken, 1e-9):,.0f}"))
    print(tabulate(rows, headers=["program", "strategy", "found", "blocked", "", "runs/s"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
