"""A series, wherever it comes from: its stages by value, what it declares, and how far it goes. Who tests it need not know more."""

from __future__ import annotations

from dataclasses import dataclass

from harness.sources.target import Target
from stages.api import AcceptedChange, Series

DEFAULT_FILE = Series.file


@dataclass(frozen=True)
class SourcedSeries:
    """The stages of a series in order, the baseline first.

    `messages` has a commit message for each stage. `patches`: whether it is somebody's patches, and not a series that ships.
    """

    name: str
    suite: str
    targets: tuple[Target, ...]
    messages: tuple[str, ...]
    accepted: tuple[AcceptedChange, ...] = ()
    # Where the stages have the same file: what it is called in a repository.
    file: str = DEFAULT_FILE
    # Where the own headers of stages in C are there.
    headers: tuple[str, ...] = ()
    patches: bool = True
    # Why there are no more stages than these; empty if there are no more patches.
    ends_early: str = ""
    # Of a patch that does not apply, what does not.
    hunk: str = ""
    # How many stages there would be otherwise.
    announced: int = 0
    # What a reader has to know about where the stages come from.
    notes: tuple[str, ...] = ()
    # Who has written the commit of each stage, if they are commits.
    authors: tuple[str, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader has to know about where the stages come from, and where they end before all patches are applied: lines of text."""
        if not self.ends_early:
            return self.notes
        return (*self.notes, f"the series ends after stage {len(self.targets) - 1}: {self.ends_early}", *self.hunk.splitlines())

    @property
    def every_stage(self) -> tuple[int, ...]:
        """The numbers of all its stages, those that there should be included."""
        return tuple(range(max(len(self.targets), self.announced))) if self.patches else tuple(target.index for target in self.targets)
