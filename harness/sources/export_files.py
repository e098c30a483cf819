"""What the commits of an exported series have in them: of a stage in Python its file and what is beside it, of one in C its headers too.

There, a `harness.toml` says what the stage is, so that a range of the repository can be tested as it is.
"""

from __future__ import annotations

import json
import os
import posixpath
import shlex
from collections.abc import Mapping, Sequence

from harness.native.native_options import NativeOptions
from harness.sources.c_beside import UP
from harness.sources.named_words import written_words
from harness.sources.project_file import NAME
from harness.sources.sourced_series import SourcedSeries
from harness.sources.target import Target
from harness.suite.own_suite import place_of
from stages.api import DEFAULT_SUITE


def exported_file(series: SourcedSeries) -> str:
    """Where the file of every stage is: so far down that whatever it includes from directories above is in the repository."""
    in_c = [target for target in series.targets if target.is_c]
    up = max((_up(name) for target in in_c for name, _ in target.beside), default=0)
    if not up:
        return series.file
    above = posixpath.dirname(in_c[0].path).split("/")
    return "/".join([*above[-up:], series.file])


def exported_files(series: SourcedSeries, target: Target) -> Mapping[str, bytes]:
    """The files of a stage, by their paths; none if it has a problem."""
    file = exported_file(series)
    if target.problem:
        return {}
    if not target.is_c:
        return {file: target.source, **dict(target.beside)}
    headers = {_place(name, file, series.headers): content for name, content in target.beside}
    return {file: target.source, **headers, NAME: _project(file, sorted(headers), target.native or NativeOptions())}


def check_command(series: SourcedSeries, clause: str) -> str:
    """What tests the file of a stage for one clause, with all the headers that stages have, and wherever the suite is."""
    file = exported_file(series)
    places = dict.fromkeys(path for target in series.targets if target.is_c for path in exported_files(series, target))
    headers = [word for path in places if path not in (file, NAME) for word in ("--header", path)]
    return shlex.join(["harness", "check", file, *headers, *_options(series), *_suite(series), "--check", clause])


def _suite(series: SourcedSeries) -> Sequence[str]:
    """The suite that the file alone does not tell: one of one's own is a file outside of the repository."""
    if series.suite == DEFAULT_SUITE:
        return []
    place = place_of(series.suite)
    return ["--suite", os.path.abspath(place) if place else series.suite]


def _options(series: SourcedSeries) -> Sequence[str]:
    native, usual = series.targets[-1].native, NativeOptions()
    if native is None:
        return []
    words = [("--dialect", native.dialect)] * (native.dialect != usual.dialect) + [("--cc", native.cc)] * (native.cc != usual.cc)
    return [*(word for pair in words for word in pair), *(f"--cflag={flag}" for flag in native.cflags)]


def _place(name: str, file: str, headers: Sequence[str]) -> str:
    """Where a header goes that is called so in `#include`: where it is known to be, or else as it is seen from the stage."""
    known = next((header for header in headers if header == name or header.endswith(f"/{name}")), None)
    return known or posixpath.normpath(posixpath.join(posixpath.dirname(file), name))


def _up(name: str) -> int:
    """How many directories a name leads up."""
    return name.count(UP) if name.startswith(UP) else 0


def _project(file: str, headers: Sequence[str], native: NativeOptions) -> bytes:
    """A `harness.toml`. Texts are written in TOML as in JSON."""
    usual = NativeOptions()
    said: dict[str, object] = {"files": [file], "headers": headers}
    said |= {"dialect": native.dialect} if native.dialect != usual.dialect else {}
    said |= {"cc": native.cc} if native.cc != usual.cc and "/" not in native.cc else {}
    said |= {"cflags": native.cflags} if native.cflags else {}
    said |= {"intended-races": native.intended_races} if native.intended_races else {}
    keys = "".join(f"{key} = {json.dumps(value)}\n" for key, value in said.items())
    return f"{keys}{written_words(native.words)}".encode()
