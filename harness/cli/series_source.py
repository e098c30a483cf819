"""Where the series of a command comes from: one that ships with the harness, a directory, a range of commits, or a mailbox."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

from harness.cli.exit_codes import UsageError
from harness.cli.native_request import NO_NATIVE, NativeRequest
from harness.cli.selection import BudgetRequest, meant, series_named, ships, suite_with_stages
from harness.sources.directory import directory_series
from harness.sources.git_history import HEAD, lasting_name, lasting_range, parsed_range
from harness.sources.git_objects import GitObjects
from harness.sources.git_range import RangeRequest, open_repository, range_series
from harness.sources.made_of import StageFiles, inner_path, inner_paths, stage_files
from harness.sources.mailbox import MailRequest, mailbox_series
from harness.sources.project_file import NAME, Project, project_around, project_of
from harness.sources.safe_git import NoSource, text_of
from harness.sources.shipped import shipped_series
from harness.sources.sourced_series import SourcedSeries
from harness.suite.registry import UnknownSuite
from stages import SERIES
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
    native: NativeRequest

    @property
    def named(self) -> str:
        """The option that says where the series comes from; empty if there is none."""
        values = {"--series": self.series, "--range": self.range, "--mbox": self.mbox}
        return " and ".join(option for option, value in values.items() if value is not None)

    @property
    def words(self) -> tuple[str, ...]:
        """The options that say the same again, but for a series that ships, whose name replay strings have."""
        if self.series is not None and ships(self.series):
            return self.native.words
        pairs = (("--series", self.series), ("--range", self.range), ("--mbox", self.mbox), ("--base", self.base))
        found = [word for option, value in pairs if value is not None for word in (option, value)]
        found += [word for path in self.file for word in ("--file", path)]
        found += [] if self.repo is None else ["--repo", self.repo]
        return (*found, *["--all-commits"] * self.all_commits, *["--follow"] * self.follow, *self.native.words)


def suite_words(suite: str | None) -> tuple[str, ...]:
    """The option that names the suite again, if one was named."""
    return () if suite is None else ("--suite", suite)


def file_words(path: str, native: NativeRequest, suite: str | None) -> tuple[str, ...]:
    """The words that name the stage in a file again."""
    return (path, *native.words, *suite_words(suite))


NO_SOURCE = SourceRequest(None, None, None, None, (), None, all_commits=False, follow=False, native=NO_NATIVE)


@dataclass(frozen=True)
class Sourced:
    """A series, and what the repository that it comes from says about itself.

    `lasting`: what names the same series to somebody else, and later: commits by their hashes, not by branches or HEAD.
    """

    series: SourcedSeries
    lasting: SourceRequest
    project: Project = field(default_factory=Project)


def sourced(request: SourceRequest, suite: str | None = None) -> Sourced:
    """The series that was asked for, to be tested with `suite` if one is named; raises `UsageError`."""
    require_one(request)
    try:
        found = _sourced(request, suite)
    except (NoSource, UnknownSuite) as error:
        raise UsageError(str(error)) from None
    request.native.require_c(found.series.targets, *["--include"] * found.series.patches)
    return found


def _sourced(request: SourceRequest, suite: str | None) -> Sourced:
    if request.range is not None:
        return _from_range(request, request.range, suite)
    if request.mbox is not None:
        return _from_mailbox(request, request.mbox, suite)
    name = DEFAULT_SERIES if request.series is None else request.series
    if not ships(name) and os.path.isdir(name):
        return _from_directory(request, name, suite)
    if not ships(name) and os.path.dirname(name):
        raise UsageError(f"there is no directory {name!r} of stages")
    if not ships(name):
        raise UsageError(f"unknown series {name!r}{meant(name, SERIES)}: choose one of {', '.join(SERIES)}, or name a directory of stages")
    series = series_named(name)
    if request.native.include or request.native.header:
        raise UsageError(f"series {name} has its own headers: --include and --header are for others")
    return Sourced(shipped_series(series, request.native.settings(())), request)


def _from_directory(request: SourceRequest, directory: str, suite: str | None) -> Sourced:
    native = request.native
    includes, headers = (
        tuple(inner_path(os.path.relpath(path, directory), what=what) for path in paths)
        for paths, what in ((native.include, "directory"), (native.header, "header"))
    )
    return Sourced(directory_series(directory, _with_stages(suite) if suite else "", includes, native.settings(headers)), request)


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


def project_of_file(path: str) -> Project:
    """What the repository that a stage's file is in says about itself; raises `UsageError`."""
    try:
        return project_around(path)
    except NoSource as error:
        raise UsageError(str(error)) from None


def require_one(request: SourceRequest) -> None:
    """See that the series comes from one place, and that no option is about another one."""
    if " and " in request.named:
        raise UsageError(f"{request.named} name a series each: choose one")
    if request.base is not None and request.mbox is None:
        raise UsageError("--base goes with --mbox; a range has its base in it: BASE..TIP")
    if request.range is None and request.follow:
        raise UsageError("--follow goes with --range")
    about_commits = (("--file", request.file), ("--repo", request.repo is not None), ("--all-commits", request.all_commits))
    for option, value in about_commits:
        if value and request.range is None and request.mbox is None:
            raise UsageError(f"{option} goes with --range or --mbox")


def _from_range(request: SourceRequest, text: str, suite: str | None) -> Sourced:
    with open_repository(request.repo or ".") as objects:
        # The base of a range without one may be in the file, which may be in the tip.
        project = project_of(objects, parsed_range(text).tip)
        revisions = parsed_range(text, project.base)
        files = _files(request, objects, project)
        wanted = RangeRequest(revisions, files, _suite(suite, project), request.all_commits, request.follow)
        return Sourced(range_series(objects, wanted), replace(request, range=lasting_range(objects, revisions)), project)


def _from_mailbox(request: SourceRequest, mailbox: str, suite: str | None) -> Sourced:
    with open_repository(request.repo or ".") as objects:
        project = project_of(objects, request.base or HEAD)
        files = _files(request, objects, project)
        base = request.base or project.base
        wanted = MailRequest(mailbox, base, files, _suite(suite, project), request.all_commits)
        return Sourced(mailbox_series(objects, wanted), replace(request, base=lasting_name(objects, base or HEAD)), project)


def _files(request: SourceRequest, objects: GitObjects, project: Project) -> StageFiles:
    named = inner_paths([text_of(os.fsencode(path)) for path in request.file], objects.prefix)
    if not named and not project.files:
        raise UsageError(f'which file is the stage? Name it with --file PATH, or in {NAME}: files = ["PATH"]')
    native = request.native
    includes, headers = (
        inner_paths([text_of(os.fsencode(path)) for path in paths], objects.prefix, what)
        for paths, what in ((native.include, "directory"), (native.header, "header"))
    )
    settings = native.settings(headers).or_else(project.native)
    return stage_files(named or project.files, includes or project.includes, settings)


def _suite(suite: str | None, project: Project) -> str:
    return _with_stages(suite or project.suite or DEFAULT_SUITE)


def _with_stages(suite: str) -> str:
    return suite_with_stages(suite).found_as
