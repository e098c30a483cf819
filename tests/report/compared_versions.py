"""Two versions of a series that are made up, and compared."""

from __future__ import annotations

from harness.report.versions_table import Sides
from harness.sources.matched_patches import Match
from harness.sources.sourced_series import SourcedSeries
from harness.sources.target import Target
from harness.verify.verdicts import StageResult
from harness.verify.versions import Version, Versions, compare_versions
from stages.api import AcceptedChange
from tests.report.made import concluded


def series_of(name: str, count: int) -> SourcedSeries:
    """A series of so many stages."""
    targets = tuple(Target(index, f"title {index}", "s.py", "/s.py") for index in range(count))
    return SourcedSeries(name, "made", targets, ("",) * count)


def compared(
    old: list[StageResult], new: list[StageResult], *matches: tuple[int | None, int | None], accepted: tuple[AcceptedChange, ...] = ()
) -> tuple[Sides, Versions]:
    """Two versions with these results, their patches matched so; the second one accepts something."""
    conclusions = concluded(old, of_stages=len(old)), concluded(new, of_stages=len(new), accepted=accepted)
    sides = Sides((series_of("v1", len(old)), series_of("v2", len(new))), conclusions)
    versions = []
    for stages, conclusion in zip((old, new), conclusions, strict=True):
        models = conclusion.models or {"sc": conclusion}
        versions.append(
            {model: Version([stage.under(model) if stage.models else stage for stage in stages], of) for model, of in models.items()}
        )
    pairs = [(clause, kind) for clause in old[0].clauses for kind in old[0].clauses[clause].kinds]
    return sides, compare_versions([Match(*match) for match in matches], pairs, *versions)
