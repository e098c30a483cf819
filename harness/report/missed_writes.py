"""A read that has returned an older value, in plain words: what it has missed, and which barriers were not there.

Each barrier that is named is missing, and with all that are, the read could not have returned that value.
"""

from __future__ import annotations

from harness.explored.views import ACQUIRE, ALL, READS, RELEASE, Evidence, MissingBarrier, Unordered
from harness.search.recorder import Missed


def missed_write(who: str, missed: Missed) -> str:
    """What is to be said of a read of process `who`."""
    write = f"what {missed.of} wrote in row {missed.row}"
    if missed.why is None:
        # (Three barriers may be missing, or it may take more steps than those that are looked for.)
        return f"Nothing has told {who} of {write}; neither one barrier nor two were found that would have."
    return f"{who} {_evidence(missed.why, write)}: {_missing(missed.why.missing)}.{_addresses(missed.why.missing)}"


def _evidence(why: Unordered, write: str) -> str:
    """What the process has seen and not seen."""
    if why.evidence is Evidence.READ:
        return f"has seen row {why.row} (in row {why.at}), but not {write}, before that"
    if why.evidence is Evidence.OVERWRITTEN:
        return f"wrote over row {why.row} (in row {why.at}), which is no read of it, and has not seen {write}, before that"
    return f"has not seen {write}, nor has {why.of}, in row {why.row}, seen row {why.at}"


def _missing(missing: tuple[MissingBarrier, ...]) -> str:
    first, *others = missing
    return ", and ".join([_barrier(first), *(_barrier(each, first.barrier) for each in others)])


def _barrier(missing: MissingBarrier, known: str = "") -> str:
    """That it is not there, and what would do as well; `known`: which one was named just before."""
    name = f"full barrier ({ALL})" if missing.barrier == ALL else missing.barrier
    none = "none" if missing.barrier == known else f"no {name}"
    nor = {"": "", ACQUIRE: f", nor is row {missing.first} an acquire", RELEASE: f", nor is row {missing.last} a release"}
    return f"{missing.who} has {none} between rows {missing.first} and {missing.last}{nor[missing.or_else]}"


def _addresses(missing: tuple[MissingBarrier, ...]) -> str:
    """What may order two reads without a barrier: mostly nobody can tell whether it does (`harness.explored.address_origins`)."""
    rows = [(each.last, each.first) for each in missing if (each.barrier, each.or_else) == (READS, ACQUIRE)]
    return "".join(f" If row {last} has its address from row {first}, ARM orders the two: that is not known here." for last, first in rows)
