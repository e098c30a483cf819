"""Where the series of a command comes from: one that ships with the harness, a directory, a range of commits, or a mailbox."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from harness.cli.exit_codes import UsageError
from harness.cli.selection import BudgetRequest, series_named, suite_called
from harness.sources.git_history import parsed_range
from harness.sources.git_objects import GitObjects
from harness.sources.git_range import RangeRequest, open_repository, range_series
from harness.sources.made_of import StageFiles, inner_paths
from harness.sources.project_file import NAME, Project, project_of
from harness.sources.safe_git import NoSource
from harness.sources.shipped import shipped_series
from harness.sources.sourced_series import SourcedSeries
from stages.api import DEFAULT_SUITE

DEFAULT_SERIES = "fixed"


@dataclass(frozen=True)
class SourceRequest:
    """Where the series comes from, as far as it was asked for."""

    series: str | None
    range: str | None
    mbox: str | None
    base: str | None
    file: tuple[str, ...]
    repo: str | None
    all_commits: bool
    follow: bool


@dataclass(frozen=True)
class Sourced:
    """A series, and what the repository that it comes from says about itself."""

    series: SourcedSeries
    project: Project = field(default_factory=Project)


def sourced(request: SourceRequest, suite: str | None = None) -> Sourced:
    """The series that was asked for, to be tested with `suite` if one is named; raises `UsageError`."""
    _require_one(request)
    try:
        if request.range is not None:
            return _from_range(request, request.range, suite)
        name = request.series or DEFAULT_SERIES
        return Sourced(shipped_series(series_named(name)))
    except NoSource as error:
        raise UsageError(str(error)) from None


def with_project(request: BudgetRequest, project: Project) -> BudgetRequest:
    """The budget that was asked for, and otherwise what the project says."""
    said = project.budget
    return replace(
        request,
        seeds=said.seeds if request.seeds is None else request.seeds,
        executions=said.executions if request.executions is None else request.executions,
        preemptions=said.preemptions if request.preemptions is None else request.preemptions,
        accept_bound=said.accept_bound if request.accept_bound is None else request.accept_bound,
        deep=request.deep or said.deep,
        models=request.models or said.models,
    )


def _require_one(request: SourceRequest) -> None:
    """See that the series comes from one place, and that no option is about another one."""
    named = [
        option
        for option, value in (("--series", request.series), ("--range", request.range), ("--mbox", request.mbox))
        if value is not None
    ]
    if len(named) > 1:
        raise UsageError(f"{' and '.join(named)} name a series each: choose one")
    if request.base is not None and request.mbox is None:
        raise UsageError("--base goes with --mbox; a range has its base in it: BASE..TIP")
    if request.range is None and (request.all_commits or request.follow):
        raise UsageError(f"{'--all-commits' if request.all_commits else '--follow'} goes with --range")
    if request.range is None and request.mbox is None and (request.file or request.repo is not None):
        raise UsageError(f"{'--file' if request.file else '--repo'} goes with --range or --mbox")


def _from_range(request: SourceRequest, text: str, suite: str | None) -> Sourced:
    with ExitStack() as stack:
        objects = stack.enter_context(open_repository(request.repo or "."))
        # The base of a range without one may be in the file, which may be in the tip.
        project = project_of(objects, parsed_range(text).tip)
        revisions = parsed_range(text, project.base)
        files = _files(request, objects, project)
        wanted = RangeRequest(revisions, files, _suite(suite, project), request.all_commits, request.follow)
        return Sourced(range_series(objects, wanted), project)


def _files(request: SourceRequest, objects: GitObjects, project: Project) -> StageFiles:
    named = inner_paths([os.fsencode(path).decode("utf-8", "surrogateescape") for path in request.file], objects.prefix)
    if not named and not project.files:
        raise UsageError(f'which file is the stage? Name it with --file PATH, or in {NAME}: files = ["PATH"]')
    return StageFiles(named or project.files, project.includes)


def _suite(suite: str | None, project: Project) -> str:
    found = suite_called(suite or project.suite or DEFAULT_SUITE)
    if not found.has_stages:
        raise UsageError(f"suite {found.name} has no stages to take from a repository")
    return found.name
