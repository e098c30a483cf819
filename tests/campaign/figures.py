"""What a campaign counts: how much it has tried, and of each kind of thing that must not happen, where it did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

WRONG = "wrong verdicts"
TRACEBACK = "tracebacks"
HANG = "hangs"
PROCESSES = "processes left"
FILES = "files left"
UNEXPECTED = "other exit codes, or more than a line"
KINDS = (WRONG, TRACEBACK, HANG, PROCESSES, FILES, UNEXPECTED)


@dataclass
class Figures:
    """`tried`: by part of the campaign; `seen`: by kind, a line for each case."""

    tried: Counter[str] = field(default_factory=Counter)
    seen: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def note(self, kind: str, case: str) -> None:
        """That something which must not happen did."""
        self.seen[kind].append(case)

    @property
    def clean(self) -> bool:
        """Whether nothing did."""
        return not any(self.seen.values())

    def text(self) -> str:
        """The figures, and below them the cases."""
        tried = ", ".join(f"{count} {what}" for what, count in self.tried.items())
        cases = [f"  {kind}: {case}" for kind, each in self.seen.items() for case in each]
        return "\n".join([f"tried: {tried}", *(f"{len(each)} {kind}" for kind, each in self.seen.items()), *cases])


def has_traceback(text: str) -> bool:
    """Whether Python, or the harness, says that something went wrong inside."""
    return "Traceback (most recent call last)" in text or "internal error" in text or "Fatal Python error" in text
