"""A search of a series in words: the steps that it took, what it comes to for each clause, and how many stages were tested for that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from harness.report.patches_table import SHORT
from harness.report.tables import table
from harness.sources.target import Target
from harness.verify.conclusions import what
from harness.verify.faults import stages_named
from harness.verify.search_rounds import PairSearch
from harness.verify.series_search import (
    BINARY,
    BROKEN_BEFORE,
    CULPRIT,
    INCONSISTENT,
    KEPT,
    NO_END,
    SUSPECTS,
    UNCONFIRMED,
    Change,
)
from harness.verify.verdicts import FAIL, PASS, ClauseResult, KindResult, StageResult
from stages.api import short_title

VERDICTS = {PASS: "keeps it", FAIL: "violates it"}
NO_VERDICT = "no verdict"
ONE_CHANGE = "a binary search sees one change of each clause: what is broken and mended between two stages that it has tested is not seen"
ENDS_ONLY = "where both ends keep a clause, what is broken and mended between them is not seen: `harness run` judges each patch"
SCRATCH = "from scratch"


class _Row(NamedTuple):
    """A stage that was tested for a clause, but for the kinds; equal ones are one row."""

    nr: int
    stage: int
    clause: str
    verdict: str


def steps_table(searches: Sequence[PairSearch], targets: Sequence[Target], tablefmt: str) -> str:
    """A row for each stage as it was tested, in order; those that were tested once more come last."""
    rows = [(_row(each, *step, again=""), each.pair[1]) for each in searches for step in enumerate(each.results.items())]
    again = [(_row(each, *step, again=f", {SCRATCH}"), each.pair[1]) for each in searches for step in enumerate(each.results_again.items())]
    kinds: dict[_Row, list[str]] = {}
    for row, kind in [*sorted(rows, key=_number), *sorted(again, key=_number)]:
        kinds.setdefault(row, []).append(kind)
    commits = any(target.commit for target in targets)
    cells = []
    for number, (row, names) in enumerate(kinds.items(), 1):
        target = targets[row.stage]
        commit = [target.commit[:SHORT]] * commits
        cells.append([number, row.stage, *commit, short_title(target.title), f"{row.clause} ({', '.join(names)})", row.verdict])
    headers = ["step", "stage", *["commit"] * commits, "patch", "clause", "verdict"]
    return table(cells, headers, tablefmt, ["step", "stage"])


def _row(search: PairSearch, nr: int, tested: tuple[int, KindResult], again: str) -> _Row:
    stage, result = tested
    reason = f": {what(result.failure)}" if result.failure and result.verdict not in VERDICTS else ""
    return _Row(nr, stage, search.pair[0], f"{VERDICTS.get(result.verdict, NO_VERDICT)}{again}{reason}")


def _number(row: tuple[_Row, str]) -> int:
    return row[0].nr


@dataclass(frozen=True)
class AnswerLine:
    """What the search comes to for a clause and those of its kinds for which it comes to the same, after so many stages."""

    clause: str
    kinds: tuple[str, ...]
    outcome: str
    sentence: str
    tested: int
    suspects: tuple[int, ...]

    @property
    def what(self) -> str:
        """The clause and the kinds."""
        return f"{self.clause} ({', '.join(self.kinds)})"

    @property
    def who(self) -> str:
        """The patch that is accused, or those of which it is one."""
        return named(self.suspects)


def named(suspects: Sequence[int]) -> str:
    """Such as "patch 3" or "one of patches 3, 4"."""
    return f"patch {suspects[0]}" if len(suspects) == 1 else f"one of patches {', '.join(map(str, suspects))}"


def answers_table(lines: Sequence[AnswerLine], stages: int, tablefmt: str) -> str:
    """A row for each line; nothing if there is none."""
    rows = [[line.clause, ", ".join(line.kinds), line.sentence, f"{line.tested} of {stages}"] for line in lines]
    return table(rows, ["clause", "kinds", "what the search comes to", "stages tested"], tablefmt) if rows else ""


def answer_lines(searches: Iterable[PairSearch]) -> list[AnswerLine]:
    """A line for each clause and each thing that its searches come to."""
    together: dict[AnswerLine, list[str]] = {}
    for each in searches:
        clause, kind = each.pair
        line = AnswerLine(clause, (), each.answer.outcome, _sentence(each), len(each.results), each.answer.suspects)
        together.setdefault(line, []).append(kind)
    return [replace(line, kinds=tuple(kinds)) for line, kinds in together.items()]


def _sentence(search: PairSearch) -> str:
    """What a search comes to, in words that follow the clause."""
    answer, sentences = search.answer, {KEPT: "both ends keep it", BROKEN_BEFORE: "the base violates it already"}
    if answer.outcome in sentences:
        return sentences[answer.outcome]
    if answer.outcome == NO_END:
        return "no search: " + "; ".join(_without_verdict(search.results, (0, search.search.tip)))
    if answer.outcome == INCONSISTENT:
        return f"inconsistent: {_inconsistent(search)}"
    (change,) = answer.changes
    if answer.outcome == UNCONFIRMED:
        again = "; ".join(_without_verdict(search.results_again, search.results_again))
        return f"not confirmed: {_seen(change)}; once more {SCRATCH}, {again}"
    untold = [f"; {each}" for each in _without_verdict(search.results, range(change.before + 1, change.after))]
    return f"{named(answer.suspects)} breaks it: {_seen(change)}, once more {SCRATCH}{''.join(untold)}"


def _seen(change: Change) -> str:
    verbs = ("keeps", "violates") if change.breaks else ("violates", "keeps")
    return f"stage {change.before} {verbs[0]} it and stage {change.after} {verbs[1]} it"


def _inconsistent(search: PairSearch) -> str:
    changes = search.answer.changes
    if len(changes) > 1:
        return "; ".join(map(_seen, changes))
    return f"{_seen(changes[0])}; once more {SCRATCH}, " + " and ".join(
        f"stage {stage} {VERDICTS.get(result.verdict, 'has ' + NO_VERDICT)}" for stage, result in search.results_again.items()
    )


def _without_verdict(results: Mapping[int, KindResult], stages: Iterable[int]) -> Iterator[str]:
    """The stages of `stages` that have no verdict, and why."""
    reasons: dict[str, list[int]] = {}
    for stage in stages:
        result = results[stage]
        if result.verdict not in VERDICTS:
            reasons.setdefault(what(result.failure) if result.failure else "", []).append(stage)
    for reason, numbers in reasons.items():
        yield f"{stages_named(numbers)}: {NO_VERDICT}{f' ({reason})' if reason else ''}"


def first_bad_stages(searches: Iterable[PairSearch], targets: Sequence[Target]) -> list[StageResult]:
    """The stages that are found to violate something first, with what they violate: those that accuse somebody, and the base."""
    found: dict[int, StageResult] = {}
    for each in searches:
        clause, kind = each.pair
        for index, result in _first_bad(each):
            target = targets[index]
            stage = found.setdefault(index, StageResult(index, target.title, target.module))
            stage.clauses.setdefault(clause, ClauseResult(clause)).kinds[kind] = result
    return [found[index] for index in sorted(found)]


def _first_bad(search: PairSearch) -> Iterator[tuple[int, KindResult]]:
    answer = search.answer
    if answer.suspects:
        yield answer.suspects[-1], search.results_again[answer.suspects[-1]]
    elif answer.outcome == BROKEN_BEFORE:
        yield 0, search.results[0]


def not_seen_lines(how: str, lines: Sequence[AnswerLine]) -> list[str]:
    """What such a search cannot see, as far as that matters."""
    searched = any(line.outcome not in (KEPT, BROKEN_BEFORE, NO_END) for line in lines)
    kept = any(line.outcome == KEPT for line in lines)
    return [*[ONE_CHANGE] * (searched and how == BINARY), *[ENDS_ONLY] * kept]


def accused(lines: Iterable[AnswerLine]) -> list[AnswerLine]:
    """The lines that accuse somebody."""
    return [line for line in lines if line.outcome in (CULPRIT, SUSPECTS)]
