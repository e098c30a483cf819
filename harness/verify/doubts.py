"""Whether what a program doubts under a weak memory model comes to pass without late stores as well, and is for other clauses to judge.

A program can find something that a late store explains, and that a fault of another kind explains as well (`Engine.doubtful`). Only the
executions in which every store is seen at once tell which it is: where it happens in one of them, no store has to be late for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.explored.explored_engine import ExploredEngine
from harness.search.search import FAILED, Execute, Observer, SearchResult


@dataclass
class Doubts:
    """Executes a program, and knows what is doubted about it. `forgiving`: it comes to pass without late stores."""

    program: Execute
    forgiving: bool = False
    # Whether the last failure was a doubtful one.
    last: bool = False

    def execute(self, engine: ExploredEngine) -> None:
        """Execute the program, which takes into account what is known."""
        engine.forgiving = self.forgiving
        self.program(engine)

    def note(self, engine: ExploredEngine, _: SearchResult) -> None:
        """Note whether an execution fails because of something doubtful."""
        self.last = engine.doubtful and engine.failure is not None

    def note_without_late_stores(self, engine: ExploredEngine, _: SearchResult) -> None:
        """Note whether that comes to pass here, where no store is late."""
        self.forgiving |= engine.doubtful

    def resolved(self, search: Callable[[], SearchResult], without_late_stores: Callable[[Observer], object]) -> SearchResult:
        """What `search` finds, which is made once more if it ends with what is for other clauses to judge.

        `without_late_stores` searches the same program where every store is seen at once, with the observer that it is given.
        """
        result = search()
        if result.verdict != FAILED or not self.last or self.forgiving:
            return result
        without_late_stores(self.note_without_late_stores)
        return search() if self.forgiving else result
