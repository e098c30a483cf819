"""The command `new-suite`, which writes a suite that works, with a series and a test, for its user to make another one of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.cli.exit_codes import GOOD, UsageError
from harness.cli.skeleton import FILES


@dataclass(frozen=True)
class NewSuiteRequest:
    """What `harness new-suite` was asked for."""

    directory: str


def new_suite(request: NewSuiteRequest) -> int:
    """Write a suite of your own that works: about a counter, with a series of one patch and a test.

    The directory must not exist, or be empty. docs/your-own-suite.md says how to go on.
    """
    directory = Path(request.directory)
    try:
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise UsageError(f"{request.directory} is there already: name a directory that is not, or an empty one")
        for name, text in FILES.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot write {request.directory}: {getattr(error, 'strerror', None) or error}") from None
    print("\n".join([*(f"wrote {directory / name}" for name in FILES), f"try it: harness run --series {directory / 'series'} --no-perf"]))
    return GOOD
