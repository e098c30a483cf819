"""What is on the page of two versions of a series: a model of plain, frozen records, as `html_report.py` has for a run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.report.html.anchors import Anchors
from harness.report.html.contract_matrix import ContractMatrix
from harness.report.html.failures_on_page import FailureOnPage, Failures, failures_on_page
from harness.report.html.html_report import BAD, GOOD, UNSURE, TableOnPage
from harness.report.html.short_answer import Linked, ShortAnswer
from harness.report.html.versions_matrix import MEANING, Case, number_of, versions_matrix
from harness.report.review import BEYOND, Reviewed
from harness.report.versions_table import HEADERS, NAMES, Sides, versions_rows, versions_sentence, whose
from harness.sources.target import Target
from harness.verify.executions import Key
from harness.verify.versions import MENDED, NEW, NEWLY_ACCEPTED, OPEN, SAME, Compared, ComparedPatch, Versions

HEADS = {BAD: "v2 newly breaks a clause", UNSURE: "not everything could be compared", GOOD: "no patch of v2 newly breaks a clause"}
# What differs, and which version shows it.
DIFFERS = {NEW: 1, NEWLY_ACCEPTED: 1, MENDED: 0}
HEADINGS = {NEW: "Newly broken", MENDED: "Mended", NEWLY_ACCEPTED: "Newly accepted", SAME: "Still broken", OPEN: "Not compared"}


@dataclass(frozen=True)
class VersionsOnPage:
    """What a page is made of: each version as it was tested, with its stages by number; `lines`: what else there is to say of both."""

    sides: Sides
    versions: Versions
    reviewed: tuple[Reviewed, Reviewed]
    targets: tuple[Mapping[int, Target], Mapping[int, Target]]
    lines: tuple[str, ...]
    command: Sequence[str]
    settings: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class ShownDifference:
    """A violation that one of the versions has, by its name, and the other one has not."""

    version: str
    failure: FailureOnPage


@dataclass(frozen=True)
class PatchOfVersions:
    """A patch: what it is in both versions, and under each heading what is said so, with what shows it, if that is shown."""

    anchor: str
    number: str
    title: str
    what: str
    said: tuple[tuple[str, tuple[str, ...]], ...]
    shown: tuple[ShownDifference, ...]


@dataclass(frozen=True)
class VersionsReport:
    """The page; what fields it shares with `HtmlReport` mean the same."""

    heading: str
    answer: ShortAnswer
    state: str
    tested: str
    table: TableOnPage
    lines: tuple[str, ...]
    meanings: tuple[tuple[str, str], ...]
    matrix: ContractMatrix
    patches: tuple[PatchOfVersions, ...]
    differences: tuple[ShownDifference, ...]
    beyond: str
    command: str
    settings: tuple[tuple[str, str], ...]

    @property
    def failures(self) -> tuple[FailureOnPage, ...]:
        """All that is shown, whichever version has it."""
        return tuple(each.failure for each in self.differences)


def executions_of_versions(versions: Versions, side: int, replays: Mapping[tuple[int, Case], str]) -> list[Key]:
    """The executions of one version that the page shows, of what differs; `replays`: by stage and case, what shows a violation."""
    places = (
        (_stage(patch, side), (each.clause, each.kind, each.model))
        for patch in versions.patches
        for each in patch.found
        if DIFFERS.get(each.said) == side
    )
    return list(dict.fromkeys((stage, replay) for stage, case in places if (replay := replays.get((stage, case), ""))))


def versions_report(page: VersionsOnPage) -> VersionsReport:
    """Put everything in its place."""
    sides, versions = page.sides, page.versions
    anchors = Anchors()
    found = [failures_on_page(reviewed, targets, anchors) for reviewed, targets in zip(page.reviewed, page.targets, strict=True)]
    shown = {
        (position, (each.clause, each.kind, each.model)): difference
        for position, patch in enumerate(versions.patches)
        for each in patch.found
        if (difference := _difference(patch, each, found)) is not None
    }
    links = {key: each.failure for key, each in shown.items()}
    state = BAD if versions.new else UNSURE if versions.undecided else GOOD
    return VersionsReport(
        " · ".join(f"{name}: {series.name}" for name, series in zip(NAMES, sides.series, strict=True)),
        ShortAnswer(HEADS[state], ((Linked(versions_sentence(sides, versions)),),)),
        state,
        f"Tested of each version: {sides.extent}; {page.reviewed[1].effort}.",
        _table(sides, versions),
        page.lines,
        tuple(MEANING.items()),
        versions_matrix(sides, versions, page.reviewed[1].suite, links),
        tuple(_patch(sides, position, patch, shown) for position, patch in enumerate(versions.patches)),
        tuple({each.failure.anchor: each for each in shown.values()}.values()),
        BEYOND,
        shlex.join(page.command),
        tuple(page.settings),
    )


def _stage(patch: ComparedPatch, side: int) -> int:
    number = (patch.match.before, patch.match.after)[side]
    assert number is not None
    return number


def _difference(patch: ComparedPatch, each: Compared, found: Sequence[Failures]) -> ShownDifference | None:
    """What shows that something is better, or worse."""
    side = DIFFERS.get(each.said)
    if side is None:
        return None
    failure = found[side].get((_stage(patch, side), each.model, each.clause, each.kind))
    return None if failure is None else ShownDifference(NAMES[side], failure)


def _table(sides: Sides, versions: Versions) -> TableOnPage:
    rows = tuple(tuple(map(str, row)) for row in versions_rows(sides, versions))
    links = tuple(f"patch-{number_of(patch)}" for patch in versions.patches)
    return TableOnPage(HEADERS, rows, links, HEADERS.index("patch"))


def _patch(sides: Sides, position: int, patch: ComparedPatch, shown: Mapping[tuple[int, Case], ShownDifference]) -> PatchOfVersions:
    number = number_of(patch)
    own = {each.failure.anchor: each for (at, _), each in shown.items() if at == position}
    return PatchOfVersions(f"patch-{number}", number, sides.title(patch), _what(patch), tuple(_said(sides, patch)), tuple(own.values()))


def _what(patch: ComparedPatch) -> str:
    match = patch.match
    if match.before is None:
        return f"It is {whose(patch)}, and new there."
    return f"It is {whose(patch)}{'' if match.after is None else f', and was patch {match.before} of v1'}."


def _said(sides: Sides, patch: ComparedPatch) -> Iterator[tuple[str, tuple[str, ...]]]:
    for said, heading in HEADINGS.items():
        if found := patch.of(said):
            yield heading, tuple(sides.named(found))
