"""What is known of the ends of a series: a clause is told only where nothing is missing of it."""

from __future__ import annotations

from dataclasses import dataclass

from harness.jobs.executor import OK, Outcome, Task
from harness.jobs.job import Job
from harness.sources.shipped import shipped_series
from harness.verify.known_ends import broken_between
from harness.verify.run_stages import Verification
from harness.verify.verdicts import FAIL, PASS, Failure, KindResult
from stages import POSTED

KINDS = ("softirq", "vcpu")
PLAN = Verification((("fifo", KINDS), ("quiet", KINDS)))
LAST = len(POSTED.stages) - 1
GOOD_AT_FIRST = {(0, "fifo"): PASS, (0, "quiet"): PASS}


@dataclass
class Known:
    """What is known, by the number of the stage and the clause; of `lacking`, nothing for the kind vcpu."""

    verdicts: dict[tuple[int, str], str]
    lacking: tuple[int, str] | None = None

    def known(self, task: Task) -> Outcome | None:
        """The outcome of a job."""
        (job,) = task.arguments
        assert isinstance(job, Job)
        place = job.target.index, job.part
        if place not in self.verdicts or (place == self.lacking and job.kind == "vcpu"):
            return None
        verdict = self.verdicts[place] if job.kind == "vcpu" else PASS
        failure = Failure("assertion", "not so") if verdict == FAIL else None
        return Outcome(OK, KindResult(job.part, job.kind, verdict, 1, failure=failure))

    def keep(self, task: Task, outcome: Outcome) -> None:
        """Nothing is found out here."""


def told(known: Known) -> tuple[str, ...] | None:
    """What that says of the series."""
    return broken_between(shipped_series(POSTED).targets, PLAN, known)


def test_a_clause_that_one_kind_violates_at_the_end_is_told() -> None:
    """The other clause is kept at both ends."""
    assert told(Known({**GOOD_AT_FIRST, (LAST, "fifo"): FAIL, (LAST, "quiet"): PASS})) == ("fifo",)


def test_what_the_baseline_violates_is_not_told() -> None:
    """Nobody can search for what is bad at both ends, or only at the first one."""
    assert told(Known({(0, "fifo"): FAIL, (0, "quiet"): FAIL, (LAST, "fifo"): FAIL, (LAST, "quiet"): PASS})) == ()


def test_a_clause_lacking_a_kind_is_not_known() -> None:
    """Whether the baseline keeps it for the other kind, nobody has tried; and so nobody knows whether there is nothing to search for."""
    known = {**GOOD_AT_FIRST, (LAST, "fifo"): FAIL, (LAST, "quiet"): PASS}
    assert told(Known(known, lacking=(0, "fifo"))) is None


def test_one_clause_that_is_known_is_enough() -> None:
    """The others need not be."""
    assert told(Known({(0, "fifo"): PASS, (LAST, "fifo"): FAIL})) == ("fifo",)
