"""What a comparison of two versions comes to, as accusations of the patches of the second one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.report.accusations import Accusation, Accused
from harness.report.github_annotations import ERROR, NOTICE, WARNING, Annotation
from harness.report.versions_table import Sides, version_lines, versions_sentence, versions_table, whose
from harness.suite.suite import Suite
from harness.verify.simplicity import simplicity
from harness.verify.verdicts import Failure, StageResult
from harness.verify.versions import NEW, NEWLY_ACCEPTED, OPEN, OR_BEFORE, SAME, Compared, ComparedPatch, Versions

MARKDOWN = "github"
# What is remarked about a patch, and how: only what is newly broken counts.
REMARKED = (
    (NEW, ERROR, "newly breaks {}"),
    (NEWLY_ACCEPTED, NOTICE, "newly breaks {}, which is accepted"),
    (SAME, NOTICE, "still breaks {}"),
)


def accused_by_versions(sides: Sides, versions: Versions, stages: Sequence[StageResult], suite: Suite, source: tuple[str, ...]) -> Accused:
    """The whole comparison; `stages`: the results of the second version, `source`: options that name it."""
    tested = {stage.index: stage for stage in stages}
    accusations = [each for patch in versions.patches for each in _accusations(sides, patch, tested.get(patch.match.after or 0))]
    names = " and ".join(series.name for series in sides.series)
    tables = (versions_table(sides, versions, MARKDOWN),)
    return Accused(
        f"Versions {names}", versions_sentence(sides, versions), tables, accusations, tuple(version_lines(sides, versions)), suite, source
    )


def open_ends(sides: Sides, versions: Versions) -> list[Annotation]:
    """What could not be compared, and why."""
    head = f"{OPEN}: "
    lines = [line.removeprefix(head) for line in version_lines(sides, versions) if line.startswith(head)]
    return [Annotation(WARNING, OPEN, line) for line in (*lines, *versions.incomplete)]


def _accusations(sides: Sides, patch: ComparedPatch, stage: StageResult | None) -> Iterator[Accusation]:
    """One for each clause that the patch of the second version breaks."""
    for said, level, text in REMARKED:
        clauses: dict[str, list[Compared]] = {}
        for each in patch.of(said):
            clauses.setdefault(each.clause, []).append(each)
        for clause, found in clauses.items():
            failures = [] if stage is None else list(_failures(stage, found))
            if failures and patch.match.after is not None:
                kind, failure = min(failures, key=lambda pair: simplicity(pair[1]))
                unsure = " (or before)" * any(each.after == OR_BEFORE for each in found)
                told = f"{whose(patch)} {text.format(', '.join(sides.named(found)))}"
                yield Accusation(level, patch.match.after, f"{whose(patch)} {text}", told, clause, kind, failure, unsure)


def _failures(stage: StageResult, found: Sequence[Compared]) -> Iterator[tuple[str, Failure]]:
    for each in found:
        result = stage.models.get(each.model, stage.clauses)[each.clause].kinds[each.kind]
        if result.failure is not None:
            yield each.kind, result.failure
