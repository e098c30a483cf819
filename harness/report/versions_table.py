"""Two versions of a series for people: a row a patch, lines for what a row has no room for, and the conclusion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.report.patches_table import MOST_NAMES
from harness.report.tables import table
from harness.sources.sourced_series import SourcedSeries
from harness.verify.conclusions import Conclusion, count_of
from harness.verify.versions import (
    ACCEPTED,
    BEFORE,
    GUILTY,
    MENDED,
    NEW,
    NEWLY_ACCEPTED,
    OPEN,
    OR_BEFORE,
    SAME,
    UNKNOWN,
    Compared,
    ComparedPatch,
    Versions,
)
from stages.api import short_title

# What the two are called everywhere.
NAMES = ("v1", "v2")
HEADERS = (*NAMES, "patch", "v1 breaks", "v2 breaks", "mended in v2", NEW, SAME, OPEN)
DROPPED, ADDED = "dropped", "new"
# Why nothing follows for a patch.
NO_VERDICT = "{} has no verdict"
VIOLATED_BEFORE = "{} violates it before the patch already"
GONE = "the patch is gone, and not every stage of v2 keeps it"
BUT_FOR = ", but for what is accepted"
AS_FAR = ", as far as that could be compared"


# What is said behind a clause.
ADDED_TO = {OR_BEFORE: " (or before)", ACCEPTED: " (accepted)"}
# What the patch of a version does.
State = Callable[[Compared], str | None]


def _was(found: Compared) -> str | None:
    return found.before


def _is(found: Compared) -> str | None:
    return found.after


@dataclass(frozen=True)
class Sides:
    """The two versions as they were read, and what follows for each by itself."""

    series: tuple[SourcedSeries, SourcedSeries]
    conclusions: tuple[Conclusion, Conclusion]

    @property
    def models(self) -> tuple[str, ...]:
        """The memory models, which are the same for both."""
        return self.conclusions[0].selection.models

    @property
    def extent(self) -> str:
        """How much was compared: clauses and memory models."""
        selection = self.conclusions[0].selection
        clauses, every = len(selection.clauses), len(selection.every_clause)
        return f"{'all' if clauses == every else f'{clauses} of'} {every} clauses under {', '.join(self.models)}"

    def title(self, patch: ComparedPatch) -> str:
        """What the patch is called: in the second version, if it is there."""
        side, number = (0, patch.match.before) if patch.match.after is None else (1, patch.match.after)
        return next(short_title(target.title) for target in self.series[side].targets if target.index == number)

    def named(self, found: Iterable[Compared], state: State = _is) -> list[str]:
        """Each clause with its kinds if these are not all, the memory models if these are not all, and what there is to add.

        `state`: of which version that is said.
        """
        every = dict(self.conclusions[0].selection.clauses)
        kinds: dict[tuple[str, str, str], list[str]] = {}
        for each in found:
            kinds.setdefault((each.clause, ADDED_TO.get(state(each) or "", ""), each.model), []).append(each.kind)
        models: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
        for (clause, more, model), of in kinds.items():
            models.setdefault((clause, more, tuple(of)), []).append(model)
        return [f"{clause}{_kinds(of, every[clause])}{_under(under, self.models)}{more}" for (clause, more, of), under in models.items()]


def _kinds(kinds: Sequence[str], every: Sequence[str]) -> str:
    return "" if set(kinds) == set(every) else f" ({', '.join(kinds)})"


def _under(models: Sequence[str], every: Sequence[str]) -> str:
    return "" if len(models) == len(every) else f" under {', '.join(models)}"


def versions_table(sides: Sides, versions: Versions, tablefmt: str) -> str:
    """A row for each patch of either version; named is only what some patch breaks, mends or leaves open."""
    return table(versions_rows(sides, versions), HEADERS, tablefmt, HEADERS[:2])


def versions_rows(sides: Sides, versions: Versions) -> list[list[object]]:
    """The rows of that table, for whoever puts them elsewhere."""
    rows: list[list[object]] = []
    for patch in versions.patches:
        match = patch.match
        numbers = [ADDED if match.before is None else match.before, DROPPED if match.after is None else match.after]
        broken = [sides.named((each for each in patch.found if state(each) in GUILTY), state) for state in (_was, _is)]
        told = [sides.named(patch.of(said), state) for said, state in ((MENDED, _was), (NEW, _is), (SAME, _is))]
        rows.append([*numbers, sides.title(patch), *map(", ".join, [*broken, *told]), _in_short(sides, patch)])
    return rows


def _in_short(sides: Sides, patch: ComparedPatch) -> str:
    """The clauses that are open; many are counted, since the lines below the table have their names."""
    found = patch.of(OPEN)
    clauses = dict.fromkeys(each.clause for each in found)
    return ", ".join(sides.named(found)) if len(clauses) <= MOST_NAMES else count_of(len(clauses), "clause")


def version_lines(sides: Sides, versions: Versions) -> list[str]:
    """What the baselines break, what is broken by another patch of the first version as well, and why something is open."""
    return [*_baselines(sides), *_elsewhere(sides, versions), *_open(sides, versions)]


def _baselines(sides: Sides) -> Iterator[str]:
    for version, conclusion in zip(NAMES, sides.conclusions, strict=True):
        if conclusion.steps.baseline:
            yield f"the baseline of {version} breaks {', '.join(step.in_full for step in conclusion.steps.baseline)}: that is of no patch"


def _elsewhere(sides: Sides, versions: Versions) -> Iterator[str]:
    for patch in versions.patches:
        new = {(each.clause, each.kind, each.model): each for each in patch.of(NEW)}
        for other in versions.patches:
            both = [new[key] for each in other.found if each.before in GUILTY and (key := (each.clause, each.kind, each.model)) in new]
            if both:
                yield f"{', '.join(sides.named(both))}, new in {whose(patch)}, is broken in v1, too: by patch {other.match.before}"


def _open(sides: Sides, versions: Versions) -> Iterator[str]:
    for patch in versions.patches:
        reasons: dict[str, list[Compared]] = {}
        for each in patch.of(OPEN):
            reasons.setdefault(_why_open(each), []).append(each)
        for reason, found in reasons.items():
            yield f"{OPEN}: {whose(patch)}: {', '.join(sides.named(found))}: {reason}"


def _why_open(found: Compared) -> str:
    states = tuple(zip(NAMES, (found.before, found.after), strict=True))
    for state, reason in ((UNKNOWN, NO_VERDICT), (BEFORE, VIOLATED_BEFORE)):
        if versions := [version for version, of in states if of == state]:
            return reason.format(" and ".join(versions)).replace("and v2 has", "and v2 have")
    return GONE


def patches_of(number: int) -> str:
    """Such as "1 patch" or "6 patches"."""
    return f"{number} patch{'es' * (number != 1)}"


def whose(patch: ComparedPatch) -> str:
    """Which patch that is, in words."""
    match = patch.match
    return f"patch {match.before} of v1, which v2 lacks" if match.after is None else f"patch {match.after} of v2"


def versions_sentence(sides: Sides, versions: Versions) -> str:
    """The conclusion in one line."""
    accepted = list(_told(sides, versions, NEWLY_ACCEPTED, "{whose} newly breaks {what}"))
    none = f"no patch of v2 newly breaks a clause{BUT_FOR * bool(accepted)}{AS_FAR * versions.undecided}"
    parts = [*(list(_told(sides, versions, NEW, "{whose} newly breaks {what}")) or [none]), *accepted]
    parts += _told(sides, versions, MENDED, "mended in v2: {what}, which {was} broke")
    parts += _told(sides, versions, SAME, "{whose} still breaks {what}")
    left = sum(bool(patch.of(OPEN)) for patch in versions.patches)
    parts += [f"not wholly compared: {patches_of(left)}"] if left else []
    return f"{sides.extent}: {'; '.join([*parts, *versions.incomplete])}"


def _told(sides: Sides, versions: Versions, said: str, text: str) -> Iterator[str]:
    for patch in versions.patches:
        if found := patch.of(said):
            what = ", ".join(sides.named(found, _was if said == MENDED else _is))
            yield text.format(whose=whose(patch), was=f"patch {patch.match.before} of v1", what=what)
