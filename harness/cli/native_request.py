"""How stages in C are compiled, as far as the command line says so: the same options wherever stages are named."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.cli.exit_codes import UsageError
from harness.native.native_options import NativeOptions
from harness.sources.native_settings import NativeSettings, dialects, require_known
from harness.sources.project_file import project_around
from harness.sources.safe_git import NoSource
from harness.sources.single_file import target_of_file
from harness.sources.target import Target
from stages.api import DEFAULT_SUITE

FLAG = "--cflag"


@dataclass(frozen=True)
class NativeRequest:
    """The options; paths are the user's."""

    include: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    dialect: str | None = None
    cc: str | None = None
    cflag: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The options that say the same again."""
        pairs = [("--include", path) for path in self.include] + [("--header", path) for path in self.header]
        pairs += [(option, value) for option, value in (("--dialect", self.dialect), ("--cc", self.cc)) if value is not None]
        return (*(word for pair in pairs for word in pair), *(f"{FLAG}={flag}" for flag in self.cflag))

    def settings(self, headers: Sequence[str]) -> NativeSettings:
        """The same for sources, which see the headers at these paths; raises `UsageError`."""
        try:
            return require_known(NativeSettings(tuple(headers), self.dialect or "", self.cc or "", self.cflag))
        except NoSource as error:
            raise UsageError(str(error)) from None

    def require_c(self, targets: Sequence[Target], *also: str) -> None:
        """See that there is a stage in C if an option is about one; raises `UsageError`. `also` are options that are about every stage."""
        named = [word.partition("=")[0] for word in self.words if word.startswith("--")]
        if (wrong := [option for option in named if option not in also]) and not any(target.is_c for target in targets):
            raise UsageError(f"{wrong[0]} is about stages in C, and there is none here")


NO_NATIVE = NativeRequest()


def native_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to a parser."""
    usual = NativeOptions()
    parser.add_argument("--include", action="append", default=[], metavar="DIR", help="a directory to include or import from")
    header = "of a stage in C: a header of its own, which comes before that of the dialect"
    parser.add_argument("--header", action="append", default=[], metavar="FILE", help=header)
    dialect = f"of a stage in C: the headers that it finds, of {', '.join(dialects())} (default: {usual.dialect})"
    parser.add_argument("--dialect", metavar="NAME", help=dialect)
    parser.add_argument("--cc", metavar="CC", help=f"the C compiler (default: {usual.cc})")
    parser.add_argument(FLAG, action="append", default=[], metavar="FLAG", help="a flag for it, such as -O2 or -DNDEBUG")


def flags_joined(words: Sequence[str]) -> Iterator[str]:
    """The same words; a flag, which looks like an option, is one word with the option that it belongs to."""
    waiting = iter(words)
    for word in waiting:
        flag = next(waiting, None) if word == FLAG else None
        yield word if flag is None else f"{word}={flag}"


def target_named(path: str, request: NativeRequest, suite: str | None = None) -> Target:
    """The stage in a file that was named, made as its repository says, as far as no option does; `suite`: to be tested with that one.

    Raises `UsageError` if an option names what is not there, or the repository's file is wrong.
    """
    for option, paths, there in (("--include", request.include, os.path.isdir), ("--header", request.header, os.path.isfile)):
        for each in paths:
            if not there(each):
                raise UsageError(f"{option}: there is no {'directory' if there is os.path.isdir else 'file'} {each}")
    try:
        project = project_around(path)
        settings = request.settings(request.header).or_else(project.native)
        found = target_of_file(path, suite or project.suite or DEFAULT_SUITE, request.include or project.includes, settings, project.files)
    except NoSource as error:
        raise UsageError(str(error)) from None
    request.require_c([found], "--include")
    return found
