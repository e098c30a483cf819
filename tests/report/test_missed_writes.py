"""Reads of older values in words: what was missed, and which barriers were not there."""

from __future__ import annotations

import pytest

from harness.explored.views import ACQUIRE, ALL, READS, RELEASE, WRITES, Evidence, MissingBarrier, Unordered
from harness.report.missed_writes import missed_write
from harness.search.recorder import Missed

WRITER, READER = MissingBarrier("CPU0", WRITES, 0, 1, RELEASE), MissingBarrier("CPU1", READS, 2, 3, ACQUIRE)
FULL = MissingBarrier("CPU0", ALL, 0, 1), MissingBarrier("CPU1", ALL, 2, 3)


@pytest.mark.parametrize(
    ("evidence", "at", "missing", "text"),
    [
        (
            Evidence.READ,
            2,
            (WRITER, READER),
            (
                "CPU1 has seen row 1 (in row 2), but not what CPU0 wrote in row 0, before that: CPU0 has no smp_wmb between rows 0 and 1, "
                "nor is row 1 a release, and CPU1 has no smp_rmb between rows 2 and 3, nor is row 2 an acquire. "
                "If row 3 has its address from row 2, ARM orders the two: that is not known here."
            ),
        ),
        (
            Evidence.READ,
            2,
            (MissingBarrier("CPU2", ALL, 0, 1, RELEASE),),
            (
                "CPU1 has seen row 1 (in row 2), but not what CPU0 wrote in row 0, before that: CPU2 has no full barrier (smp_mb) between "
                "rows 0 and 1, nor is row 1 a release."
            ),
        ),
        (
            Evidence.OVERWRITTEN,
            2,
            FULL,
            (
                "CPU1 wrote over row 1 (in row 2), which is no read of it, and has not seen what CPU0 wrote in row 0, before that: CPU0 "
                "has no full barrier (smp_mb) between rows 0 and 1, and CPU1 has none between rows 2 and 3."
            ),
        ),
        (
            Evidence.MISSED_TOO,
            2,
            FULL[1:],
            (
                "CPU1 has not seen what CPU0 wrote in row 0, nor has CPU0, in row 1, seen row 2: CPU1 has no full barrier (smp_mb) between "
                "rows 2 and 3."
            ),
        ),
    ],
)
def test_what_shows_that_a_write_was_missed(evidence: Evidence, at: int, missing: tuple[MissingBarrier, ...], text: str) -> None:
    """The reader has read what came later, or only written over it, or another one has missed a write, too."""
    assert missed_write("CPU1", Missed(0, "CPU0", Unordered(evidence, 1, at, "CPU0", missing))) == text


def test_no_barrier_is_named_where_none_was_found() -> None:
    """Nothing has told the reader of the write; that no barriers could have is not said, since it may take more than two."""
    said = "Nothing has told CPU1 of what CPU0 wrote in row 4; neither one barrier nor two were found that would have."
    assert missed_write("CPU1", Missed(4, "CPU0")) == said
