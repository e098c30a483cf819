"""The command `compare`, which tests two versions of a series and says what the second one mends and newly breaks."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from harness.cli.accusations_github import accuse_on_github
from harness.cli.carry_out import Plan, Run, carry_out, effort, plan_without_core, say_interrupted, selection_of
from harness.cli.compare_page import ComparedRuns, page_of_versions
from harness.cli.exit_codes import BAD, GOOD, UNDECIDED, UsageError
from harness.cli.github import require_github
from harness.cli.native_request import NativeRequest
from harness.cli.remembered import remembered
from harness.cli.run_words import budget_words, option_words
from harness.cli.selection import (
    BudgetRequest,
    clauses_named,
    file_errors,
    ships,
    suite_with_stages,
    targets_of_suite,
)
from harness.cli.series_source import NO_SOURCE, Sourced, SourceRequest, sourced, suite_words, with_project
from harness.jobs.outcome_cache import OutcomeCache
from harness.report.accused_by_versions import accused_by_versions, open_ends
from harness.report.failures_table import failures_text, not_run_lines, sc_line, undecided_lines, untestable_lines
from harness.report.files import STDOUT, require_distinct, require_writable, write_atomically
from harness.report.fitted_text import fitted
from harness.report.tables import headed
from harness.report.versions_json import versions_json
from harness.report.versions_table import NAMES, Sides, patches_of, version_lines, versions_sentence, versions_table
from harness.sources.matched_patches import matched_patches
from harness.sources.sourced_series import SourcedSeries
from harness.suite.suite import Suite
from harness.verify.conclusions import Conclusion, bisectable, count_of
from harness.verify.faults import violations
from harness.verify.versions import Version, Versions, compare_versions


@dataclass(frozen=True)
class CompareRequest:
    """What `harness compare` was asked for: two versions, and where commits and patches are."""

    v1: str
    v2: str
    base: str | None
    new_base: str | None
    file: tuple[str, ...]
    repo: str | None
    all_commits: bool
    follow: bool
    suite: str | None
    check: tuple[str, ...]
    budget: BudgetRequest
    jobs: int
    no_cache: bool
    tablefmt: str
    json: str | None
    html: str | None
    github: bool
    native: NativeRequest

    @property
    def files(self) -> dict[str, str | None]:
        """The files that are asked for, by their options."""
        return {"--json": self.json, "--html": self.html}

    @property
    def words(self) -> tuple[str, ...]:
        """What to type to have the same results."""
        others = {"--new-base": self.new_base, "--suite": self.suite}
        check = ["--check", *self.check] if self.check else []
        commits = replace(self.commits, base=self.base, follow=self.follow)
        return ("compare", self.v1, self.v2, *commits.words, *option_words(others), *check, *budget_words(self.budget))

    @property
    def commits(self) -> SourceRequest:
        """What is said of commits and patches, whichever version they are of."""
        return replace(NO_SOURCE, file=self.file, repo=self.repo, all_commits=self.all_commits, native=self.native)


def compare(request: CompareRequest) -> int:
    """Compare two versions of a series, patch by patch and verdict by verdict.

    Each version is BASE..TIP, a mailbox, a directory, or the name of a series. Exit code 0: no patch of the second version newly breaks a
    clause. 1: one does. 3: none does, but something could not be compared. 2: wrong usage.
    """
    sources = _sources(request)
    found = [sourced(source, request.suite) for source in sources]
    suite = _suite(request, found)
    plan = _plan(request, found, suite)
    with file_errors():
        require_distinct(request.files)
        for path in filter(None, request.files.values()):
            require_writable(path)
    if request.github:
        require_github()
    with remembered(request.no_cache) as cache:
        runs = _carried_out([each.series for each in found], suite, plan, request.jobs, cache)
    if runs[-1].interrupted:
        return say_interrupted(runs[-1], [], cache, " of v2" if len(runs) == len(found) else " of v1, and nothing of v2 was tested")
    concluded = [_concluded(each.series, suite, plan, done) for each, done in zip(found, runs, strict=True)]
    sides = Sides((found[0].series, found[1].series), (concluded[0], concluded[1]))
    versions = _compared(sides, runs)
    own = suite_words(request.suite)
    _show(request, sides, versions, runs, (*sources[1].words, *own))
    if request.html is not None:
        named = (*found[0].lasting.words, *own), (*found[1].lasting.words, *own)
        done = ComparedRuns(sides, versions, runs, suite, named, tuple(_lines(sides, versions, runs)), request.words)
        _write_page(request.html, done, request.jobs)
    if request.github:
        accused = accused_by_versions(sides, versions, runs[1].stages, suite, (*found[1].lasting.words, *own))
        accuse_on_github(accused, open_ends(sides, versions), runs[1].targets, sources[1], request.jobs)
    return BAD if versions.new else UNDECIDED if versions.undecided else GOOD


def _sources(request: CompareRequest) -> list[SourceRequest]:
    """Where each version comes from; raises `UsageError` if an option is about neither."""
    bases = (request.base, request.new_base or request.base)
    made = [_source(word, base, request) for word, base in zip((request.v1, request.v2), bases, strict=True)]
    needed = {
        "--base": (request.base is not None, any(each.mbox for each in made)),
        "--new-base": (request.new_base is not None, bool(made[1].mbox)),
        "--follow": (request.follow, any(each.range for each in made)),
    }
    commits = any(each.mbox or each.range for each in made)
    about = {"--file": bool(request.file), "--repo": request.repo is not None, "--all-commits": request.all_commits}
    needed |= {option: (given, commits) for option, given in about.items()}
    for option, (given, used) in needed.items():
        if given and not used:
            raise UsageError(f"{option} is about commits or patches in a mailbox, and there are none here")
    return made


def _source(word: str, base: str | None, request: CompareRequest) -> SourceRequest:
    """What a word stands for: something that is there, or a range."""
    if ships(word) or os.path.isdir(word):
        return replace(NO_SOURCE, series=word, native=request.native)
    if os.path.exists(word):
        return replace(request.commits, mbox=word, base=base)
    if ".." not in word or word.startswith(("./", "../", "/")):
        raise UsageError(f"there is no {word!r}: name a range BASE..TIP, a mailbox, a directory of stages, or a series")
    return replace(request.commits, range=word, follow=request.follow)


def _suite(request: CompareRequest, found: Sequence[Sourced]) -> Suite:
    names = {request.suite} if request.suite else {each.series.suite for each in found}
    if len(names) > 1:
        raise UsageError(f"the versions have suites of their own, {' and '.join(sorted(names))}: name one with --suite")
    return suite_with_stages(names.pop())


def _plan(request: CompareRequest, found: Sequence[Sourced], suite: Suite) -> Plan:
    """The same for both versions; what the options leave open, the project of the second version says first."""
    asked = with_project(with_project(request.budget, found[1].project), found[0].project)
    return plan_without_core(clauses_named(suite, request.check), asked, suite, "compare")


def _carried_out(series: Sequence[SourcedSeries], suite: Suite, plan: Plan, jobs: int, cache: OutcomeCache | None) -> list[Run]:
    """Test one version after the other, up to where somebody interrupts that; what they have in common comes from the cache."""
    runs: list[Run] = []
    for each in series:
        runs.append(carry_out(targets_of_suite(suite, each, ()), plan, jobs, cache))
        if runs[-1].interrupted:
            break
    return runs


def _concluded(series: SourcedSeries, suite: Suite, plan: Plan, done: Run) -> Conclusion:
    return bisectable(done.stages, selection_of(series, suite, plan, done.targets), accepted=series.accepted)


def _compared(sides: Sides, runs: Sequence[Run]) -> Versions:
    before, after = (_by_model(done, conclusion) for done, conclusion in zip(runs, sides.conclusions, strict=True))
    pairs = [(clause, kind) for clause, kinds in sides.conclusions[0].selection.clauses for kind in kinds]
    ends = [f"{name} ends early: {each.ends_early}" for name, each in zip(NAMES, sides.series, strict=True) if each.ends_early]
    return compare_versions(matched_patches(*(each.targets for each in sides.series)), pairs, before, after, ends)


def _by_model(done: Run, conclusion: Conclusion) -> dict[str, Version]:
    models = conclusion.models or {conclusion.selection.models[0]: conclusion}
    return {model: Version([stage.under(model) for stage in done.stages], of) for model, of in models.items()}


def _show(request: CompareRequest, sides: Sides, versions: Versions, runs: Sequence[Run], words: Sequence[str]) -> None:
    if request.json is not None:
        with file_errors():
            write_atomically(request.json, versions_json(sides, versions))
    one, other = (f"{name}: {each.name} ({patches_of(len(each.targets) - 1)})" for name, each in zip(NAMES, sides.series, strict=True))
    head = f"{one} · {other} · {count_of(len(runs[0].plan.clauses), 'clause')} · {effort(runs[0].plan)}"
    parts = [
        headed(head, versions_table(sides, versions, request.tablefmt)),
        headed("what v2 violates:", failures_text(runs[1].stages, request.tablefmt, words)) if violations(runs[1].stages) else "",
        sc_line(runs[1].stages),
        "\n".join(_lines(sides, versions, runs)),
        versions_sentence(sides, versions),
    ]
    print(fitted("\n\n".join(filter(None, parts)), request.tablefmt), file=sys.stderr if STDOUT in request.files.values() else sys.stdout)


def _write_page(path: str, done: ComparedRuns, jobs: int) -> None:
    """Raises `KeyboardInterrupt` when it is written, if somebody did not want to wait for all that it shows."""
    page, interrupted = page_of_versions(done, jobs)
    with file_errors():
        write_atomically(path, page)
    if interrupted:
        raise KeyboardInterrupt


def _lines(sides: Sides, versions: Versions, runs: Sequence[Run]) -> Iterator[str]:
    """What the table has no room for, and what there is to say about each version."""
    yield from version_lines(sides, versions)
    for name, done, each in zip(NAMES, runs, sides.series, strict=True):
        yield from _said(name, done, each)


def _said(name: str, done: Run, series: SourcedSeries) -> list[str]:
    """What there is to say about one version: what has no verdict, and where it comes from."""
    lines = [*untestable_lines(done.stages, done.problems_by_stage), *undecided_lines(done.stages)]
    lines += not_run_lines([stage for position, stage in enumerate(done.stages) if position not in done.problems])
    return [f"{name}: {line}" for line in (*lines, *series.notes)]
