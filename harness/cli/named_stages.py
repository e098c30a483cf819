"""The stages that `explore`, `diff` and `perf` name one by one: by numbers in a series, wherever that comes from, or by files."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.cli.exit_codes import UsageError
from harness.cli.native_request import target_named
from harness.cli.selection import chosen, series_named, ships, stage_number, stages_numbered
from harness.cli.series_source import DEFAULT_SERIES, Sourced, SourceRequest, file_words, require_one, sourced, suite_words
from harness.sources.target import NO_SERIES, Target


@dataclass(frozen=True)
class NamedStages:
    """Where the stages of one command line come from. A series that does not ship is read once, when it is first needed."""

    source: SourceRequest
    suite: str | None = None

    def __post_init__(self) -> None:
        require_one(self.source)

    def require(self, words: Sequence[str]) -> None:
        """See that there is such a series, also where these words name only files, and that nobody names commits in vain.

        Raises `UsageError`.
        """
        if self.of_commits:
            if words and not any(map(is_number, words)):
                raise UsageError(f"{words[0]} and {self.source.named} name stages each: choose one, or name a stage by its number")
        elif not os.path.isdir(self._name):
            _ = self.series_suite

    def numbered(self, wanted: Sequence[int]) -> list[Target]:
        """The stages with these numbers, all if there are none, in the order of the series; raises `UsageError`."""
        if self._ships:
            return stages_numbered(series_named(self._name), wanted, self.source.native)
        series = self._read.series
        return chosen(series.name, series.targets, wanted)

    def stage_or_file(self, word: str) -> Target:
        """The stage with that number, or the one in that file; raises `UsageError`."""
        return self.numbered([stage_number(word)])[0] if is_number(word) else target_named(word, self.source.native)

    @property
    def series_suite(self) -> str:
        """The suite that the series is tested with; raises `UsageError`."""
        return series_named(self._name).suite if self._ships else self._read.series.suite

    def words(self, target: Target, word: str) -> tuple[str, ...]:
        """What names a stage to `harness replay`, also later, beyond what replay strings have; `word` is what named it here."""
        if target.series == NO_SERIES:
            return file_words(word, self.source.native, self.suite)
        return (*(self.source if self._ships else self._read.lasting).words, *suite_words(self.suite))

    def remarks(self, targets: Sequence[Target]) -> str:
        """What a reader has to know about where these stages come from: lines of text; mostly there is nothing."""
        if self._ships or all(target.series == NO_SERIES for target in targets):
            return ""
        return "\n".join(self._read.series.remarks)

    @property
    def ends_early(self) -> bool:
        """Whether the series has fewer stages than it should have, since a patch does not apply."""
        return not self._ships and bool(self._read.series.ends_early)

    @cached_property
    def _read(self) -> Sourced:
        return sourced(self.source, self.suite)

    @property
    def of_commits(self) -> bool:
        """Whether the series is a range, or a mailbox."""
        return self.source.range is not None or self.source.mbox is not None

    @property
    def _name(self) -> str:
        return DEFAULT_SERIES if self.source.series is None else self.source.series

    @property
    def _ships(self) -> bool:
        return not self.of_commits and ships(self._name)


def is_number(word: str) -> bool:
    """Whether a word is the number of a stage, and not a file."""
    return re.fullmatch("[0-9]+", word) is not None
