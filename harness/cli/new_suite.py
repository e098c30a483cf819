"""The command `new-suite`, which writes a suite that works, with a series and a test, for its user to make another one of."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from harness.cli.exit_codes import GOOD, UsageError
from harness.cli.skeleton import USUAL_NAME, files_called
from harness.stopping import uninterrupted


@dataclass(frozen=True)
class NewSuiteRequest:
    """What `harness new-suite` was asked for."""

    directory: str


def new_suite(request: NewSuiteRequest) -> int:
    """Write a suite of your own that works: about a counter, with a series of one patch and a test.

    The directory must not exist, or be empty; suite and series are called what it is called. docs/your-own-suite.md says how to go on.
    """
    directory = Path(request.directory)
    files = files_called(_name_of(request.directory))
    try:
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise UsageError(f"{request.directory} is there already: name a directory that is not, or an empty one")
        with uninterrupted():
            for name, text in files.items():
                path = directory / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot write {request.directory}: {getattr(error, 'strerror', None) or error}") from None
    print(
        "\n".join(
            [
                *(f"wrote {directory / name}" for name in files),
                f"try it: harness run --series {shlex.quote(str(directory / 'series'))} --no-perf",
            ]
        )
    )
    return GOOD


def _name_of(directory: str) -> str:
    """What a suite in that directory is called: a word that a file name, Python and TOML take."""
    return re.sub(r"\W+", "_", os.path.basename(os.path.abspath(directory))).strip("_") or USUAL_NAME
