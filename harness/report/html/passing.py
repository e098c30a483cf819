"""Which counterexamples go through the lines of a patch: those that share their lines are one group, which is named by its clauses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.report.html.failures_on_page import FailureOnPage
from harness.report.html.patch_diff import FileDiff
from harness.verify.conclusions import count_of
from harness.verify.faults import ranges

# The name of a file, and the numbers of the failures that go through a line of it.
Through = tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class Passing:
    """`failures` that go through the same `lines` of `file`, which are numbers such as "7-9, 12"; never none."""

    anchor: str
    file: str
    lines: str
    failures: tuple[FailureOnPage, ...]

    @property
    def clauses(self) -> Mapping[str, Sequence[FailureOnPage]]:
        """The same by clause."""
        found: dict[str, list[FailureOnPage]] = {}
        for failure in self.failures:
            found.setdefault(failure.clause, []).append(failure)
        return found

    @property
    def label(self) -> str:
        """What stands at the lines: the only clause with its kinds, or how many there are."""
        if len(self.clauses) > 1:
            return f"{count_of(len(self.failures), 'counterexample')} of {count_of(len(self.clauses), 'clause')}"
        return f"{self.failures[0].clause} ({', '.join(dict.fromkeys(failure.kind for failure in self.failures))})"


def passing(anchor: str, files: Sequence[FileDiff], failures: Sequence[FailureOnPage]) -> dict[Through, Passing]:
    """The groups of a patch whose section is at `anchor`; `failures` in the order of their numbers, from 1 on."""
    lines: dict[Through, list[int]] = {}
    for file in files:
        for line in file.lines:
            if line.visits and line.after is not None:
                lines.setdefault((file.name, line.visits), []).append(line.after)
    return {
        key: Passing(f"{anchor}-through-{number}", key[0], ranges(at), tuple(failures[each - 1] for each in key[1]))
        for number, (key, at) in enumerate(lines.items(), 1)
    }
